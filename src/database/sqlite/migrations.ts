import { randomUUID } from "node:crypto";
import { MigrationError } from "../engine.ts";
import {
  nextMigration,
  packagedMigrations,
  pendingOf,
  readMigrations,
  type Migration,
  type Recorded,
} from "../migration-files.ts";
import type { Connection } from "./connection.ts";
import type { Database } from "./database.ts";

/** Another starter may be at a long migration; SQLite's lock is waited for so long. */
const lockTimeoutMs = 60_000;

// Prisma's own table, column for column, so that `prisma migrate status` reads it.
const recordTable = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    "id"                    TEXT PRIMARY KEY NOT NULL,
    "checksum"              TEXT NOT NULL,
    "finished_at"           DATETIME,
    "migration_name"        TEXT NOT NULL,
    "logs"                  TEXT,
    "rolled_back_at"        DATETIME,
    "started_at"            DATETIME NOT NULL DEFAULT current_timestamp,
    "applied_steps_count"   INTEGER UNSIGNED NOT NULL DEFAULT 0
)`;

/**
 * Brings the database to this program's schema: every migration in `dir` that it lacks, in the order of their names,
 * each in one transaction with its record. Safe when several programs start at once.
 * @returns the names applied now, empty when nothing was to be done
 * @throws {DatabaseTooNewError} for a recorded migration that `dir` does not have
 * @throws {MigrationError} when one fails, or its file was changed after it had been applied
 */
export async function applyMigrations(
  database: Database,
  dir: string = packagedMigrations("sqlite"),
): Promise<readonly string[]> {
  const migrations = await readMigrations(dir);
  return database.exclusive((writer) => {
    const busyTimeoutMs = Number(writer.rows({ sql: "PRAGMA busy_timeout", values: [] }).rows[0]?.[0]);
    // Neither setting can be changed inside a transaction. With foreign keys on, the DROP TABLE by which a table is
    // made again would first delete its rows, and what refers to them: https://sqlite.org/lang_altertable.html#otheralter
    writer.exec(`PRAGMA busy_timeout = ${lockTimeoutMs}; PRAGMA foreign_keys = OFF;`);
    try {
      const applied: string[] = [];
      for (
        let name = applyNext(writer, migrations);
        name !== undefined;
        name = applyNext(writer, migrations)
      ) {
        applied.push(name);
      }
      return applied;
    } finally {
      if (writer.inTransaction) writer.exec("ROLLBACK");
      writer.exec(`PRAGMA foreign_keys = ON; PRAGMA busy_timeout = ${busyTimeoutMs};`);
    }
  });
}

/**
 * @returns the names of the migrations that the database lacks; changes nothing.
 * @throws {DatabaseTooNewError} @throws {MigrationError}
 */
export async function listPending(reader: Connection, dir = packagedMigrations("sqlite")): Promise<string[]> {
  const migrations = await readMigrations(dir);
  const tables = reader.all({
    sql: `SELECT 1 FROM sqlite_master WHERE name = '_prisma_migrations'`,
    values: [],
  });
  const recorded = tables.length === 0 ? [] : listRecorded(reader);
  return pendingOf(migrations, recorded);
}

/** Applies the first migration that is not recorded. What is recorded is read under the lock: others start too. */
function applyNext(writer: Connection, migrations: readonly Migration[]): string | undefined {
  writer.exec("BEGIN IMMEDIATE");
  const recorded = readRecorded(writer);
  const next = nextMigration(migrations, recorded);
  if (next === undefined) {
    writer.exec("COMMIT");
    return undefined;
  }
  const startedAt = Date.now();
  try {
    writer.exec(next.sql);
    if (!writer.inTransaction) throw new Error("its SQL ends the transaction it runs in");
    const [broken] = writer.rows({ sql: "PRAGMA foreign_key_check", values: [] }).rows;
    if (broken)
      throw new Error(`it leaves ${String(broken[0])} with a reference to a missing ${String(broken[2])}`);
    record(writer, next, startedAt);
    writer.exec("COMMIT");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new MigrationError(`Migration ${next.name} failed and was undone: ${reason}`, { cause: error });
  }
  return next.name;
}

function readRecorded(writer: Connection): readonly Recorded[] {
  writer.exec(recordTable);
  return listRecorded(writer);
}

function listRecorded(connection: Connection): readonly Recorded[] {
  return connection.all<Recorded>({
    sql: `SELECT migration_name AS name, checksum, finished_at AS finishedAt
          FROM _prisma_migrations WHERE rolled_back_at IS NULL`,
    values: [],
  });
}

function record(writer: Connection, { name, checksum }: Migration, startedAt: number): void {
  writer.run({
    sql: `INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name, started_at, applied_steps_count)
          VALUES (?, ?, ?, ?, ?, 1)`,
    values: [randomUUID(), checksum, Date.now(), name, startedAt],
  });
}
