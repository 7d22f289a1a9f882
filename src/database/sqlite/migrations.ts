import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { DatabaseTooNewError, MigrationError } from "../engine.ts";
import type { Connection } from "./connection.ts";
import type { Database } from "./database.ts";

interface Migration {
  readonly name: string;
  readonly sql: string;
  /** sha256 of the file, hexadecimal, as Prisma computes it. */
  readonly checksum: string;
}

interface Recorded {
  readonly name: string;
  readonly checksum: string;
  readonly finishedAt: number | string | null;
}

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
  dir: string = packagedMigrations(),
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
export async function listPending(reader: Connection, dir = packagedMigrations()): Promise<string[]> {
  const migrations = await readMigrations(dir);
  const tables = reader.all({
    sql: `SELECT 1 FROM sqlite_master WHERE name = '_prisma_migrations'`,
    values: [],
  });
  const recorded = tables.length === 0 ? [] : listRecorded(reader);
  nextMigration(migrations, recorded);
  const done = new Set(recorded.map(({ name }) => name));
  return migrations.map(({ name }) => name).filter((name) => !done.has(name));
}

/** The migrations of a folder in the order they are applied; anything without a `migration.sql` is passed over. */
async function readMigrations(dir: string): Promise<readonly Migration[]> {
  const names = (await readdir(dir)).filter((name) => existsSync(join(dir, name, "migration.sql"))).sort();
  return Promise.all(
    names.map(async (name) => {
      const bytes = await readFile(join(dir, name, "migration.sql"));
      return { name, sql: bytes.toString(), checksum: createHash("sha256").update(bytes).digest("hex") };
    }),
  );
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

function nextMigration(
  migrations: readonly Migration[],
  recorded: readonly Recorded[],
): Migration | undefined {
  const known = new Map(migrations.map((migration) => [migration.name, migration]));
  const unknown = recorded.filter(({ name }) => !known.has(name)).map(({ name }) => name);
  if (unknown.length > 0) throw new DatabaseTooNewError(unknown.sort());
  for (const { name, checksum, finishedAt } of recorded) {
    if (finishedAt === null) {
      throw new MigrationError(
        `Migration ${name} was begun by another tool and not finished; restore a backup`,
      );
    }
    if (checksum !== known.get(name)?.checksum) {
      throw new MigrationError(
        `Migration ${name} was changed after it had been applied here; put its file back and write a new migration`,
      );
    }
  }
  const done = new Set(recorded.map(({ name }) => name));
  return migrations.find(({ name }) => !done.has(name));
}

function record(writer: Connection, { name, checksum }: Migration, startedAt: number): void {
  writer.run({
    sql: `INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name, started_at, applied_steps_count)
          VALUES (?, ?, ?, ?, ?, 1)`,
    values: [randomUUID(), checksum, Date.now(), name, startedAt],
  });
}

/** `prisma/migrations` of this package, from src/ or, compiled, from dist/. */
function packagedMigrations(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json")) && folder !== dirname(folder)) folder = dirname(folder);
  return join(folder, "prisma", "migrations");
}
