import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { HARD_DELETE, SOFT_DELETE } from "../support/documents.ts";
import { addCollection, addPicture } from "../support/library.ts";
import { makeQuadrants } from "../support/quadrants.ts";
import { startServer, startSharedServer, type TestServer } from "../support/server.ts";
import { addOriginal, makeTurnedJpeg } from "./originals.ts";
import { LOOKS, looksOf, thumbnailUrl } from "./looks.ts";

let server: TestServer;
let photo: string;

beforeAll(async () => {
  server = await startSharedServer();
  photo = (await addOriginal(server, await makeTurnedJpeg(1600, 1200))).id;
});
afterAll(() => server.stop());

/** With the table of places that exiftool looks for (ISO 32000-1, 7.5.4). */
function makePdf(): Buffer {
  const objects = ["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[]/Count 0>>"];
  let text = "%PDF-1.4\n";
  const places = objects.map((object, index) => {
    const place = text.length;
    text += `${index + 1} 0 obj${object}endobj\n`;
    return `${String(place).padStart(10, "0")} 00000 n \n`;
  });
  const table = `xref\n0 3\n0000000000 65535 f \n${places.join("")}`;
  return Buffer.from(`${text}${table}trailer<</Size 3/Root 1 0 R>>\nstartxref\n${text.length}\n%%EOF\n`);
}

const listDerivatives = async ({ mediaDir }: TestServer) => {
  // The folder is made with the first derivative.
  const entries = await readdir(join(mediaDir, ".derivatives"), {
    recursive: true,
    withFileTypes: true,
  }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
};

describe("a thumbnail", () => {
  test("comes with its address and size before it is made, and has that size once it is", async () => {
    const { thumbnail } = await looksOf(server, photo, { width: 300, height: 300 });
    expect(thumbnail).toMatchObject({ width: 300, height: 225, format: "WEBP" });
    expect(await listDerivatives(server)).toEqual([]);
    const response = await fetch(new URL(thumbnail!.url, server.url));
    expect(response.status).toBe(200);
    const { format, width, height } = await sharp(Buffer.from(await response.arrayBuffer())).metadata();
    expect({ format, width, height }).toEqual({ format: "webp", width: 300, height: 225 });
    expect(await listDerivatives(server)).toEqual(["thumbnail.2.w300.webp"]);
  });

  test.each([
    ["WEBP", "image/webp"],
    ["AVIF", "image/avif"],
    ["JPEG", "image/jpeg"],
    ["PNG", "image/png"],
  ] as const)("in %s is served forever as %s", async (format, mimeType) => {
    const url = await thumbnailUrl(server, photo, { width: 64, format });
    const { headers } = await fetch(url);
    expect(headers.get("content-type")).toBe(mimeType);
    expect(headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    const etag = headers.get("etag") ?? "";
    expect(etag).toMatch(/^"[^"]+"$/);
    const again = await fetch(url, { headers: { "if-none-match": etag } });
    expect({ status: again.status, body: await again.text() }).toEqual({ status: 304, body: "" });
  });

  test("has an ETag of its own for each size", async () => {
    const etags = await Promise.all(
      [64, 96].map(async (width) => {
        const response = await fetch(await thumbnailUrl(server, photo, { width }), { method: "HEAD" });
        return response.headers.get("etag");
      }),
    );
    expect(new Set(etags).size).toBe(2);
  });

  test("can be had by the name of a size", async () => {
    const { thumbnail } = await looksOf(server, photo, { size: "GRID" });
    expect(thumbnail).toMatchObject({ width: 320, height: 240 });
    expect(await server.fail(LOOKS, { id: photo, size: "GRID", width: 100 })).toMatchObject({
      extensions: { code: "BAD_USER_INPUT", field: "size" },
    });
  });

  test.each([15, 4097, -1])("of %i pixels is refused", async (width) => {
    expect(await server.fail(LOOKS, { id: photo, width })).toMatchObject({
      extensions: { code: "BAD_USER_INPUT", field: "width" },
    });
  });

  test("is null for a collection", async () => {
    const id = await addCollection(server, "holiday");
    expect(await looksOf(server, id)).toMatchObject({
      ...{ thumbnail: null, poster: null, preview: null, placeholder: null, dominantColour: null },
    });
  });

  test("is null for a document without pages, which says why", async () => {
    const { id } = await addOriginal(server, makePdf());
    expect(await looksOf(server, id)).toMatchObject({ thumbnail: null, problems: [{ code: "UNDECODABLE" }] });
  });

  test("is absolute where PUBLIC_URL is set", async () => {
    const own = await startServer({ env: { PUBLIC_URL: "https://media.example/library" } });
    const id = await addPicture(own);
    const { thumbnail } = await looksOf(own, id);
    expect(thumbnail?.url).toMatch(/^https:\/\/media\.example\/library\/derivatives\//);
  });
});

describe("what was not given by the API is not made", () => {
  const tries: [string, (path: string) => string][] = [
    ["another size", (path) => path.replace("w64", "w63")],
    ["a size that would enlarge", (path) => path.replace("w64", "w2048")],
    ["another revision", (path) => path.replace("thumbnail.2", "thumbnail.1")],
    ["a derivative that does not apply", (path) => path.replace("thumbnail.2", "preview.2")],
    ["a still, which is ours alone", (path) => path.replace(/thumbnail.*/, "still.2")],
    ["another checksum", (path) => path.replace(/\/[0-9a-f]{64}\//, `/${"0".repeat(64)}/`)],
    ["a path upwards", (path) => `${path}/../../../../../etc/passwd`],
    ["an encoded path upwards", (path) => path.replace("thumbnail", "..%2f..%2fthumbnail")],
    ["capital letters", (path) => path.replace(/[0-9a-f]{32}/, (md5) => md5.toUpperCase())],
  ];
  test.each(tries)("%s", async (_name, change) => {
    const { pathname } = new URL(await thumbnailUrl(server, photo, { width: 64 }));
    const response = await fetch(`${server.url}${change(pathname)}`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: "NOT_FOUND" } }] });
  });
});

test("everything made can be thrown away at any moment", async () => {
  const url = await thumbnailUrl(server, photo, { width: 128 });
  const first = await (await fetch(url)).arrayBuffer();
  await rm(join(server.mediaDir, ".derivatives"), { recursive: true });
  const second = await (await fetch(url)).arrayBuffer();
  expect(Buffer.from(second).equals(Buffer.from(first))).toBe(true);
});

test("a trashed entity's thumbnail is still there, a destroyed one's is gone with all that was made", async () => {
  const { id } = await addOriginal(server, await makeQuadrants(90, 60).png().toBuffer());
  const url = await thumbnailUrl(server, id);
  expect((await fetch(url)).status).toBe(200);
  await server.run(SOFT_DELETE, { id });
  expect((await fetch(url)).status).toBe(200);
  const md5 = new URL(url).pathname.split("/")[2] ?? "";
  const folder = join(server.mediaDir, ".derivatives", md5.slice(0, 2));
  expect(await readdir(folder)).toContain(md5);
  await server.run(HARD_DELETE, { id });
  expect((await fetch(url)).status).toBe(404);
  expect(await readdir(folder)).not.toContain(md5);
});

/** Runs when a derivative is made and about to be published, and says what was published. */
function beforePublishing(own: TestServer, act: () => Promise<unknown>): string[] {
  const { derivativeStore } = own.app.deps;
  const makeDraft = derivativeStore.draft.bind(derivativeStore);
  const published: string[] = [];
  vi.spyOn(derivativeStore, "draft").mockImplementation(async () => {
    const draft = await makeDraft();
    return {
      ...draft,
      withLocalFile: async (use) => {
        const made = await draft.withLocalFile(use);
        await act();
        return made;
      },
      publish: (key) => {
        published.push(key.name);
        return draft.publish(key);
      },
    };
  });
  return published;
}

// A crash between publishing a thumbnail and taking it back left it forever: the removal of its original was done.
test("a thumbnail whose original is destroyed while it is made is never stored", async () => {
  const own = await startServer();
  const { id } = await addOriginal(own, await makeQuadrants(900, 700).png().toBuffer());
  const url = await thumbnailUrl(own, id, { width: 640, format: "PNG" });
  const published = beforePublishing(own, () => own.run(HARD_DELETE, { id }));
  expect((await fetch(url)).status).toBe(404);
  expect(published).toEqual([]);
  expect(await listDerivatives(own)).toEqual([]);
});

test("what is being published while its original is destroyed goes with it, before the removal counts as done", async () => {
  const own = await startServer();
  const { db, derivativeStore, fileLocks } = own.app.deps;
  const { id } = await addOriginal(own, await makeQuadrants(900, 700).png().toBuffer());
  const url = await thumbnailUrl(own, id, { width: 640, format: "PNG" });
  const md5 = new URL(url).pathname.split("/")[2] ?? "";
  await (await fetch(url)).arrayBuffer();
  const remove = vi.spyOn(derivativeStore, "remove");
  let deleted: Promise<unknown> | undefined;
  await fileLocks.hold([md5], async () => {
    deleted = own.run(HARD_DELETE, { id });
    await vi.waitUntil(async () => (await db.prisma.fileRemoval.count()) > 0, { timeout: 30_000 });
    expect(remove).not.toHaveBeenCalled();
  });
  await deleted;
  expect(await db.prisma.fileRemoval.count()).toBe(0);
  expect(await listDerivatives(own)).toEqual([]);
});

test("thumbnails that are made while their originals are destroyed leave nothing behind", async () => {
  for (let round = 0; round < 8; round++) {
    const { id } = await addOriginal(
      server,
      await makeQuadrants(900 + round, 700)
        .png()
        .toBuffer(),
    );
    const url = await thumbnailUrl(server, id, { width: 640, format: "PNG" });
    const [response] = await Promise.all([fetch(url), server.run(HARD_DELETE, { id })]);
    await response.arrayBuffer();
    expect([200, 404, 415]).toContain(response.status);
    const md5 = new URL(url).pathname.split("/")[2] ?? "";
    const left = await readdir(join(server.mediaDir, ".derivatives"), {
      recursive: true,
      withFileTypes: true,
    });
    expect(left.filter((entry) => entry.isFile() && entry.parentPath.includes(md5))).toEqual([]);
  }
});

test("past the limit of waiting work there is a coded refusal that says when to come back", async () => {
  const own = await startServer({ env: { DERIVATIVES_WAITING_MAX: "1" } });
  const { id } = await addOriginal(own, await makeTurnedJpeg(3000, 2000));
  const urls = await Promise.all([64, 96, 128, 256].map((width) => thumbnailUrl(own, id, { width })));
  const responses = await Promise.all(urls.map((url) => fetch(url)));
  const statuses = responses.map(({ status }) => status);
  expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(1);
  const refused = responses.find(({ status }) => status === 429);
  expect(refused?.headers.get("retry-after")).toBe("2");
  expect(await refused?.json()).toMatchObject({ errors: [{ extensions: { code: "RATE_LIMITED" } }] });
  for (const url of urls) expect((await fetch(url)).status).toBe(200);
});

describe("a thumbnail that was asked for before", () => {
  test("is answered from memory, also in parts, and is gone as soon as its original is destroyed", async () => {
    const own = await startServer({ env: { HOT_FILES_BYTES_MAX: "1000000" } });
    const { id } = await addOriginal(own, await makeTurnedJpeg());
    const url = await thumbnailUrl(own, id, { format: "JPEG" });
    await fetch(url);
    const whole = Buffer.from(await (await fetch(url)).arrayBuffer());
    await rm(join(own.mediaDir, ".derivatives"), { recursive: true });
    const again = await fetch(url);
    expect(again.headers.get("content-length")).toBe(String(whole.length));
    expect(Buffer.from(await again.arrayBuffer()).equals(whole)).toBe(true);
    const part = await fetch(url, { headers: { range: "bytes=10-19" } });
    expect(part.status).toBe(206);
    expect(Buffer.from(await part.arrayBuffer()).equals(whole.subarray(10, 20))).toBe(true);
    expect(existsSync(join(own.mediaDir, ".derivatives"))).toBe(false);
    await own.run(HARD_DELETE, { id });
    expect((await fetch(url)).status).toBe(404);
  });
});
