import { randomBytes } from "node:crypto";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { openS3, type S3Access } from "../../src/storage/s3/client.ts";
import { openObjects } from "../../src/storage/s3/objects.ts";
import { closers } from "./closers.ts";

/** Of a real store; undefined where there is none. `npm run test:s3` sets it, and the credentials. */
export const s3Endpoint = process.env["TEST_S3_ENDPOINT"];
const bucket = process.env["TEST_S3_BUCKET"] ?? "colan-tests";

const settingsOf = (mediaUrl: string, endpoint: string) => ({
  ...{ mediaUrl, s3Endpoint: endpoint, s3Region: "default" },
  s3ForcePathStyle: "auto" as const,
});

let made: Promise<unknown> | undefined;

async function makeBucket(endpoint: string): Promise<void> {
  const { client } = openS3(settingsOf(`s3://${bucket}`, endpoint));
  await client.send(new CreateBucketCommand({ Bucket: bucket })).catch((error: unknown) => {
    if (!/Already/.test((error as Error).name)) throw error;
  });
  client.destroy();
}

/** An empty part of a bucket, swept away when the test is over. */
export interface TestBucket {
  readonly mediaUrl: string;
  /** Past any proxy. */
  readonly access: S3Access;
  /** The keys of all objects but the library's mark, sorted. */
  listKeys(): Promise<string[]>;
  remove(key: string): Promise<void>;
  /** Removes everything, the mark too. */
  clear(): Promise<void>;
  /** As it is reached through another endpoint, such as a proxy. */
  through(endpoint: string): S3Access;
}

export async function makeTestBucket(): Promise<TestBucket> {
  const endpoint = s3Endpoint ?? "";
  await (made ??= makeBucket(endpoint));
  const mediaUrl = `s3://${bucket}/${randomBytes(8).toString("hex")}`;
  const access = openS3(settingsOf(mediaUrl, endpoint));
  const objects = openObjects(access);
  const clear = async () => {
    for await (const { key } of objects.list("")) await objects.remove(key);
  };
  closers.push(async () => {
    await clear();
    access.client.destroy();
  });
  return {
    ...{ mediaUrl, access, clear },
    remove: (key) => objects.remove(key),
    listKeys: async () => {
      const keys: string[] = [];
      for await (const { key } of objects.list("")) if (key !== ".library") keys.push(key);
      return keys.sort();
    },
    through: (other) => openS3(settingsOf(mediaUrl, other)),
  };
}
