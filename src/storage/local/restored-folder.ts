import { existsSync } from "node:fs";
import { lstat, open, readdir, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { copyVerified, fileBytes, measureFile, syncFolders, type Expected } from "./copying.ts";
import { databaseName, originalsName } from "./backup-folder.ts";
import { makeDirectory, sync } from "./durable.ts";
import { writeLibraryMark } from "./library-mark.ts";

/** There is a library already where one shall be restored. */
export class NotEmptyError extends Error {
  override readonly name = "NotEmptyError";
}

/** Marks a media directory while a backup is being restored into it, so that an interrupted restore can continue. */
const markName = ".restoring";
/** Entries that an empty media directory may have. */
const harmless = /^(\.lock[a-z-]*|\.staging|lost\+found|README\.md)$/;

/** A place for a library, being filled from a backup. */
export interface RestoringFolder {
  /** Copies an original there, unless an interrupted run has. @throws {DamagedCopyError} @throws {StorageFullError} */
  add(filePath: string, expected: Expected): Promise<void>;
  /**
   * The database comes last: without it there is no library.
   * @param libraryId marks the folder.
   * @param renameLibrary gives the copy of the database, at the path it is called with, the same id.
   * @throws {DamagedCopyError}
   */
  finish(database: Expected, libraryId: string, renameLibrary: (path: string) => void): Promise<void>;
}

async function isSame(path: string, expected: Expected): Promise<boolean> {
  const stat = await lstat(path).catch(() => undefined);
  if (stat?.isFile() !== true || stat.size !== expected.size) return false;
  return (await measureFile(path)).sha256 === expected.sha256;
}

interface Target {
  readonly mediaDir: string;
  /** Absolute. */
  readonly databasePath: string;
}

/** Writes nothing. @throws {NotEmptyError} when a library, or anything else, is there. */
export async function checkRestorable({ mediaDir, databasePath }: Target): Promise<void> {
  for (const end of ["", "-wal", "-journal"])
    if (existsSync(databasePath + end))
      throw new NotEmptyError(`${databasePath}${end} is there already; restore to an empty place`);
  const dir = resolve(mediaDir);
  if (!existsSync(dir) || existsSync(join(dir, markName))) return;
  const there = (await readdir(dir)).find((name) => !harmless.test(name));
  if (there != null) throw new NotEmptyError(`${dir} is not empty (${there}); restore to an empty place`);
}

/**
 * @param backup a backup's folder.
 * @throws {NotEmptyError} when a library, or anything else, is there.
 */
export async function openRestoring(backup: string, target: Target): Promise<RestoringFolder> {
  await checkRestorable(target);
  const mediaDir = resolve(target.mediaDir);
  const { databasePath } = target;
  await makeDirectory(mediaDir);
  await makeDirectory(dirname(databasePath));
  const mark = join(mediaDir, markName);
  if (!existsSync(mark)) {
    await (await open(mark, "wx")).close();
    await sync(mediaDir);
  }

  return {
    add: async (filePath, expected) => {
      const to = join(mediaDir, filePath);
      if (await isSame(to, expected)) return;
      await rm(to, { force: true });
      await copyVerified(fileBytes(join(backup, originalsName, filePath)), to, expected);
    },
    finish: async (database, libraryId, renameLibrary) => {
      const draft = `${databasePath}.restoring`;
      for (const end of ["", "-wal", "-shm"]) await rm(draft + end, { force: true });
      await copyVerified(fileBytes(join(backup, databaseName)), draft, database);
      renameLibrary(draft);
      // They contain nothing: the journal was emptied before the rename.
      for (const end of ["-wal", "-shm"]) await rm(draft + end, { force: true });
      await sync(draft);
      await writeLibraryMark(mediaDir, libraryId);
      await syncFolders(mediaDir);
      await rename(draft, databasePath);
      await sync(dirname(databasePath));
      // Last, so that a restore that is interrupted anywhere before can be begun again.
      await rm(mark, { force: true });
    },
  };
}
