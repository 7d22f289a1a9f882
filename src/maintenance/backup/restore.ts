import { randomBytes } from "node:crypto";
import { join, resolve } from "node:path";
import type { Config } from "../../config/config.ts";
import { renameLibrary } from "../../database/sqlite/library-row.ts";
import { sqliteEngine } from "../../database/sqlite/engine.ts";
import { checkFolderUnlocked, lockFolder } from "../../storage/local/folder-lock.ts";
import { makeDirectory } from "../../storage/local/durable.ts";
import { listBackups, readManifest } from "../../storage/local/backup-folder.ts";
import { checkRestorable, openRestoring } from "../../storage/local/restoring.ts";
import type { CarryingPlace } from "../../storage/carrying.ts";
import { parseManifest, type Manifest } from "./manifest.ts";
import { BackupError, type Copied } from "./service.ts";

export interface RestoreNeeds {
  readonly config: Pick<Config, "mediaDir">;
  /** Where the originals go. */
  readonly originals: CarryingPlace;
  /** Absolute. */
  readonly databasePath: string;
}

export interface Restoring {
  /** Stops it; begun again, it goes on. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Copied) => void;
}

export interface Restored {
  /** Absolute; the backup it was. */
  readonly path: string;
  readonly files: number;
  /** Bytes of them. */
  readonly bytes: number;
  readonly manifest: Omit<Manifest, "files">;
}

const sideBySide = 4;

/** @param dir a backup, or the folder of backups, whose newest is meant. */
async function findBackup(dir: string): Promise<{ path: string; manifest: Manifest }> {
  const newest = (await listBackups(dir)).at(-1);
  for (const path of [resolve(dir), ...(newest == null ? [] : [join(resolve(dir), newest)])]) {
    const text = await readManifest(path);
    if (text != null) return { path, manifest: parseManifest(text, join(path, "manifest.json")) };
  }
  throw new BackupError(`${resolve(dir)} is no backup, nor a folder with one: there is no manifest.json`);
}

/** Locks the target for this process; refuses a target that contains a library. @returns the function that unlocks it. */
async function takePlace({ config, originals, databasePath }: RestoreNeeds): Promise<() => Promise<void>> {
  const mediaDir = resolve(config.mediaDir);
  const url = `file:${databasePath}`;
  checkFolderUnlocked(mediaDir);
  await sqliteEngine.checkUnlocked(url);
  await checkRestorable({ originals, databasePath });
  await makeDirectory(mediaDir);
  const releaseDatabase = await sqliteEngine.lock(url);
  try {
    const releaseFolder = lockFolder(mediaDir);
    return () => {
      releaseFolder();
      return releaseDatabase();
    };
  } catch (error) {
    await releaseDatabase();
    throw error;
  }
}

/**
 * Puts a backup's library into an empty place, proving every file on the way. It gets an id of its own: the library that
 * was backed up may still be at work, and neither is to be served with the other's files.
 * @throws {NotEmptyError} when something is there; nothing is ever overwritten
 * @throws {DamagedCopyError} when the backup's bytes are not those of its manifest
 * @throws {BackupError} when there is no backup
 * @throws {LockedError} when a server works there.
 */
export async function restoreBackup(
  needs: RestoreNeeds,
  dir: string,
  restoring: Restoring,
): Promise<Restored> {
  const { signal, onProgress } = restoring;
  const { path, manifest } = await findBackup(dir);
  const { files: list, ...heading } = manifest;
  const release = await takePlace(needs);
  try {
    const folder = await openRestoring(path, needs);
    const queue = list[Symbol.iterator]();
    let [files, bytes] = [0, 0];
    const work = async () => {
      for (const file of queue) {
        signal.throwIfAborted();
        await folder.add({ ...file, key: file.path });
        files++;
        bytes += file.size;
        onProgress({ files, filesTotal: list.length, bytes });
      }
    };
    await Promise.all(Array.from({ length: sideBySide }, work));
    const id = randomBytes(16).toString("hex");
    await folder.finish(heading.database, id, (copy) => {
      renameLibrary(copy, id);
    });
    return { path, files, bytes, manifest: heading };
  } finally {
    await release();
  }
}
