import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import type { WorkQueue } from "../../src/concurrency/work-queue.ts";
import { followChanges } from "../../src/history/feed/service.ts";
import { hasFfmpeg } from "../media/files.ts";
import { file, map, multipart, operations, post, RawClient } from "../server/raw.ts";
import { UPLOAD } from "../support/documents.ts";
import { addPicture } from "../support/library.ts";
import { makeQuadrants } from "../support/quadrants.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { looksOf } from "./looks.ts";
import { addOriginal, makeTurnedVideo } from "./originals.ts";

const canMakeVideo = await hasFfmpeg();

const ahead = { DERIVATIVES_AHEAD: "true" };

const left = ({ app }: TestServer) => app.deps.db.prisma.preparation.count();
const prepared = (server: TestServer) =>
  vi.waitFor(
    async () => {
      expect(await left(server)).toBe(0);
    },
    { timeout: 100_000, interval: 20 },
  );

const versionsOf = ({ app }: TestServer) =>
  app.deps.db.prisma.entityVersion.findMany({ orderBy: { version: "asc" } });

async function made({ mediaDir }: TestServer): Promise<string[]> {
  // The folder is made with the first derivative.
  const entries = await readdir(join(mediaDir, ".derivatives"), {
    recursive: true,
    withFileTypes: true,
  }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .sort();
}

describe("after an upload", () => {
  test("a picture's usual sizes are made without being asked for", async () => {
    const server = await startServer({ env: ahead });
    await addOriginal(server, await makeQuadrants(2400, 1200).jpeg().toBuffer());
    await prepared(server);
    expect(await made(server)).toEqual([
      "thumbnail.2.w1920.webp",
      "thumbnail.2.w320.webp",
      "thumbnail.2.w640.webp",
    ]);
  });

  test("a still has placeholder and colour at once", async () => {
    const server = await startServer();
    const { id } = await addOriginal(server, await makeQuadrants(64, 48).jpeg().toBuffer());
    const { placeholder, dominantColour } = await looksOf(server, id);
    expect(Buffer.from(placeholder ?? "", "base64").length).toBeGreaterThanOrEqual(5);
    expect(dominantColour).toMatch(/^#[0-9a-f]{6}$/);
    expect(await made(server)).toEqual([]);
  });

  test.skipIf(!canMakeVideo)(
    "a video has them shortly after, as a version that subscribers receive",
    async () => {
      const server = await startServer({ env: ahead });
      const { id } = await addOriginal(server, await makeTurnedVideo());
      await prepared(server);
      const { placeholder, dominantColour } = await looksOf(server, id);
      expect(placeholder).toMatch(/^[\w+/]+=*$/);
      expect(dominantColour).toMatch(/^#[0-9a-f]{6}$/);
      expect(await made(server)).toEqual([...["preview.2.full.webp", "still.2", "thumbnail.2.full.webp"]]);
      expect((await versionsOf(server)).map(({ operation }) => operation)).toEqual(["CREATE", "READ_FACTS"]);
    },
  );
});

test("what was not done when the server stopped is done by the next one", async () => {
  const pictures = 8;
  const first = await startServer({ env: ahead });
  for (let count = 0; count < pictures; count++) await addPicture(first);
  const before = (await made(first)).length;
  await first.stop();
  // Stopping waits for nothing that can be done later: at most one was ready to be put in its place.
  expect((await made(first)).length).toBeLessThanOrEqual(before + 1);
  const second = await first.restart();
  await prepared(second);
  expect(new Set(await made(second))).toEqual(new Set(["thumbnail.2.full.webp"]));
  expect(await made(second)).toHaveLength(pictures);
});

// Seen: what such an original looks like was written beside it, without a version, so that nobody heard of it.
test("originals of an earlier version, which were never looked at, are looked at, as a version and an event", async () => {
  const first = await startServer();
  const id = await addPicture(first);
  const before = await looksOf(first, id);
  await first.app.deps.db.prisma.picture.deleteMany();
  expect(await looksOf(first, id)).toMatchObject({ thumbnail: null, placeholder: null });
  const second = await first.restart(ahead);
  await vi.waitFor(
    async () => {
      expect(await looksOf(second, id)).toMatchObject({ placeholder: before.placeholder });
    },
    { timeout: 100_000 },
  );
  await prepared(second);
  const versions = [
    { version: 1, operation: "CREATE" },
    { version: 2, operation: "READ_FACTS" },
  ];
  expect(await versionsOf(second)).toMatchObject(versions);
  const feed = await followChanges(second.app.deps, { afterTransactionId: "T0" });
  for (const version of versions) expect((await feed.next()).value).toMatchObject(version);
  await feed.return?.();
  // The second time nothing is new.
  const third = await second.restart(ahead);
  await prepared(third);
  expect(await versionsOf(third)).toHaveLength(versions.length);
});

// Seen: while the server waited for a request that took long, pictures went on being made, which the next start would make.
test("the server stops making pictures and reading facts before it waits for running requests", async () => {
  const server = await startServer({ env: { ...ahead, STOP_TIMEOUT_MS: "600000" } });
  const { preparation, factsReading } = server.app.deps;
  // Resolvers know of them only that they can be woken.
  const works = [preparation, factsReading].map((work) => vi.spyOn(work as WorkQueue, "close"));
  const client = await RawClient.open(server.url);
  const request = [
    operations(String(UPLOAD), { input: { file: null } }),
    map({ 0: ["variables.input.file"] }),
  ];
  await client.send(post(multipart([...request, file("0", Buffer.alloc(200_000))])).subarray(0, 100_000));
  await vi.waitFor(async () => {
    expect(await readdir(join(server.mediaDir, ".staging"))).toHaveLength(1);
  });
  const stopping = server.stop();
  await vi.waitFor(
    () => {
      for (const close of works) expect(close).toHaveResolved();
    },
    { timeout: 100_000 },
  );
  client.close();
  await stopping;
});

test("one file that cannot be prepared does not keep the others waiting", async () => {
  const server = await startServer({ env: ahead });
  const png = await makeQuadrants(640, 480).png().toBuffer();
  const broken = Buffer.concat([png.subarray(0, 200), Buffer.alloc(png.length, 7)]);
  const { id } = await addOriginal(server, broken);
  await addPicture(server);
  await prepared(server);
  expect(await made(server)).toContain("thumbnail.2.full.webp");
  expect((await looksOf(server, id)).problems.length).toBeGreaterThan(0);
});
