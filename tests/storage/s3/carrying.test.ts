import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { describe, expect, test } from "vitest";
import { DamagedCopyError, fileBytes } from "../../../src/storage/local/copying.ts";
import { carriedBucket } from "../../../src/storage/s3/carried-bucket.ts";
import { closers } from "../../support/closers.ts";
import { makeTestBucket, s3Endpoint } from "../../support/s3.ts";
import { startFaultyStore } from "../../support/s3-proxy.ts";
import { md5Of, sha256Of } from "../../support/uploading.ts";

const bytes = Buffer.from("hello");
const file = {
  ...{ key: `2026/01/02/${md5Of(bytes)}.jpg`, size: bytes.length, sha256: sha256Of(bytes) },
};

async function openPlace() {
  const bucket = await makeTestBucket();
  const proxy = await startFaultyStore(s3Endpoint!, bucket.access.client, null);
  const dir = await mkdtemp(join(tmpdir(), "colan-"));
  closers.push(() => rm(dir, { recursive: true }));
  await writeFile(join(dir, "hello"), bytes);
  const place = carriedBucket(bucket.through(proxy.endpoint), join(dir, "temp"));
  return { bucket, proxy, dir, place, from: fileBytes(join(dir, "hello")) };
}

describe.skipIf(s3Endpoint == null)("an original that is carried into a bucket", () => {
  test("is read back, and gone again where the store kept other bytes than were sent", async () => {
    const { bucket, proxy, place, from } = await openPlace();
    const { client, bucket: Bucket, prefix } = bucket.access;
    proxy.onCall = async ({ method }) => {
      if (method !== "GET") return;
      await client.send(new PutObjectCommand({ Bucket, Key: prefix + file.key, Body: "jello" }));
    };
    await expect(place.add(file, from)).rejects.toThrow(/has kept other bytes/);
    proxy.onCall = undefined;
    expect(await bucket.listKeys()).toEqual([]);
    expect(await place.add(file, from)).toBe(true);
    expect(await place.add(file, from)).toBe(false);
  });

  test("is damaged where its file is missing, or has other bytes", async () => {
    const { bucket, dir, place } = await openPlace();
    await expect(place.add(file, fileBytes(join(dir, "nowhere")))).rejects.toBeInstanceOf(DamagedCopyError);
    await writeFile(join(dir, "hello"), "jello");
    await expect(place.add(file, fileBytes(join(dir, "hello")))).rejects.toThrow(/hello has 5 bytes/);
    expect(await bucket.listKeys()).toEqual([]);
  });

  test("may come from another bucket, and leaves nothing on this machine's disk", async () => {
    const [{ place: first, from }, { place, dir, bucket }] = [await openPlace(), await openPlace()];
    await first.add(file, from);
    expect(await place.add(file, first.bytesOf(file.key))).toBe(true);
    expect(await place.add(file, first.bytesOf(file.key))).toBe(false);
    expect([await bucket.listKeys(), await readdir(join(dir, "temp"))]).toEqual([[file.key], []]);
    await expect(
      place.add({ ...file, key: `2026/01/02/${"0".repeat(32)}.jpg` }, first.bytesOf("none")),
    ).rejects.toThrow(/is missing/);
  });
});
