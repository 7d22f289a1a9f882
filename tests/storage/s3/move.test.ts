import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { describe, expect, test } from "vitest";
import { openObjects } from "../../../src/storage/s3/objects.ts";
import { openObject } from "../../../src/storage/s3/reading.ts";
import { colan, startColan } from "../../support/colan.ts";
import { closers } from "../../support/closers.ts";
import { HARD_DELETE } from "../../support/documents.ts";
import { makeJpeg } from "../../support/pictures.ts";
import { makeTestBucket, s3Endpoint, type TestBucket } from "../../support/s3.ts";
import { startFaultyStore, type FaultyStore } from "../../support/s3-proxy.ts";
import { startServer, type TestServer } from "../../support/server.ts";
import { md5Of, sha256Of } from "../../support/uploading.ts";
import { envOf, upload } from "./serving.ts";

const original = /^\d{4}\/\d\d\/\d\d\/[0-9a-f]{32}\.\w+$/;

/** SHA-256 of each original. */
type Digests = Readonly<Record<string, string>>;

async function folderDigests(dir: string): Promise<Digests> {
  const names = await readdir(dir, { recursive: true });
  const keys = names.filter((name) => original.test(name)).sort();
  const entries = keys.map(async (key) => [key, sha256Of(await readFile(join(dir, key)))] as const);
  return Object.fromEntries(await Promise.all(entries));
}

async function bucketDigests(bucket: TestBucket): Promise<Digests> {
  const keys = (await bucket.listKeys()).filter((key) => original.test(key));
  const objects = openObjects(bucket.access);
  const entries = keys.map(async (key) => {
    const file = await openObject(objects, key);
    return [key, sha256Of(await file!.readBytes())] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

const markOf = (dir: string) => readFile(join(dir, ".library"), "utf8").catch(() => undefined);
const bucketHas = async ({ access }: TestBucket, key: string) =>
  (await openObjects(access).head(key)) != null;

/** A library in a folder, stopped, and a bucket behind a proxy. */
async function openMove(files = 4) {
  const server = await startServer({ engine: "sqlite" });
  const large = Buffer.concat([await makeJpeg(), Buffer.alloc(17 * 1024 * 1024, "film")]);
  const entities = [await upload(server, large)];
  for (let index = 1; index < files; index++) entities.push(await upload(server, await makeJpeg()));
  await server.stop();
  const bucket = await makeTestBucket();
  const proxy = await startFaultyStore(s3Endpoint!, bucket.access.client, null);
  const inBucket = envOf(bucket, proxy.endpoint);
  const { MEDIA_URL: mediaUrl = "", ...store } = inBucket;
  return { server, entities, bucket, proxy, mediaUrl, store, inBucket };
}

/** Runs the command, and ends it amid this request of the store. */
async function cutOff(
  server: TestServer,
  proxy: FaultyStore,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  { method, after, signal }: { method: string; after: number; signal: "SIGKILL" | "SIGTERM" },
) {
  const running = startColan(server, args, env);
  let calls = 0;
  proxy.onCall = async (req) => {
    if (req.method !== method || !/\/\d\d\/\d\d\/[0-9a-f]{32}/.test(req.url ?? "") || ++calls !== after)
      return;
    running.child.kill(signal);
    if (signal === "SIGKILL") await running.ended;
  };
  const ended = await running.ended;
  proxy.onCall = undefined;
  expect(calls).toBeGreaterThanOrEqual(after);
  return ended;
}

describe.skipIf(s3Endpoint == null)("colan move-storage", () => {
  test("killed in the middle each way, ends with the same bytes in the bucket, and in the folder again", async () => {
    const { server, entities, bucket, proxy, mediaUrl, store, inBucket } = await openMove(9);
    const before = await folderDigests(server.mediaDir);
    const mark = await markOf(server.mediaDir);
    const there = ["move-storage", mediaUrl];
    await cutOff(server, proxy, there, store, { method: "PUT", after: 3, signal: "SIGKILL" });
    expect(await bucketHas(bucket, ".moving")).toBe(true);
    const early = await colan(server, ["serve"], { ...inBucket, PORT: "0" });
    expect([early.code, early.stderr]).toEqual([69, expect.stringContaining("no .library in it")]);
    const stopped = await cutOff(server, proxy, there, store, { method: "PUT", after: 1, signal: "SIGTERM" });
    expect([stopped.code, stopped.stderr]).toEqual([75, expect.stringContaining("the same command goes on")]);
    const moved = await colan(server, there, store);
    expect([moved.code, moved.stderr]).toEqual([0, ""]);
    expect(moved.stdout).toContain(`Start the server with MEDIA_URL=${mediaUrl}`);
    expect(await bucketDigests(bucket)).toEqual(before);
    expect([await bucketHas(bucket, ".moving"), await bucketHas(bucket, ".library")]).toEqual([false, true]);
    expect([await folderDigests(server.mediaDir), await markOf(server.mediaDir)]).toEqual([before, mark]);

    const onBucket = await server.restart(inBucket);
    const newest = await makeJpeg();
    await upload(onBucket, newest);
    await onBucket.run(HARD_DELETE, { id: entities[1]!.id });
    for (const index of [0, 2, 3]) {
      const answer = await fetch(onBucket.url + new URL(entities[index]!.fileUrl).pathname);
      expect(sha256Of(Buffer.from(await answer.arrayBuffer()))).toBe(before[entities[index]!.filePath!]);
    }
    await onBucket.stop();
    expect((await colan(server, ["verify", "--deep"], inBucket)).code).toBe(0);

    const back = ["move-storage", server.mediaDir];
    await cutOff(server, proxy, back, inBucket, { method: "GET", after: 1, signal: "SIGKILL" });
    expect((await colan(server, ["serve"], { PORT: "0" })).code).toBe(69);
    const returned = await colan(server, back, inBucket);
    expect([returned.code, returned.stderr]).toEqual([0, ""]);
    const now = await bucketDigests(bucket);
    expect(Object.keys(now).some((key) => key.includes(md5Of(newest)))).toBe(true);
    expect(Object.keys(now)).not.toContain(entities[1]!.filePath);
    expect([await folderDigests(server.mediaDir), await markOf(server.mediaDir)]).toEqual([now, mark]);
    expect((await colan(server, ["verify", "--deep"])).code).toBe(0);
  });

  test("refuses a place of another library and one with other files, and writes nothing there", async () => {
    const { server, bucket, mediaUrl, store } = await openMove(1);
    const other = await startServer({ engine: "sqlite", env: envOf(bucket) });
    const theirs = await upload(other, await makeJpeg());
    await other.stop();
    const refused = await colan(server, ["move-storage", mediaUrl, "--remove-source"], store);
    expect([refused.code, refused.stderr]).toEqual([
      69,
      expect.stringContaining("belongs to another library"),
    ]);
    expect(await bucket.listKeys()).toEqual([theirs.filePath]);

    const dir = await mkdtemp(join(tmpdir(), "colan-"));
    closers.push(() => rm(dir, { recursive: true }));
    await writeFile(join(dir, "letters.txt"), "not ours");
    const full = await colan(server, ["move-storage", dir]);
    expect([full.code, full.stderr]).toEqual([69, expect.stringContaining("is not empty (letters.txt)")]);
    expect((await readdir(dir)).filter((name) => !name.startsWith(".lock"))).toEqual(["letters.txt"]);
    const within = await colan(server, ["move-storage", join(server.mediaDir, "inside")]);
    expect([within.code, within.stderr]).toEqual([69, expect.stringContaining("one is within the other")]);
    expect(Object.keys(await folderDigests(server.mediaDir))).toHaveLength(1);
    expect(await markOf(server.mediaDir)).toBeDefined();
  });

  test("refuses to run beside a server", async () => {
    const { server, mediaUrl, store, bucket } = await openMove(1);
    const running = await server.restart();
    const { code, stderr } = await colan(running, ["move-storage", mediaUrl], store);
    expect([code, stderr]).toEqual([69, expect.stringMatching(/another|process/)]);
    expect(await bucket.listKeys()).toEqual([]);
  });

  test("with --dry-run says what it would do, and writes nothing", async () => {
    const { server, mediaUrl, store, bucket } = await openMove(2);
    const { code, stdout } = await colan(server, ["move-storage", mediaUrl, "--dry-run"], store);
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/^2 files .* of 0 of them .*Nothing was written/),
    ]);
    expect([await bucket.listKeys(), await bucketHas(bucket, ".library")]).toEqual([[], false]);
  });

  test("names a damaged original, leaves the place without a mark, and goes on when it is mended", async () => {
    const { server, entities, bucket, mediaUrl, store } = await openMove(2);
    const path = join(server.mediaDir, entities[1]!.filePath!);
    const right = await readFile(path);
    await writeFile(path, Buffer.alloc(right.length, "x"));
    const damaged = await colan(server, ["move-storage", mediaUrl, "--remove-source"], store);
    expect([damaged.code, damaged.stderr]).toEqual([1, expect.stringContaining(path)]);
    expect(await bucketHas(bucket, ".library")).toBe(false);
    expect(Object.keys(await folderDigests(server.mediaDir))).toHaveLength(2);
    await writeFile(path, right);
    expect((await colan(server, ["move-storage", mediaUrl], store)).code).toBe(0);
    expect(await bucketDigests(bucket)).toEqual(await folderDigests(server.mediaDir));
  });

  // The ETag of an object, and what it says of itself, would be of no use: its bytes are read.
  test("finds an object with other bytes of the same length, which says that it has the right ones", async () => {
    const { server, entities, bucket, mediaUrl, store } = await openMove(2);
    const key = entities[1]!.filePath!;
    const right = await readFile(join(server.mediaDir, key));
    expect((await colan(server, ["move-storage", mediaUrl], store)).code).toBe(0);
    const { client, bucket: Bucket, prefix } = bucket.access;
    await client.send(
      new PutObjectCommand({
        ...{ Bucket, Key: prefix + key, Body: Buffer.alloc(right.length, "x") },
        Metadata: { "colan-sha256": sha256Of(right) },
      }),
    );
    const found = await colan(server, ["move-storage", mediaUrl], store);
    expect([found.code, found.stderr]).toEqual([1, expect.stringContaining(md5Of(right))]);
    expect(await bucketHas(bucket, ".library")).toBe(false);
    await bucket.remove(key);
    expect((await colan(server, ["move-storage", mediaUrl], store)).code).toBe(0);
    expect(await bucketDigests(bucket)).toEqual(await folderDigests(server.mediaDir));
  });

  test("removes the old place's originals only when told so, and no server takes it then", async () => {
    const { server, bucket, mediaUrl, store, inBucket } = await openMove(2);
    const before = await folderDigests(server.mediaDir);
    await mkdir(join(server.mediaDir, "notes"));
    await writeFile(join(server.mediaDir, "notes/stranger.txt"), "not ours");
    const { code, stdout } = await colan(server, ["move-storage", mediaUrl, "--remove-source"], store);
    expect([code, stdout]).toEqual([0, expect.stringContaining("none of these 2 files")]);
    expect(await bucketDigests(bucket)).toEqual(before);
    expect(await folderDigests(server.mediaDir)).toEqual({});
    expect(await readFile(join(server.mediaDir, "notes/stranger.txt"), "utf8")).toBe("not ours");
    expect((await colan(server, ["serve"], { PORT: "0" })).code).toBe(69);
    expect((await colan(server, ["verify", "--deep"], inBucket)).code).toBe(0);
  });
});
