import { existsSync } from "node:fs";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { runScripts } from "../support/postgres.ts";
import { reading } from "./reading.ts";
import { released } from "./released.ts";

/** A library whose servers are killed. */
export interface CrashLibrary {
  readonly dir: string;
  readonly mediaDir: string;
  /** As the checkers open it. */
  readonly database: string;
  readonly databaseUrl: string;
  /** Waits until nobody but a server that works on it has the database open. */
  released(): Promise<void>;
  /** Shows the state that a dead server has left. @param look is given a database as the checkers open it. */
  lookAtRemains<T>(look: (database: string) => Promise<T>): Promise<T>;
}

export const mediaDirOf = (dir: string): string => join(dir, "media_files");

/** In a folder: an empty one, or one with a library in it. */
export function sqliteLibrary(dir: string): CrashLibrary {
  const database = join(dir, "media_store.db");
  return {
    ...{ dir, database, mediaDir: mediaDirOf(dir), databaseUrl: `file:${database}` },
    released: () => released(database),
    // On a copy, since who opens the database itself recovers it, which is the next server's to do.
    lookAtRemains: async (look) => {
      const copy = await mkdtemp(join(tmpdir(), "colan-remains-"));
      try {
        for (const ending of ["", "-wal"])
          if (existsSync(database + ending))
            await copyFile(database + ending, join(copy, `copy.db${ending}`));
        return await look(join(copy, "copy.db"));
      } finally {
        await rm(copy, { recursive: true });
      }
    },
  };
}

const sessionsLeft = `SELECT count(*)::integer AS "count" FROM pg_stat_activity
  WHERE datname = current_database() AND application_name = 'colan'`;
const sessionsEndMsMax = 60_000;

/** What a killed server has begun ends with its sessions, each at the moment at which the database hears that it is gone. */
async function sessionsEnded(url: string): Promise<void> {
  const giveUpAt = Date.now() + sessionsEndMsMax;
  for (;;) {
    const [row] = await reading(url, ({ query }) => query<{ count: number }>(sessionsLeft));
    if (row?.count === 0) return;
    if (Date.now() > giveUpAt)
      throw new Error(`sessions of a killed server did not end: ${row?.count ?? "?"}`);
    await setTimeout(20);
  }
}

/** Files in a folder, rows in a database that the caller drops. */
export function postgresLibrary(dir: string, url: string): CrashLibrary {
  return {
    ...{ dir, database: url, mediaDir: mediaDirOf(dir), databaseUrl: url },
    released: () => Promise.resolve(),
    lookAtRemains: async (look) => {
      await sessionsEnded(url);
      return look(url);
    },
  };
}

/** Ends every session of the library's server, as an administrator does. */
export const endSessions = (url: string): Promise<void> =>
  runScripts(
    url,
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'colan'`,
  );
