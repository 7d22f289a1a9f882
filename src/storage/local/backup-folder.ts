import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { readdir, readFile, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Bytes } from "../carrying.ts";
import { makeDirectory, sync } from "./durable.ts";
import { copyVerified, linkCopy, measureFile, syncFolders, type Expected } from "./copying.ts";
import { storageError } from "./disk-full.ts";
import { writeLibraryMark } from "./library-mark.ts";

/** Names of files in a backup. */
export const databaseName = "media_store.db";
export const originalsName = "media_files";
export const manifestName = "manifest.json";

/** A backup being made; nothing takes it for one until it is published. */
export interface BackupDraft {
  /** Absolute; where the database's copy is to be written. */
  readonly databasePath: string;
  /**
   * Puts an original into the backup: as a second name of an earlier backup's file, or as a copy.
   * @returns whether it was copied. @throws {DamagedCopyError} @throws {StorageFullError}
   */
  add(filePath: string, from: Bytes, expected: Expected, earlier: string | undefined): Promise<boolean>;
  /** Size and checksum of the database's copy. */
  measureDatabase(): Promise<Expected>;
  /**
   * Makes all of it durable and gives it its name, with this manifest.
   * @param libraryId marks the originals as the database's, so that the two can be copied back by hand.
   * @returns its absolute path.
   */
  publish(name: string, manifest: AsyncIterable<string>, libraryId: string | undefined): Promise<string>;
  /** Removes what was written. Safe to call after publishing. */
  discard(): Promise<void>;
}

const partial = /^\.partial-/;
/** `2026-11-23T07-15-00.123Z`, which sorts by time. */
const nameForm = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z$/;

/** Names of the backups in a folder, the oldest first; none for a folder that is not there. */
export async function listBackups(dir: string): Promise<string[]> {
  const names = await readdir(dir).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  });
  return names.filter((name) => nameForm.test(name)).sort();
}

/** The text of a backup's manifest; undefined when there is none. */
export async function readManifest(backup: string): Promise<string | undefined> {
  return readFile(join(backup, manifestName), "utf8").catch((error: unknown) => {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  });
}

/** Makes the folder of all backups. */
export const openBackups = (dir: string): Promise<void> => makeDirectory(resolve(dir));

/** Begins a backup, after removing what interrupted ones have left; the caller has seen to it that no other runs. */
export async function draftBackup(dir: string): Promise<BackupDraft> {
  for (const name of await readdir(dir))
    if (partial.test(name)) await rm(join(dir, name), { recursive: true, force: true });
  const path = join(resolve(dir), `.partial-${randomUUID()}`);
  await makeDirectory(join(path, originalsName));
  const databasePath = join(path, databaseName);

  return {
    databasePath,
    add: async (filePath, from, expected, earlier) => {
      const to = join(path, originalsName, filePath);
      if (earlier != null && (await linkCopy(join(earlier, originalsName, filePath), to, expected.size)))
        return false;
      await copyVerified(from, to, expected);
      return true;
    },
    measureDatabase: () => measureFile(databasePath),
    publish: async (name, manifest, libraryId) => {
      const target = join(resolve(dir), name);
      try {
        // Leftovers of SQLite beside a database that was open a moment ago; none of them is needed.
        for (const end of ["-wal", "-shm"]) await rm(databasePath + end, { force: true });
        await sync(databasePath);
        await pipeline(Readable.from(manifest), createWriteStream(join(path, manifestName), { flags: "wx" }));
        await sync(join(path, manifestName));
        if (libraryId != null) await writeLibraryMark(join(path, originalsName), libraryId);
        await syncFolders(path);
        await rename(path, target);
        await sync(resolve(dir));
      } catch (error) {
        throw storageError(error);
      }
      return target;
    },
    discard: () => rm(path, { recursive: true, force: true }),
  };
}
