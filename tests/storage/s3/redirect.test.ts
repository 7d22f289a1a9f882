import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { graphql } from "../../generated/index.ts";
import { claims, sign, trusting } from "../../auth/issuer.ts";
import { clientOf } from "../../support/client.ts";
import { closers } from "../../support/closers.ts";
import { makeJpeg } from "../../support/pictures.ts";
import { makeTestBucket, s3Endpoint } from "../../support/s3.ts";
import { startFaultyStore } from "../../support/s3-proxy.ts";
import { startServer } from "../../support/server.ts";
import { upload as uploadNamed } from "../../support/uploading.ts";
import { envOf, start, upload } from "./serving.ts";

const URLS = graphql(`
  query UrlsToBeRedirected($id: ID!) {
    entity(id: $id) {
      fileUrl
      download: fileUrl(download: true)
      thumbnail(width: 32) {
        url
      }
    }
  }
`);

const redirecting = async (others: Readonly<Record<string, string>> = {}) => {
  const bucket = await makeTestBucket();
  const { server } = await start(bucket, undefined, { S3_REDIRECT: "true", ...others });
  return { bucket, server };
};

/** The app's page as the build leaves it, small. */
async function makePage(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "colan-pages-"));
  closers.push(() => rm(dir, { recursive: true }));
  await mkdir(join(dir, "app"));
  await writeFile(join(dir, "app/index.html"), "<!doctype html><title>The app</title>");
  const file = { name: "app/index.html", type: "text/html", etag: '"app"', encodings: [] };
  await writeFile(join(dir, "manifest.json"), JSON.stringify({ madeOf: "nothing", files: [file] }));
  return dir;
}

const ask = (url: string, init: RequestInit = {}) => fetch(url, { redirect: "manual", ...init });
const svg = Buffer.from(
  `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>1</script></svg>`,
);

describe.skipIf(s3Endpoint == null)("a server that leads clients to the store", () => {
  test("answers a picture's URL with one of the store, for a short while, which nobody may keep", async () => {
    const { bucket, server } = await redirecting();
    const bytes = await makeJpeg();
    const { fileUrl, filePath } = await upload(server, bytes);
    const led = await ask(fileUrl);
    expect(led.status).toBe(307);
    expect(led.headers.get("cache-control")).toBe("private, no-store");
    expect(led.headers.get("etag")).toBeNull();
    const location = new URL(led.headers.get("location")!);
    expect(location.origin).toBe(s3Endpoint);
    expect(location.pathname).toBe(`/${bucket.access.bucket}/${bucket.access.prefix}${filePath}`);
    expect(Number(location.searchParams.get("X-Amz-Expires"))).toBe(900);

    const answer = await fetch(fileUrl);
    expect([answer.status, answer.redirected, answer.headers.get("content-type")]).toEqual([
      ...[200, true, "image/jpeg"],
    ]);
    expect(answer.headers.get("cache-control")).toBe("private, max-age=900, immutable");
    expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
  });

  test("leads to the file's name and type also where it is to be saved, and to the same URL for a while", async () => {
    const { server } = await redirecting({ S3_REDIRECT_SECONDS: "604800" });
    const { entity } = await uploadNamed(server, await makeJpeg(), { name: 'żółw "1".jpg' });
    const urls = (await server.run(URLS, { id: entity.id })).entity!;
    for (const [path, kind] of [
      [urls.fileUrl!, "inline"],
      [urls.download!, "attachment"],
    ] as const) {
      const { headers } = await fetch(server.url + path);
      expect(headers.get("content-type")).toBe("image/jpeg");
      expect(headers.get("content-disposition")).toBe(
        `${kind}; filename="???w \\"1\\".jpg"; filename*=UTF-8''%C5%BC%C3%B3%C5%82w%20%221%22.jpg`,
      );
    }
    const once = (await ask(server.url + urls.fileUrl!)).headers.get("location");
    expect((await ask(server.url + urls.fileUrl!)).headers.get("location")).toBe(once);
  });

  test("leads HEAD and ranges there too, with the store's ETag for what is asked next", async () => {
    const { server } = await redirecting();
    const bytes = await makeJpeg();
    const { fileUrl } = await upload(server, bytes);
    const head = await fetch(fileUrl, { method: "HEAD" });
    expect([head.status, head.redirected, head.headers.get("content-length")]).toEqual([
      ...[200, true, String(bytes.length)],
    ]);
    expect(head.headers.get("content-type")).toBe("image/jpeg");
    for (const more of [{}, { "if-range": head.headers.get("etag")! }]) {
      const part = await fetch(fileUrl, { headers: { range: "bytes=10-19", ...more } });
      expect([part.status, part.redirected, part.headers.get("content-range")]).toEqual([
        ...[206, true, `bytes 10-19/${bytes.length}`],
      ]);
      expect(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(10, 20))).toBe(true);
    }
    const none = await fetch(fileUrl, { headers: { range: `bytes=${bytes.length}-` } });
    expect(none.status).toBe(416);
  });

  // The store does not know our ETags: it would refuse what holds, or send all of a file of which a part is wanted.
  test("answers itself what is asked with its own ETag", async () => {
    const { server } = await redirecting();
    const bytes = await makeJpeg();
    const { fileUrl } = await upload(server, bytes);
    const etag = `"${/([0-9a-f]{64})/.exec(fileUrl)![1]}"`;
    const known = await ask(fileUrl, { headers: { "if-none-match": etag } });
    expect([known.status, known.headers.get("etag")]).toEqual([304, etag]);
    const matched = await ask(fileUrl, { headers: { "if-match": etag } });
    expect([matched.status, matched.headers.get("etag")]).toEqual([200, etag]);
    const part = await ask(fileUrl, { headers: { range: "bytes=0-0", "if-range": etag } });
    expect([part.status, part.headers.get("content-range")]).toEqual([206, `bytes 0-0/${bytes.length}`]);
  });

  test.each([
    ["an SVG", svg],
    ["a PDF", Buffer.from("%PDF-1.4\n%%EOF\n")],
  ])("sends %s itself, with the headers that make it harmless", async (_what, bytes) => {
    const { server } = await redirecting();
    const { entity } = await uploadNamed(server, bytes);
    const { fileUrl } = (await server.run(URLS, { id: entity.id })).entity!;
    const { status, headers } = await ask(server.url + fileUrl!);
    expect(status).toBe(200);
    expect(headers.get("content-disposition")).toMatch(/^attachment/);
    expect(headers.get("content-security-policy")).toBe("default-src 'none'; sandbox");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  });

  test("sends pictures made from files itself, and lets its pages load files from the store", async () => {
    const bucket = await makeTestBucket();
    const pagesDir = await makePage();
    const env = { ...envOf(bucket), S3_REDIRECT: "true" };
    const server = await startServer({ env, pagesDir });
    const { pictureUrl } = await upload(server, await makeJpeg());
    expect((await ask(server.url + pictureUrl)).status).toBe(200);
    const page = await fetch(`${server.url}/`, { headers: { accept: "text/html" } });
    const policy = page.headers.get("content-security-policy");
    expect(policy).toContain(`img-src 'self' data: ${s3Endpoint};`);
    expect(policy).toContain(`media-src 'self' ${s3Endpoint};`);
  });

  test("asks for the permission first, and signs nothing for a file that is not there", async () => {
    const { server } = await redirecting(trusting());
    const token = await sign(claims({ permissions: ["media_store_admin"] }));
    const client = clientOf(server.url, token);
    const { entity } = await uploadNamed(client, await makeJpeg());
    const fileUrl = server.url + (await client.run(URLS, { id: entity.id })).entity!.fileUrl!;
    const bare = fileUrl.split("?")[0]!;
    const bearer = { authorization: `Bearer ${token}` };
    const answers = [
      await ask(fileUrl),
      await ask(bare, { headers: bearer }),
      await ask(bare),
      await ask(fileUrl.replace(/signature=.{4}/, "signature=AAAA")),
      await ask(bare.replace(/[0-9a-f]{32}/, "0".repeat(32)), { headers: bearer }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([307, 307, 401, 403, 404]);
    expect(answers.map(({ headers }) => headers.has("location"))).toEqual([true, true, false, false, false]);
  });

  test("names the store as clients reach it, where that is elsewhere", async () => {
    const bucket = await makeTestBucket();
    const outside = await startFaultyStore(s3Endpoint!, bucket.access.client, null);
    const { server } = await start(bucket, undefined, {
      ...{ S3_REDIRECT: "1", S3_PUBLIC_ENDPOINT: outside.endpoint },
    });
    const bytes = await makeJpeg();
    const { fileUrl } = await upload(server, bytes);
    expect((await ask(fileUrl)).headers.get("location")).toContain(`${outside.endpoint}/`);
    expect(Buffer.from(await (await fetch(fileUrl)).arrayBuffer()).equals(bytes)).toBe(true);
    expect(outside.count()).toBe(1);
  });
});
