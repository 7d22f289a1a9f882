import { existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { CarriedFile, CarryingPlace } from "../carrying.ts";
import { copyVerified, fileBytes, type Expected } from "./copying.ts";
import { databaseName, originalsName } from "./backup-folder.ts";
import { makeDirectory, sync } from "./durable.ts";

/** There is a library already where one shall be restored. */
export class NotEmptyError extends Error {
  override readonly name = "NotEmptyError";
}

/** Marks a place while a backup is being restored into it, so that an interrupted restore can continue. */
const note = ".restoring";

/** A place for a library, being filled from a backup. */
export interface Restoring {
  /** Copies an original there, unless an interrupted run has. @throws {DamagedCopyError} @throws {StorageFullError} */
  add(file: CarriedFile): Promise<void>;
  /**
   * The database comes last: without it there is no library.
   * @param libraryId marks the place.
   * @param renameLibrary gives the copy of the database, at the path it is called with, the same id.
   * @throws {DamagedCopyError}
   */
  finish(database: Expected, libraryId: string, renameLibrary: (path: string) => void): Promise<void>;
}

interface Target {
  readonly originals: CarryingPlace;
  /** Absolute. */
  readonly databasePath: string;
}

/** Writes nothing. @throws {NotEmptyError} when a library, or anything else, is there. */
export async function checkRestorable({ originals, databasePath }: Target): Promise<void> {
  for (const end of ["", "-wal", "-journal"])
    if (existsSync(databasePath + end))
      throw new NotEmptyError(`${databasePath}${end} is there already; restore to an empty place`);
  if ((await originals.readNote(note)) != null) return;
  const there = await originals.findOccupant();
  if (there != null)
    throw new NotEmptyError(`${originals.title} is not empty (${there}); restore to an empty place`);
}

/**
 * @param backup a backup's folder.
 * @throws {NotEmptyError} when a library, or anything else, is there.
 */
export async function openRestoring(backup: string, target: Target): Promise<Restoring> {
  await checkRestorable(target);
  const { originals, databasePath } = target;
  await makeDirectory(dirname(databasePath));
  await originals.writeNote(note, "A backup is being restored here; colan restore has not ended yet.\n");

  return {
    add: async (file) => {
      await originals.add(file, fileBytes(join(backup, originalsName, file.key)));
    },
    finish: async (database, libraryId, renameLibrary) => {
      const draft = `${databasePath}.restoring`;
      for (const end of ["", "-wal", "-shm"]) await rm(draft + end, { force: true });
      await copyVerified(fileBytes(join(backup, databaseName)), draft, database);
      renameLibrary(draft);
      // They contain nothing: the journal was emptied before the rename.
      for (const end of ["-wal", "-shm"]) await rm(draft + end, { force: true });
      await sync(draft);
      await originals.writeMark(libraryId);
      await originals.settle();
      await rename(draft, databasePath);
      await sync(dirname(databasePath));
      // Last, so that a restore that is interrupted anywhere before can be begun again.
      await originals.removeNote(note);
    },
  };
}
