// npm run migration -- <name>: writes the next migration.sql of each engine from prisma/schema.prisma.
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { postgresDiff } from "./postgres-diff.ts";
import { postgresSchema } from "./postgres-schema.ts";
import { schemaDiff } from "./schema-diff.ts";
import { versionGuard } from "./version-guard.ts";

const prismaDir = fileURLToPath(new URL("../prisma", import.meta.url));
const schemaPath = join(prismaDir, "schema.prisma");
const [name] = process.argv.slice(2);

/** The models that the migrations for PostgreSQL make: without a server, nothing else could tell. */
const migratedPath = join(prismaDir, "migrations", "postgres", "schema.prisma");

if (name === undefined || !/^[a-z0-9_]+$/.test(name)) {
  console.error(
    "usage: npm run migration -- <name>, in small letters, digits and _ (such as add_entity_rating)",
  );
  process.exitCode = 2;
} else {
  const folder = `${timestamp(new Date())}_${name}`;
  const sqliteDir = join(prismaDir, "migrations", "sqlite");
  const sqlite = await schemaDiff(existsSync(sqliteDir) ? sqliteDir : null, schemaPath);
  const schema = await readFile(schemaPath, "utf8");
  const models = postgresSchema(schema);
  const migrated = existsSync(migratedPath) ? await readFile(migratedPath, "utf8") : null;
  const postgres = await postgresDiff(migrated, models);
  if (sqlite !== null) await write(join(sqliteDir, folder), guarded(sqlite, schema));
  if (postgres !== null) await write(join(prismaDir, "migrations", "postgres", folder), postgres);
  if (migrated !== models) await writeFile(migratedPath, models);
  if (sqlite === null && postgres === null)
    console.log("no change: the migrations already make what prisma/schema.prisma declares");
}

/** The trigger that refuses to change a version names the table's columns: it is made again with them. */
function guarded(sql: string, schema: string): string {
  if (!sql.includes('"EntityVersion"')) return sql;
  return `${sql}\n-- The guard with all columns\nDROP TRIGGER "EntityVersion_stays";\n${versionGuard(schema)}`;
}

async function write(dir: string, sql: string): Promise<void> {
  await mkdir(dir, { recursive: true });
  const file = join(dir, "migration.sql");
  await writeFile(file, sql, { flag: "wx" });
  console.log(`wrote ${file}; read it before you commit it, and add triggers and what is searched by hand`);
}

/** UTC, as `prisma migrate` names its folders: 20260131235959. */
function timestamp(now: Date): string {
  return now
    .toISOString()
    .slice(0, 19)
    .replace(/[^0-9]/g, "");
}
