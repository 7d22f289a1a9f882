import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { DatabaseTooNewError, MigrationError } from "./engine.ts";

export interface Migration {
  readonly name: string;
  readonly sql: string;
  /** sha256 of the file, hexadecimal, as Prisma computes it. */
  readonly checksum: string;
}

/** A row of Prisma's `_prisma_migrations`. */
export interface Recorded {
  readonly name: string;
  readonly checksum: string;
  readonly finishedAt: number | string | null;
}

/** The migrations of a folder in the order they are applied; anything without a `migration.sql` is passed over. */
export async function readMigrations(dir: string): Promise<readonly Migration[]> {
  const names = (await readdir(dir)).filter((name) => existsSync(join(dir, name, "migration.sql"))).sort();
  return Promise.all(
    names.map(async (name) => {
      const bytes = await readFile(join(dir, name, "migration.sql"));
      return { name, sql: bytes.toString(), checksum: createHash("sha256").update(bytes).digest("hex") };
    }),
  );
}

/**
 * The first that is not recorded; undefined for none.
 * @throws {DatabaseTooNewError} for a recorded one that is not there
 * @throws {MigrationError} when a file was changed after it had been applied
 */
export function nextMigration(
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

/** The names of those that are not recorded. @throws {DatabaseTooNewError} @throws {MigrationError} */
export function pendingOf(migrations: readonly Migration[], recorded: readonly Recorded[]): string[] {
  nextMigration(migrations, recorded);
  const done = new Set(recorded.map(({ name }) => name));
  return migrations.map(({ name }) => name).filter((name) => !done.has(name));
}

/** `prisma/migrations/{engine}` of this package, from src/ or, compiled, from dist/. */
export function packagedMigrations(engine: "sqlite" | "postgres"): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json")) && folder !== dirname(folder)) folder = dirname(folder);
  return join(folder, "prisma", "migrations", engine);
}
