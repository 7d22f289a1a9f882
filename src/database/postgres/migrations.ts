import { randomUUID } from "node:crypto";
import type pg from "pg";
import { MigrationError } from "../engine.ts";
import {
  nextMigration,
  packagedMigrations,
  pendingOf,
  readMigrations,
  type Migration,
  type Recorded,
} from "../migration-files.ts";
import { locks } from "./writer-pool.ts";

// Prisma's own table, column for column, so that `prisma migrate status` reads it.
const recordTable = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    "id"                    VARCHAR(36) PRIMARY KEY NOT NULL,
    "checksum"              VARCHAR(64) NOT NULL,
    "finished_at"           TIMESTAMPTZ,
    "migration_name"        VARCHAR(255) NOT NULL,
    "logs"                  TEXT,
    "rolled_back_at"        TIMESTAMPTZ,
    "started_at"            TIMESTAMPTZ NOT NULL DEFAULT now(),
    "applied_steps_count"   INTEGER NOT NULL DEFAULT 0
)`;

const readRecorded = async (client: pg.ClientBase): Promise<Recorded[]> =>
  (
    await client.query<Recorded>(
      `SELECT migration_name AS "name", checksum, finished_at AS "finishedAt"
       FROM "_prisma_migrations" WHERE rolled_back_at IS NULL`,
    )
  ).rows;

/** Whether a table is where the session looks for it. */
export const hasTable = async (client: pg.ClientBase, name: string): Promise<boolean> =>
  (await client.query<{ is: number }>(`SELECT 1 AS "is" WHERE to_regclass($1) IS NOT NULL`, [`"${name}"`]))
    .rows.length > 0;

/**
 * Brings the database to this program's schema, each migration in one transaction with its record. Servers that start at once
 * wait for each other.
 * @returns the names applied now.
 * @throws {DatabaseTooNewError} @throws {MigrationError}
 */
export async function applyMigrations(
  client: pg.ClientBase,
  dir = packagedMigrations("postgres"),
): Promise<readonly string[]> {
  const migrations = await readMigrations(dir);
  const applied: string[] = [];
  for (;;) {
    const name = await applyNext(client, migrations);
    if (name == null) return applied;
    applied.push(name);
  }
}

async function applyNext(
  client: pg.ClientBase,
  migrations: readonly Migration[],
): Promise<string | undefined> {
  await client.query(
    `BEGIN; SET LOCAL statement_timeout = 0; SELECT pg_advisory_xact_lock(${locks.migrations})`,
  );
  try {
    if (!(await hasTable(client, "_prisma_migrations"))) await client.query(recordTable);
    const next = nextMigration(migrations, await readRecorded(client));
    if (next != null) await apply(client, next);
    await client.query("COMMIT");
    return next?.name;
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

async function apply(client: pg.ClientBase, { name, sql, checksum }: Migration): Promise<void> {
  const startedAt = new Date();
  try {
    await client.query(sql);
    await client.query(
      `INSERT INTO "_prisma_migrations" (id, checksum, finished_at, migration_name, started_at, applied_steps_count)
       VALUES ($1, $2, $3, $4, $5, 1)`,
      [randomUUID(), checksum, new Date(), name, startedAt],
    );
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new MigrationError(`Migration ${name} failed and was undone: ${reason}`, { cause: error });
  }
}

/** @returns the names that the database lacks; changes nothing. @throws {DatabaseTooNewError} @throws {MigrationError} */
export async function listPending(
  client: pg.ClientBase,
  dir = packagedMigrations("postgres"),
): Promise<string[]> {
  const recorded = (await hasTable(client, "_prisma_migrations")) ? await readRecorded(client) : [];
  return pendingOf(await readMigrations(dir), recorded);
}
