import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, brotliDecompressSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Manifest } from "../../src/server/files/manifest.ts";
import { startSharedServer, startServer, type TestServer } from "../support/server.ts";

const html = "<!doctype html><title>GraphiQL</title>";
const appHtml = "<!doctype html><title>The app</title>";
const script = "console.log(1);".repeat(200);
const asText = { accept: "text/html,*/*;q=0.8" };

/** Pages as the build leaves them, small. */
async function makePages(dir: string) {
  await mkdir(join(dir, "graphiql"), { recursive: true });
  await mkdir(join(dir, "app"));
  await writeFile(join(dir, "app/index.html"), appHtml);
  await mkdir(join(dir, "assets"));
  await writeFile(join(dir, "graphiql/index.html"), html);
  await writeFile(join(dir, "assets/main-1.js"), script);
  await writeFile(join(dir, "assets/main-1.js.br"), brotliCompressSync(script));
  await writeFile(join(dir, "assets/main-1.js.gz"), gzipSync(script));
  await writeFile(join(dir, "assets/unlisted.js"), "secret");
  const type = "text/javascript; charset=utf-8";
  const manifest: Manifest = {
    madeOf: "nothing",
    files: [
      { name: "app/index.html", type: "text/html; charset=utf-8", etag: '"app"', encodings: [] },
      { name: "graphiql/index.html", type: "text/html; charset=utf-8", etag: '"page"', encodings: [] },
      { name: "assets/main-1.js", type, etag: '"script"', encodings: ["br", "gzip"] },
    ],
  };
  await writeFile(join(dir, "manifest.json"), JSON.stringify(manifest));
}

interface Got {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}

/** Paths and bytes as they are: fetch would tidy the one and inflate the other. */
function get(url: string, path: string, headers = {}, method = "GET"): Promise<Got> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    request({ hostname, port, path, headers, method }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) });
      });
    })
      .on("error", reject)
      .end();
  });
}

describe("web pages", () => {
  let dir: string;
  let server: TestServer;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "colan-pages-"));
    await makePages(dir);
    server = await startSharedServer({ pagesDir: dir });
  });

  afterAll(async () => {
    await server.stop();
    await rm(dir, { recursive: true, force: true });
  });

  test("show GraphiQL to a browser, and nothing of it to others", async () => {
    const { status, headers, body } = await get(server.url, "/graphql", asText);
    expect([status, String(body)]).toEqual([200, html]);
    expect(headers).toMatchObject({
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-cache",
    });
    expect((await get(server.url, "/graphql")).status).toBe(403);
  });

  test("run no script that is not a file of this server", async () => {
    const { headers } = await get(server.url, "/graphql", asText);
    const policy = String(headers["content-security-policy"]);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe-eval|https?:|\*/);
    expect(headers["x-content-type-options"]).toBe("nosniff");
  });

  test("show the app at the root to clients that accept HTML, and to no others", async () => {
    const { status, headers, body } = await get(server.url, "/", asText);
    expect([status, String(body)]).toEqual([200, appHtml]);
    expect(headers).toMatchObject({ "cache-control": "no-cache", "x-frame-options": "DENY" });
    for (const headers of [{}, { accept: "*/*" }])
      expect(String((await get(server.url, "/", headers)).body)).toBe(appHtml);
    const head = await get(server.url, "/", {}, "HEAD");
    expect([head.status, head.body.length]).toEqual([200, 0]);
    expect((await get(server.url, "/", { accept: "application/json" })).status).toBe(404);
    expect((await get(server.url, "/", asText, "POST")).status).toBe(404);
  });

  test("let the app write no style and no HTML of its own", async () => {
    const { headers } = await get(server.url, "/", asText);
    expect(String(headers["content-security-policy"]).split("; ")).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "connect-src 'self'",
      "base-uri 'none'",
      "style-src 'self'",
      "img-src 'self' data:",
      "media-src 'self'",
      "manifest-src 'self'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ]);
  });

  test("are asked for again each time, and sent again only when they are others", async () => {
    const known = await get(server.url, "/graphql", { ...asText, "if-none-match": '"page"' });
    expect([known.status, known.body.length]).toEqual([304, 0]);
    expect((await get(server.url, "/graphql", { ...asText, "if-none-match": '"old"' })).status).toBe(200);
  });

  test.each([
    ["br", "br"],
    ["gzip, deflate, br, zstd", "br"],
    ["gzip", "gzip"],
    ["br;q=0, gzip", "gzip"],
    ["identity", undefined],
    ["", undefined],
  ])("compress assets for who takes %j", async (accepted, encoding) => {
    const { status, headers, body } = await get(server.url, "/assets/main-1.js", {
      "accept-encoding": accepted,
    });
    expect([status, headers["content-encoding"], headers["vary"]]).toEqual([
      200,
      encoding,
      "accept-encoding",
    ]);
    expect(headers["content-length"]).toBe(String(body.length));
    if (encoding === "br") expect(String(brotliDecompressSync(body))).toBe(script);
    if (encoding == null) expect(String(body)).toBe(script);
  });

  test("have assets that stay as they are forever", async () => {
    const { headers } = await get(server.url, "/assets/main-1.js");
    expect(headers["cache-control"]).toBe("public, max-age=31536000, immutable");
    const { status } = await get(server.url, "/assets/main-1.js", { "if-none-match": '"script"' });
    expect(status).toBe(304);
    const head = await get(server.url, "/assets/main-1.js", {}, "HEAD");
    expect([head.status, head.headers["content-length"], head.body.length]).toEqual([200, "3000", 0]);
  });

  test.each([
    "/assets/unlisted.js",
    "/assets/",
    "/assets/main-1.js.br",
    "/assets/../graphiql/index.html",
    "/assets/../manifest.json",
    "/assets/%2e%2e/manifest.json",
    "/assets/..%2fmanifest.json",
    "/assets/main-1.js%00",
    "/assets//etc/passwd",
    "/assets/constructor",
    "/assets/__proto__",
  ])("do not give %s away", async (path) => {
    const { status, headers, body } = await get(server.url, path);
    expect([status, headers["cache-control"]]).toEqual([404, "no-store"]);
    expect(String(body)).toContain('"code":"NOT_FOUND"');
  });

  test("can only be read", async () => {
    const { status, headers } = await get(server.url, "/assets/main-1.js", {}, "POST");
    expect([status, headers["allow"]]).toEqual([405, "GET, HEAD"]);
  });
});

test("a server without built pages says how to build them, and answers the API", async () => {
  const server = await startServer({ pagesDir: join(tmpdir(), "nowhere") });
  const { status, body } = await get(server.url, "/graphql", asText);
  expect([status, String(body)]).toEqual([503, expect.stringContaining("npm run build")]);
  expect((await get(server.url, "/assets/main-1.js")).status).toBe(404);
  expect((await get(server.url, "/health")).status).toBe(200);
});

test("the app shows files of its own origin only, also where PUBLIC_URL names another", async () => {
  const dir = await mkdtemp(join(tmpdir(), "colan-pages-"));
  await makePages(dir);
  const env = { PUBLIC_URL: "https://media.example:8443/library" };
  const server = await startServer({ pagesDir: dir, env });
  const { headers } = await get(server.url, "/", asText);
  const policy = String(headers["content-security-policy"]);
  expect(policy).toContain("img-src 'self' data:;");
  expect(policy).toContain("media-src 'self';");
  expect(policy).not.toContain("https:");
  await rm(dir, { recursive: true });
});

// A browser showed JSON to whoever had mistyped an address.
test("an unknown address shows people a page with links, and answers programs as before", async () => {
  const server = await startServer();
  const { status, headers, body } = await get(server.url, "/nope", asText);
  expect([status, headers["content-type"]]).toEqual([404, "text/html; charset=utf-8"]);
  expect(String(body)).toContain('href="/"');
  const plain = await get(server.url, "/nope");
  expect(plain.status).toBe(404);
  expect(JSON.parse(String(plain.body))).toMatchObject({ errors: [{ extensions: { code: "NOT_FOUND" } }] });
});

test("WEB_APP=false leads browsers to GraphiQL", async () => {
  const server = await startServer({ env: { WEB_APP: "false" } });
  const { status, headers } = await get(server.url, "/", asText);
  expect([status, headers["location"]]).toEqual([303, "/graphql"]);
});
