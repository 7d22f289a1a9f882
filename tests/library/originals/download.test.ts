import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, realpath, rename, rm, symlink, writeFile } from "node:fs/promises";
import { request, type IncomingMessage } from "node:http";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { findOriginalDownload } from "../../../src/library/originals/download.ts";
import { graphql } from "../../generated/index.ts";
import { CREATE_COLLECTION, HARD_DELETE, RESTORE, SOFT_DELETE } from "../../support/documents.ts";
import { listOpenFiles } from "../../support/open-files.ts";
import { makeJpeg, makePng } from "../../support/pictures.ts";
import { startServer, startSharedServer, type TestServer } from "../../support/server.ts";
import { statementsOf } from "../../support/statements.ts";
import { md5Of, sha256Of, upload } from "../../support/uploading.ts";

const FILE_URL = graphql(`
  query FileUrl($id: ID!) {
    entity(id: $id) {
      fileUrl
      download: fileUrl(download: true)
      neither: fileUrl(download: null)
      versions {
        items {
          fileUrl
          download: fileUrl(download: true)
        }
      }
    }
  }
`);

const FILE_URLS = graphql(`
  query FileUrls {
    entities {
      items {
        id
        fileUrl
      }
    }
  }
`);

const PLAIN = graphql(`
  query Plain {
    entities {
      items {
        id
      }
    }
  }
`);

let server: TestServer;
let bytes: Buffer;
let id: string;
let url: string;
let filePath: string;

interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The target goes out as it is written, which `fetch` would not do. */
async function begin(target: string, { method = "GET", headers = {} }: Asked = {}) {
  const req = request(server.url, { method, path: target, headers, agent: false }).end();
  const [res] = (await once(req, "response")) as [IncomingMessage];
  return res;
}

async function get(target: string, asked?: Asked) {
  const res = await begin(target, asked);
  const body = await buffer(res);
  return { status: res.statusCode, headers: res.headers, body };
}

const statusOf = async (target: string) => (await get(target)).status;
const errorsLogged = () => server.log.filter((line) => (JSON.parse(line) as { level: number }).level >= 50);

async function urlsOf(entityId: string) {
  const { entity } = await server.run(FILE_URL, { id: entityId });
  if (entity?.fileUrl == null) throw new Error(`${entityId} has no file`);
  return { ...entity, fileUrl: entity.fileUrl };
}

/** Uploads and remembers one file. */
async function add(content: Buffer, name = "photo.jpg") {
  const { entity } = await upload(server, content, { name });
  bytes = content;
  id = entity.id;
  filePath = entity.filePath!;
  url = (await urlsOf(id)).fileUrl;
}

let shared: TestServer;
beforeAll(async () => {
  shared = await startSharedServer();
});
afterAll(() => shared.stop());

beforeEach(async () => {
  server = shared;
  server.log.length = 0;
  await add(await makeJpeg());
});

describe("fileUrl", () => {
  test("is a path made of both checksums, for the entity and each version", async () => {
    const path = `/files/${md5Of(bytes)}/${sha256Of(bytes)}.jpg`;
    const { fileUrl, download, neither, versions } = await urlsOf(id);
    expect([fileUrl, download, neither]).toEqual([path, `${path}?download`, path]);
    expect(versions.items).toEqual([{ fileUrl: path, download: `${path}?download` }]);
  });

  test("is null for a collection", async () => {
    const { createCollection } = await server.run(CREATE_COLLECTION, { input: { label: "Album" } });
    const { entity } = await server.run(FILE_URL, { id: createCollection.entity.id });
    expect(entity).toMatchObject({ fileUrl: null, download: null, versions: { items: [{ fileUrl: null }] } });
  });

  test.each(["https://media.example", "https://media.example/", "https://media.example/library/"])(
    "is absolute where PUBLIC_URL is %s",
    async (publicUrl) => {
      server = await startServer({ env: { PUBLIC_URL: publicUrl } });
      await add(await makeJpeg());
      const base = publicUrl.replace(/\/$/, "");
      expect(url).toBe(`${base}/files/${md5Of(bytes)}/${sha256Of(bytes)}.jpg`);
    },
  );

  test("costs no statement", async () => {
    for (let count = 0; count < 5; count++) await upload(server, await makeJpeg());
    const plain = await statementsOf(() => server.run(PLAIN));
    expect(await statementsOf(() => server.run(FILE_URLS))).toHaveLength(plain.length);
  });
});

describe("an original", () => {
  test("comes as it was uploaded, with its type, checksum and name", async () => {
    const { status, headers, body } = await get(url);
    expect(status).toBe(200);
    expect(body.equals(bytes)).toBe(true);
    expect(headers).toMatchObject({
      "content-type": "image/jpeg",
      "content-length": String(bytes.length),
      "content-disposition": "inline; filename=photo.jpg",
      etag: `"${sha256Of(bytes)}"`,
      "cache-control": "public, max-age=31536000, immutable",
      "x-content-type-options": "nosniff",
      "cross-origin-resource-policy": "same-site",
    });
  });

  test("is saved under its name where that is asked for", async () => {
    await add(await makeJpeg(), "Übung „eins“.jpg");
    const { headers } = await get((await urlsOf(id)).download!);
    expect(headers["content-disposition"]).toBe(
      "attachment; filename=\"?bung ?eins?.jpg\"; filename*=UTF-8''%C3%9Cbung%20%E2%80%9Eeins%E2%80%9C.jpg",
    );
  });

  test("comes in parts", async () => {
    const { status, headers, body } = await get(url, { headers: { range: "bytes=-20" } });
    expect([status, headers["content-range"]]).toEqual([
      206,
      `bytes ${bytes.length - 20}-${bytes.length - 1}/${bytes.length}`,
    ]);
    expect(body.equals(bytes.subarray(-20))).toBe(true);
  });

  test("that the client has is neither sent nor looked for on the disk", async () => {
    await rm(join(server.mediaDir, filePath));
    const headers = { "if-none-match": `"${sha256Of(bytes)}"` };
    const found: string[] = [];
    const statements = await statementsOf(async () => {
      found.push(String((await get(url, { headers })).status));
    });
    expect([found, statements.length]).toEqual([["304"], 1]);
    expect(errorsLogged()).toEqual([]);
  });

  test.each([
    ["svg", "image/svg+xml", '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'],
    ["html", "text/html", "<!doctype html><html><script>alert(1)</script></html>"],
    ["xml", "application/xml", '<?xml version="1.0"?><a xmlns="http://www.w3.org/1999/xhtml"/>'],
    [
      "pdf",
      "application/pdf",
      "%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n",
    ],
    ["txt", "text/plain", "<script>alert(1)</script> is only text here\n"],
  ])("that a browser could run is only saved: %s", async (ending, mimeType, content) => {
    server = await startServer({ env: { UPLOAD_MIME_TYPES: "image/*,text/*,application/*" } });
    await add(Buffer.from(content), `evil.${ending}`);
    const { status, headers, body } = await get(url);
    expect([status, headers["content-type"], body.toString()]).toEqual([200, mimeType, content]);
    expect(headers).toMatchObject({
      "content-disposition": `attachment; filename=evil.${ending}`,
      "x-content-type-options": "nosniff",
      "content-security-policy": "default-src 'none'; sandbox",
    });
  });

  test("keeps the name of the newest version that had it, when the entity has another file by now", async () => {
    const { fileUrl: oldUrl } = await urlsOf(id);
    const [old, current] = [bytes, await makePng()];
    await replaceFile(current);
    const now = await urlsOf(id);
    expect(now.fileUrl).toContain(sha256Of(current));
    expect(now.versions.items.map(({ fileUrl }) => fileUrl)).toEqual([now.fileUrl, oldUrl]);
    const before = await get(oldUrl);
    expect(before.body.equals(old)).toBe(true);
    expect(before.headers["content-disposition"]).toBe("inline; filename=photo.jpg");
    const after = await get(now.fileUrl);
    expect(after.headers["content-disposition"]).toBe("inline; filename=other.png");
    expect([after.headers["content-type"], after.body.equals(current)]).toEqual(["image/png", true]);
  });
});

/** What replacing an entity's file leaves: version 1 has the old original, version 2 the new one. */
async function replaceFile(content: Buffer) {
  const { db, storage } = server.app.deps;
  const staged = await storage.stage(Readable.from([content]));
  const { md5, sha256, size } = staged;
  const path = `2026/01/02/${md5}.png`;
  await (await storage.publish(staged, path)).keep();
  await db.transaction({ operation: "replaceFile", actor: null, reason: null }, async ({ prisma }) => {
    const facts = { md5, sha256, fileSize: size, filePath: path, mimeType: "image/png", extension: "png" };
    const original = await prisma.original.create({
      data: { ...facts, storedAt: new Date(), metadata: "{}" },
    });
    const data = { ...facts, originalId: original.id, originalName: "other.png" };
    await prisma.entity.update({ where: { id: Number(id) }, data });
  });
}

describe("a path that the API has not given", () => {
  const variants: readonly (readonly [string, (path: string) => string])[] = [
    [
      "another SHA-256",
      (path) => path.replace(/\/.(.{63}\.jpg)$/, "/0$1").replace("/0", path.includes("/0") ? "/1" : "/0"),
    ],
    ["another ending", (path) => path.replace(".jpg", ".png")],
    ["no ending", (path) => path.replace(".jpg", "")],
    ["capitals", (path) => path.toUpperCase().replace("/FILES", "/files")],
    ["more behind it", (path) => `${path}/x`],
    ["a slash behind it", (path) => `${path}/`],
    ["a NUL", (path) => `${path}%00`],
    ["a NUL before its ending", (path) => path.replace(".jpg", "%00.jpg")],
    ["an encoded letter", (path) => path.replace(".jpg", ".%6apg")],
    ["an encoded slash", (path) => path.replace(/\/(?=[^/]+$)/, "%2f")],
    ["a slash encoded twice", (path) => path.replace(/\/(?=[^/]+$)/, "%252f")],
    ["a backslash", (path) => path.replace(/\/(?=[^/]+$)/, "\\")],
    ["two slashes", (path) => `/${path}`],
    ["a way there and back", (path) => path.replace("/files/", "/files/x/../")],
    ["a dot", (path) => path.replace("/files/", "/files/./")],
    ["absolute form", (path) => `http://localhost${path}`],
    ["absolute form of elsewhere", (path) => `http://evil.example${path}`],
  ];
  test.each(variants)("leads nowhere: %s", async (_, vary) => {
    expect(vary(url)).not.toBe(url);
    expect(await statusOf(vary(url))).toBe(404);
    expect(await statusOf(url)).toBe(200);
  });

  test.each([
    "/files/../../etc/passwd",
    "/files/%2e%2e/%2e%2e/media_store.db",
    "/files/%2e%2e%2fmedia_store.db",
    "/files/%252e%252e%252fmedia_store.db",
    "/files/..%5c..%5cmedia_store.db",
    "/files/..\\..\\media_store.db",
    "/files//etc/passwd",
    "/files/.staging",
    "/files/.lock",
    `/files/${"a".repeat(10_000)}`,
    "/files/%ff",
    "/files/%",
    "/files",
    "/files/",
    "*",
  ])("leads nowhere: %s", async (path) => {
    expect([400, 404]).toContain(await statusOf(path));
  });

  test("leads nowhere as the file's own path", async () => {
    expect(await statusOf(`/files/${filePath}`)).toBe(404);
    expect(await statusOf(`/${filePath}`)).toBe(404);
  });
});

describe("a planted object in an original's place", () => {
  let path: string;
  let aside: string;
  beforeEach(async () => {
    // Its own: whole folders are moved away.
    server = await startServer();
    await add(await makeJpeg());
    path = join(server.mediaDir, filePath);
    aside = join(server.dir, "aside");
    await rename(path, aside);
  });

  const expectNothing = async () => {
    expect(await statusOf(url)).toBe(404);
    expect(errorsLogged().map((line) => (JSON.parse(line) as { filePath: string }).filePath)).toEqual([
      filePath,
    ]);
    expect(listOpenFiles(await realpath(server.mediaDir)).filter((name) => name.endsWith(".jpg"))).toEqual(
      [],
    );
  };

  test("is not served when it is a link, even to the very bytes", async () => {
    await symlink(aside, path);
    await expectNothing();
  });

  test("is not served through a folder that is a link, even to the very bytes", async () => {
    await rename(aside, path);
    const folder = dirname(path);
    await rename(folder, aside);
    await symlink(aside, folder);
    await expectNothing();
  });

  test("is not served, nor waited for, when it is a FIFO", async () => {
    execFileSync("mkfifo", [path]);
    await expectNothing();
  });

  test("is not served when it is a folder", async () => {
    await mkdir(path);
    await expectNothing();
  });

  test.each([
    ["shorter", () => bytes.subarray(1)],
    ["longer", () => Buffer.concat([bytes, Buffer.from("x")])],
    ["empty", () => Buffer.alloc(0)],
  ])("is not served under the old checksum when it is %s", async (_, make) => {
    await writeFile(path, make());
    await expectNothing();
  });

  test("is missed when it is nothing at all", async () => {
    await expectNothing();
    await rename(aside, path);
    expect(await statusOf(url)).toBe(200);
  });
});

describe("a deleted entity's file", () => {
  test("is there while it is in the trash, and after it is restored", async () => {
    await server.run(SOFT_DELETE, { id });
    expect((await get(url)).body.equals(bytes)).toBe(true);
    expect((await urlsOf(id)).fileUrl).toBe(url);
    await server.run(RESTORE, { id });
    expect(await statusOf(url)).toBe(200);
  });

  test("is gone at once when it is destroyed, also for those who have it", async () => {
    await server.run(HARD_DELETE, { id });
    expect(await statusOf(url)).toBe(404);
    const known = await get(url, { headers: { "if-none-match": `"${sha256Of(bytes)}"` } });
    expect([known.status, known.headers["cache-control"]]).toEqual([404, "no-store"]);
    expect(errorsLogged()).toEqual([]);
    await add(bytes);
    expect(await statusOf(url)).toBe(200);
  });

  test("is not missed where it was looked up just before", async () => {
    const found = await findOriginalDownload(server.app.deps, url, new URLSearchParams());
    await server.run(HARD_DELETE, { id });
    expect(await found?.open()).toBeUndefined();
    expect(errorsLogged()).toEqual([]);
  });

  test("arrives whole where it was being sent already", async () => {
    await add(Buffer.concat([await makeJpeg(), Buffer.alloc(30_000_000)]));
    const res = await begin(url);
    await server.run(HARD_DELETE, { id });
    expect(await statusOf(url)).toBe(404);
    expect((await buffer(res)).equals(bytes)).toBe(true);
  });
});
