import { cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import Libsql from "libsql";

const database = "media_store.db";
const mediaFolder = "media_files";

/**
 * Copies a library, `media_store.db` and `media_files`, that a server of this process has just closed.
 *
 * Seen: a copy of the whole folder failed with "ENOENT lstat media_store.db-wal". libsql closes a connection's file
 * when the last of its statements is collected, and SQLite then removes `-wal` and `-shm`: at any moment, also between
 * the listing of the folder and the copying of its files. So SQLite itself writes the copy of the database.
 */
export async function copyLibrary(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  const source = new Libsql(join(from, database));
  try {
    source.prepare("VACUUM INTO ?").run(join(to, database));
  } finally {
    source.close();
  }
  await cp(join(from, mediaFolder), join(to, mediaFolder), { recursive: true });
}
