import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import Libsql from "libsql";

/** Another program works on the same files already. */
export class LockedError extends Error {
  override readonly name = "LockedError";
}

/**
 * Keeps a second server away from the same files: an open exclusive transaction on a file of its own.
 * The kernel lets go of it when the process ends, however it ends, so no stale lock is left behind.
 * @returns what releases it.
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
