import { randomUUID } from "node:crypto";
import {
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { describe, expect, test } from "vitest";
import type { ObjectIntent } from "../../../src/storage/object-intents.ts";
import { openObjects } from "../../../src/storage/s3/objects.ts";
import { Publications } from "../../../src/storage/s3/publications.ts";
import { Putting } from "../../../src/storage/s3/putting.ts";
import { makeTestBucket, s3Endpoint } from "../../support/s3.ts";

const key = "2026/01/02/5d41402abc4b2a76b9719d911017c592.jpg";
const none = () => Promise.resolve(false);

/** What another server was storing, as this one sees it; no time passes between two sweeps but the lease of 0. */
async function openSweeping() {
  const bucket = await makeTestBucket();
  const { client, bucket: Bucket, prefix } = bucket.access;
  const objects = openObjects(bucket.access);
  const intent: ObjectIntent = { id: randomUUID(), key, holder: "another", beat: 0 };
  const rows = new Map([[intent.id, intent]]);
  const intents = {
    add: () => Promise.resolve(),
    remove: (id: string) => Promise.resolve(void rows.delete(id)),
    list: () => Promise.resolve([...rows.values()]),
    beat: () => Promise.resolve(),
  };
  const needs = { objects, putting: new Putting(objects, true), intents, holder: "this", leaseMs: 0 };
  const put = (Metadata: Record<string, string>) =>
    client.send(new PutObjectCommand({ Bucket, Key: prefix + key, Body: "hello", Metadata }));
  const beat = () => rows.set(intent.id, { ...intent, beat: (rows.get(intent.id)?.beat ?? 0) + 1 });
  return { bucket, rows, intent, put, beat, publications: new Publications(needs) };
}

describe.skipIf(s3Endpoint == null)("an object that another server was storing", () => {
  test("goes with its intent when that has stood still for a lease, and not while it advances", async () => {
    const { bucket, rows, intent, put, beat, publications } = await openSweeping();
    await put({ "colan-intent": intent.id });
    for (let sweeps = 0; sweeps < 3; sweeps++) {
      beat();
      expect(await publications.sweep(none)).toBe(0);
    }
    expect(await bucket.listKeys()).toEqual([key]);
    expect(await publications.sweep(none)).toBe(1);
    expect([await bucket.listKeys(), rows.size]).toEqual([[], 0]);
  });

  test("stays when its row was committed", async () => {
    const { bucket, rows, intent, put, publications } = await openSweeping();
    await put({ "colan-intent": intent.id });
    await publications.sweep(none);
    expect(await publications.sweep(() => Promise.resolve(true))).toBe(0);
    expect([await bucket.listKeys(), rows.size]).toEqual([[key], 0]);
  });

  test("stays when another publication brought it", async () => {
    const { bucket, put, publications } = await openSweeping();
    await put({ "colan-intent": randomUUID() });
    await publications.sweep(none);
    expect(await publications.sweep(none)).toBe(0);
    expect(await bucket.listKeys()).toEqual([key]);
  });

  test("is not left behind as a multipart upload that nobody will complete", async () => {
    const { bucket, publications } = await openSweeping();
    const { client, bucket: Bucket, prefix } = bucket.access;
    await client.send(new CreateMultipartUploadCommand({ Bucket, Key: prefix + key }));
    await publications.sweep(none);
    await publications.sweep(none);
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket, Prefix: prefix }));
    expect(Uploads).toEqual([]);
  });
});
