import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import type { Bytes, CarriedFile, CarryingPlace } from "../carrying.ts";
import { copyVerified, DamagedCopyError, measureFile } from "../local/copying.ts";
import { removeFile } from "../local/durable.ts";
import { libraryMarkName } from "../local/library-mark.ts";
import { originalPath } from "../local/original-files.ts";
import type { S3Access } from "./client.ts";
import { storeError } from "./errors.ts";
import { bucketPlace } from "./mark.ts";
import { openObjects, type Objects } from "./objects.ts";
import { trialPrefix } from "./probe.ts";
import { partBytes, Putting, sha256Of } from "./putting.ts";
import { openObject } from "./reading.ts";

const bytesOf = (objects: Objects, key: string): Bytes => {
  const name = `${objects.access.name}/${key}`;
  return {
    name,
    read: async function* () {
      const file = await openObject(objects, key);
      if (file == null) throw new DamagedCopyError(`${name} is missing`);
      yield* file.read() as AsyncIterable<Buffer>;
    },
  };
};

/** The bytes as a file of this machine, for as long as `use` runs. */
async function withFile<T>(
  from: Bytes,
  file: CarriedFile,
  tempDir: string,
  use: (path: string) => Promise<T>,
): Promise<T> {
  if (from.path != null) return use(from.path);
  const path = join(tempDir, `carried-${randomUUID()}`);
  try {
    await copyVerified(from, path, file);
    return await use(path);
  } finally {
    await removeFile(path);
  }
}

const md5Of = (key: string): string => key.slice(key.lastIndexOf("/") + 1).split(".")[0] ?? "";

/** Why a file that was sent is not there as it should be: it was damaged before, or has been on its way. */
async function explain(objects: Objects, file: CarriedFile, path: string, name: string): Promise<never> {
  const found = await measureFile(path);
  throw new DamagedCopyError(
    found.sha256 === file.sha256 && found.size === file.size
      ? `${objects.access.name} has kept other bytes of ${file.key} than were sent`
      : `${name} has ${found.size} bytes, sha256 ${found.sha256}, and should have ${file.size} bytes, sha256 ${file.sha256}`,
  );
}

/** One writer at a time, so that nothing is to be settled with others: no intents, no conditions. */
async function put(objects: Objects, file: CarriedFile, path: string, name: string): Promise<boolean> {
  const { key, size, sha256 } = file;
  // Of an earlier run that was cut off.
  if (size > partBytes) await objects.abortUploads(key);
  const putting = new Putting(objects, false);
  let isBrought: boolean;
  try {
    isBrought = await putting.put({ path, size, sha256, md5: md5Of(key) }, key, randomUUID());
  } catch (error) {
    // The file is missing, or the store has refused bytes of another MD5 than its name says.
    const found = await measureFile(path);
    if (found.sha256 !== sha256 || found.size !== size) return explain(objects, file, path, name);
    throw error;
  }
  if (!isBrought || (await sha256Of(objects, key, size)) === sha256) return isBrought;
  await objects.remove(key);
  return explain(objects, file, path, name);
}

async function isThere(objects: Objects, { key, size, sha256 }: CarriedFile): Promise<boolean> {
  const head = await objects.head(key);
  return head?.size === size && (await sha256Of(objects, key, size)) === sha256;
}

/**
 * A bucket, or part of one, that a library is carried from or into.
 * @param tempDir for what comes from another bucket.
 */
export function carriedBucket(access: S3Access, tempDir: string): CarryingPlace {
  const objects = openObjects(access);
  const readText = async (key: string) => {
    const file = await openObject(objects, key);
    return file && (await file.readBytes()).toString();
  };
  return {
    ...bucketPlace(access),
    bytesOf: (key) => bytesOf(objects, key),
    sizeOf: async (key) => (await objects.head(key))?.size,
    add: async (file, from) => {
      if (from.path == null && (await isThere(objects, file))) return false;
      return withFile(from, file, tempDir, (path) => put(objects, file, path, from.name));
    },
    settle: () => Promise.resolve(),
    remove: (key) => objects.remove(key),
    list: async function* () {
      for await (const { key } of objects.list("")) if (originalPath.test(key)) yield key;
    },
    findOccupant: async () => {
      for await (const { key } of objects.list("")) if (!key.startsWith(trialPrefix)) return key;
      return undefined;
    },
    readNote: (name) => readText(name),
    writeNote: async (name, Body) => {
      const { client, bucket: Bucket, prefix } = access;
      await client
        .send(new PutObjectCommand({ Bucket, Key: prefix + name, Body, ContentType: "text/plain" }))
        .catch((error: unknown) => {
          throw storeError(error);
        });
    },
    removeNote: (name) => objects.remove(name),
    removeMark: () => objects.remove(libraryMarkName),
  };
}
