import { createHash, randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openObjects } from "../../../src/storage/s3/objects.ts";
import { openObject } from "../../../src/storage/s3/reading.ts";
import { Publications } from "../../../src/storage/s3/publications.ts";
import { Putting } from "../../../src/storage/s3/putting.ts";
import { closers } from "../../support/closers.ts";
import { makeTestBucket, s3Endpoint } from "../../support/s3.ts";
import { startFaultyStore, type Fault } from "../../support/s3-proxy.ts";

const key = "2026/01/02/5d41402abc4b2a76b9719d911017c592.jpg";
const hex = (algorithm: string, text: string) => createHash(algorithm).update(text).digest("hex");

async function openPutting(fault: Fault | null) {
  const bucket = await makeTestBucket();
  const proxy = await startFaultyStore(s3Endpoint!, bucket.access.client, fault);
  const dir = await mkdtemp(join(tmpdir(), "colan-"));
  closers.push(() => rm(dir, { recursive: true }));
  const objects = openObjects(bucket.through(proxy.endpoint));
  const sourceOf = async (text: string) => {
    const path = join(dir, randomUUID());
    await writeFile(path, text);
    return { path, size: text.length, md5: hex("md5", text), sha256: hex("sha256", text) };
  };
  return { bucket, proxy, objects, sourceOf, putting: new Putting(objects, true) };
}

describe.skipIf(s3Endpoint == null)("objects in a bucket", () => {
  test("a store that begins to refuse conditions is written to without them", async () => {
    const { bucket, putting, sourceOf } = await openPutting("refuses conditions");
    expect(await putting.put(await sourceOf("hello"), key, randomUUID())).toBe(true);
    expect(await bucket.listKeys()).toEqual([key]);
  });

  test.each([
    ...["ignores conditions", "refuses conditions", "drops the first answer to each write"],
    ...["forgets the uploads that it has completed", "is busy every third time"],
    ...["is slow", "sends half bodies"],
  ] as Fault[])("a large file is there whole, in parts, in a store that %s", async (fault) => {
    const { bucket, putting, sourceOf } = await openPutting(fault);
    const source = await sourceOf("film".repeat(4_500_000));
    expect(await putting.put(source, key, randomUUID())).toBe(true);
    const file = await openObject(openObjects(bucket.access), key);
    expect(
      createHash("sha256")
        .update(await file!.readBytes())
        .digest("hex"),
    ).toBe(source.sha256);
  });

  // Where conditions are ignored, each of several writers at once would replace the one before.
  test("of many that publish different bytes under one key in a process, one sends its bytes", async () => {
    const { proxy, objects, sourceOf, putting } = await openPutting("ignores conditions");
    const nothing = () => Promise.resolve();
    const intents = { add: nothing, remove: nothing, list: () => Promise.resolve([]), beat: nothing };
    const publications = new Publications({ objects, putting, intents, holder: "this", leaseMs: 60_000 });
    closers.push(() => {
      publications.close();
      return Promise.resolve();
    });
    let puts = 0;
    proxy.onCall = ({ method }) => {
      if (method === "PUT") puts++;
      return Promise.resolve();
    };
    const sources = await Promise.all(Array.from({ length: 20 }, (_, index) => sourceOf(`bytes ${index}`)));
    const results = await Promise.allSettled(
      sources.map((source) => publications.publish(source, key, nothing)),
    );
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(puts).toBe(1);
  });
});
