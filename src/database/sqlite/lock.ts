import { existsSync, mkdirSync, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import Libsql from "libsql";

/** Another program works on the same files already. */
export class LockedError extends Error {
  override readonly name = "LockedError";
}

/**
 * Prevents a second server from using the same files: an open exclusive transaction on a file of its own.
 * The kernel releases it when the process ends in any way, so no stale lock is left behind.
 * @returns the function that releases it.
 * @throws {LockedError}
 */
export function lock(path: string, what: string): () => void {
  mkdirSync(dirname(path), { recursive: true });
  const database = new Libsql(path);
  try {
    // Fails at once when the lock is held: there is nothing to wait for. SQLite begins a journal for an empty file,
    // for which a full disk has no room: it stays in memory, since nothing is ever written.
    database.exec("PRAGMA busy_timeout = 0; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if ((error as { code?: unknown }).code !== "SQLITE_BUSY") throw error;
    throw new LockedError(
      `${what} is in use by another process; stop that one first, or give this one a library of its own`,
      { cause: error },
    );
  }
  return () => {
    database.exec("ROLLBACK");
    database.close();
  };
}

// A link to the database must lead to the same lock.
function lockPathOf(path: string): string {
  const real = existsSync(path) ? realpathSync(path) : join(realpathSync(dirname(path)), basename(path));
  return `${real}.lock`;
}

/**
 * Prevents a second server from using the same database, with any media directory.
 * @returns the function that releases it.
 * @throws {LockedError}
 */
export function lockDatabase(path: string): () => void {
  mkdirSync(dirname(path), { recursive: true });
  return lock(lockPathOf(path), `The database ${path}`);
}

/** Prevents a second server from using the same originals, with any database. @see {lockDatabase} */
export const lockFolder = (mediaDir: string): (() => void) =>
  lock(join(mediaDir, ".lock"), `The media directory ${mediaDir}`);

/**
 * Checked first: that a server is running explains more than a mismatch of the two. Writes nothing.
 * @throws {LockedError}
 */
export function checkUnlocked(databasePath: string, mediaDir: string): void {
  if (existsSync(join(mediaDir, ".lock"))) lockFolder(mediaDir)();
  if (existsSync(databasePath) && existsSync(lockPathOf(databasePath))) lockDatabase(databasePath)();
}
