import { createWriteStream } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { UnavailableError } from "../../errors.ts";
import { makeDirectory, removeFile } from "../local/durable.ts";
import { storageError } from "../local/disk-full.ts";
import { openMediaFolder } from "../local/media-folder.ts";
import { originalPath } from "../local/original-files.ts";
import { stageFile } from "../local/staging.ts";
import type { ObjectIntents } from "../object-intents.ts";
import type { DirectLinks, ObjectStat, ObjectStore } from "../object-store.ts";
import type { S3Access } from "./client.ts";
import { LocalCopies } from "./copies.ts";
import type { BucketPresence } from "./mark.ts";
import { openObjects, type Objects } from "./objects.ts";
import { Publications } from "./publications.ts";
import type { StoreTraits } from "./probe.ts";
import { Putting } from "./putting.ts";
import { openObject, readBytes } from "./reading.ts";

export interface S3StorageNeeds {
  readonly access: S3Access;
  readonly traits: StoreTraits;
  /** Where uploads arrive, and copies for tools lie. */
  readonly workDir: string;
  /** Of the working folder, in which no two processes work at the same time. */
  readonly holder: string;
  /** Largest file that is staged. */
  readonly bytesMax: number;
  /** Of all copies together. */
  readonly copiesBytesMax: number;
  readonly intents: ObjectIntents;
  readonly presence: BucketPresence;
  readonly leaseMs: number;
  readonly links?: DirectLinks | undefined;
}

/** Writes an object's bytes to a file. @returns its size; undefined when there is no object. */
async function download(objects: Objects, key: string, path: string): Promise<number | undefined> {
  const head = await objects.head(key);
  if (head == null) return undefined;
  try {
    const bytes = readBytes(objects, key, { start: 0, end: head.size - 1 });
    await pipeline(Readable.from(bytes), createWriteStream(path));
  } catch (error) {
    await removeFile(path);
    throw storageError(error);
  }
  return head.size;
}

/** Originals in a bucket. Uploads arrive on a disk of this machine, where their facts are read. */
export async function openS3Storage(needs: S3StorageNeeds): Promise<ObjectStore> {
  const { access, traits, presence, intents, holder, leaseMs } = needs;
  const staging = join(resolve(needs.workDir), ".staging");
  await makeDirectory(staging);
  const copies = await LocalCopies.open(join(resolve(needs.workDir), ".copies"), needs.copiesBytesMax);
  const objects = openObjects(access);
  const putting = new Putting(objects, traits.conditions !== "refused");
  const publications = new Publications({ objects, putting, intents, holder, leaseMs });

  /** Whatever fails casts doubt on the place, and so does an object that is not there. */
  const asking = async <T>(ask: () => Promise<T>): Promise<T> => {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof UnavailableError) presence.doubt();
      throw error;
    }
  };
  const finding = async <T>(find: () => Promise<T | undefined>): Promise<T | undefined> => {
    const found = await asking(find);
    if (found !== undefined) return found;
    presence.doubt();
    await presence.check();
    return undefined;
  };
  const stat = (key: string): Promise<ObjectStat | undefined> =>
    finding(async () => {
      const head = await objects.head(key);
      return head && { key, size: head.size, modifiedAt: head.modifiedAt };
    });

  return {
    ...(needs.links == null ? {} : { links: needs.links }),
    stage: async (bytes) => {
      await presence.check().catch((error: unknown) => {
        bytes.destroy();
        throw error;
      });
      return stageFile(staging, bytes, needs.bytesMax);
    },
    publish: (staged, key) =>
      asking(async () => {
        await presence.check();
        const { size, md5, sha256, name } = staged;
        const path = join(staging, name);
        // What is made from it next is made from the file that is here already.
        return publications.publish({ path, size, md5, sha256 }, key, () => copies.adopt(key, path, size));
      }),
    open: (key) => finding(() => openObject(objects, key)),
    stat,
    withLocalFile: async (key, use) => {
      if ((await stat(key)) == null) {
        await copies.forget(key);
        return undefined;
      }
      return copies.lend(key, (path) => asking(() => download(objects, key, path)), use);
    },
    list: async function* (prefix) {
      for await (const found of objects.list(prefix)) if (originalPath.test(found.key)) yield found;
      presence.doubt();
      await presence.check();
    },
    ...openMediaFolder(staging, async () => {
      presence.doubt();
      await presence.check();
    }),
    remove: (key) =>
      asking(async () => {
        await presence.check();
        await objects.remove(key);
        await copies.forget(key);
      }),
    recover: async (hasRow) => {
      const names = await readdir(staging);
      for (const name of names) await rm(join(staging, name), { force: true, recursive: true });
      return names.length + (await asking(() => publications.recover(hasRow)));
    },
    sweep: (hasRow) => asking(() => publications.sweep(hasRow)),
  };
}
