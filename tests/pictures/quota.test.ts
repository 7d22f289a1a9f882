import { randomBytes } from "node:crypto";
import { readdir, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { graphql } from "../generated/index.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { upload } from "../support/uploading.ts";

const THUMBNAILS = graphql(`
  query QuotaThumbnails($id: ID!) {
    entity(id: $id) {
      grid: thumbnail(size: GRID) {
        url
      }
      a: thumbnail(width: 400, format: PNG) {
        url
      }
      b: thumbnail(width: 480, format: PNG) {
        url
      }
      c: thumbnail(width: 512, format: PNG) {
        url
      }
      d: thumbnail(width: 640, format: PNG) {
        url
      }
    }
  }
`);

async function storedIn({ mediaDir }: TestServer): Promise<Map<string, number>> {
  const folder = join(mediaDir, ".derivatives");
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  const sizes = await Promise.all(files.map(async (path) => (await stat(path)).size));
  return new Map(files.map((path, index) => [path, sizes[index] ?? 0]));
}

const namesOf = (stored: Map<string, number>) =>
  [...stored.keys()].map((path) => path.split("/").at(-1)).sort();
const bytesOf = (stored: Map<string, number>) => [...stored.values()].reduce((sum, size) => sum + size, 0);

const makeNoise = (width: number, height: number) =>
  sharp(randomBytes(width * height * 3), { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 95 })
    .toBuffer();

/** A picture of noise, and the URLs of its thumbnails, which are large. */
async function urlsOf(server: TestServer) {
  const { id } = (await upload(server, await makeNoise(800, 600))).entity;
  const { entity } = await server.run(THUMBNAILS, { id });
  const { grid, a, b, c, d } = entity!;
  return { grid: grid!.url, a: a!.url, b: b!.url, c: c!.url, d: d!.url };
}

async function get(server: TestServer, url: string): Promise<{ width: number; bytes: number }> {
  const response = await fetch(server.url + url);
  expect(response.status).toBe(200);
  const bytes = Buffer.from(await response.arrayBuffer());
  return { width: (await sharp(bytes).metadata()).width, bytes: bytes.length };
}

// Each size that a reader asked for was kept forever: six requests of a stranger's filled 200 MB.
describe("derivatives within DERIVATIVES_BYTES_MAX", () => {
  test("give way to others, those first that were used least recently, named sizes last; all can be had again", async () => {
    const first = await startServer();
    const urls = await urlsOf(first);
    let bytesMax = -1;
    for (const url of [urls.grid, urls.a, urls.b, urls.c]) bytesMax += (await get(first, url)).bytes;
    await first.stop();
    await rm(join(first.mediaDir, ".derivatives"), { recursive: true });

    const server = await first.restart({ DERIVATIVES_BYTES_MAX: String(bytesMax) });
    // The last one is used again, so that another is the oldest.
    for (const url of [urls.grid, urls.a, urls.b, urls.a]) await get(server, url);
    expect((await storedIn(server)).size).toBe(3);
    await get(server, urls.c);
    expect(namesOf(await storedIn(server))).toEqual([
      "thumbnail.2.w320.webp",
      "thumbnail.2.w400.png",
      "thumbnail.2.w512.png",
    ]);
    for (const [url, width] of [
      [urls.a, 400],
      [urls.b, 480],
      [urls.c, 512],
      [urls.d, 640],
      [urls.grid, 320],
    ] as const)
      expect((await get(server, url)).width).toBe(width);
    expect(bytesOf(await storedIn(server))).toBeLessThanOrEqual(bytesMax);
    expect(namesOf(await storedIn(server))).toContain("thumbnail.2.w320.webp");
  });

  test("are counted at the start, and what is too much gives way, oldest first", async () => {
    const first = await startServer();
    const urls = await urlsOf(first);
    for (const url of [urls.a, urls.b, urls.grid]) await get(first, url);
    const stored = await storedIn(first);
    await first.stop();
    for (const path of stored.keys()) {
      const day = path.endsWith("w480.png") ? 2 : 1;
      await utimes(path, new Date(Date.UTC(2026, 0, day)), new Date(Date.UTC(2026, 0, day)));
    }
    const total = bytesOf(stored);
    const second = await first.restart({ DERIVATIVES_BYTES_MAX: String(total - 1) });
    await expect
      .poll(async () => namesOf(await storedIn(second)))
      .toEqual(["thumbnail.2.w320.webp", "thumbnail.2.w480.png"]);
    await expect.poll(() => second.app.deps.derivativeStore.usedBytes).toBe(bytesOf(await storedIn(second)));
  });

  test("are forgotten with their original", async () => {
    const server = await startServer();
    const urls = await urlsOf(server);
    await get(server, urls.a);
    const { derivativeStore } = server.app.deps;
    expect(derivativeStore.usedBytes).toBe(bytesOf(await storedIn(server)));
    const [, , md5 = ""] = urls.a.split("/");
    await derivativeStore.remove(md5);
    expect(derivativeStore.usedBytes).toBe(0);
  });
});

describe.each([
  ["with less room than FREE_BYTES_MIN", { FREE_BYTES_MIN: String(2 ** 52) }],
  ["with DERIVATIVES_BYTES_MAX=0", { DERIVATIVES_BYTES_MAX: "0" }],
])("%s", (_, env) => {
  test("derivatives are made for all who ask at once, in one run, and nothing is stored", async () => {
    const server = await startServer({ env });
    const urls = await urlsOf(server);
    let runs = 0;
    const { pictures } = server.app.deps;
    const original = pictures.makeImage.bind(pictures);
    Object.assign(pictures, {
      makeImage: (...args: Parameters<typeof original>) => {
        runs++;
        return original(...args);
      },
    });
    const answers = await Promise.all(Array.from({ length: 8 }, () => get(server, urls.d)));
    expect(new Set(answers.map(({ bytes }) => bytes)).size).toBe(1);
    expect(answers[0]?.width).toBe(640);
    expect(runs).toBeLessThan(8);
    await expect.poll(async () => (await storedIn(server)).size).toBe(0);
    const part = await fetch(server.url + urls.d, { headers: { range: "bytes=8-15" } });
    expect([part.status, (await part.arrayBuffer()).byteLength]).toEqual([206, 8]);
    await expect.poll(async () => (await storedIn(server)).size).toBe(0);
  });
});
