import { readFile } from "node:fs/promises";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { bindMigrationAwareSqlAdapterFactory } from "@prisma/driver-adapter-utils";
import * as bindings from "@prisma/schema-engine-wasm/schema_engine_bg";
import { applyMigrations } from "../src/database/sqlite/migrations.ts";
import { prismaAdapter } from "../src/database/sqlite/adapter.ts";
import { openDatabase, type Database } from "../src/database/sqlite/database.ts";

/**
 * SQL that leads from the schema the migrations make to the one a Prisma schema declares.
 * @param migrationsDir null for a database without any
 * @returns null when they are equal
 * @throws {Error} when a migration fails or the schema is invalid
 */
export async function schemaDiff(migrationsDir: string | null, schemaPath: string): Promise<string | null> {
  const folder = mkdtempSync(join(tmpdir(), "schema-diff-"));
  const database = openDatabase(join(folder, "migrated.db"));
  const shadow = openDatabase(join(folder, "shadow.db"));
  try {
    if (migrationsDir !== null) await applyMigrations(database, migrationsDir);
    dropPartialIndexes(database);
    const sql = await diffDatabase(database, shadow, schemaPath);
    return sql === null ? null : keepTriggers(keepSequences(sql), database);
  } finally {
    database.close();
    shadow.close();
    rmSync(folder, { recursive: true });
  }
}

async function diffDatabase(
  database: Database,
  shadow: Database,
  schemaPath: string,
): Promise<string | null> {
  const content = await readFile(schemaPath, "utf8");
  const schema = { path: basename(schemaPath), content };
  await loadEngine();
  const engine = await bindings.SchemaEngine.new(
    { datamodels: [[schema.path, schema.content]] },
    () => undefined,
    bindMigrationAwareSqlAdapterFactory({
      ...prismaAdapter(database),
      connectToShadowDb: () => prismaAdapter(shadow).connect(),
    }),
  );
  try {
    const { exitCode, stdout } = await engine.diff({
      from: { tag: "schemaDatasource", files: [schema], configDir: "." },
      to: { tag: "schemaDatamodel", files: [schema] },
      script: true,
      exitCode: true,
      filters: { externalTables: tablesOfSqlite(database), externalEnums: [] },
    });
    return exitCode === 0 ? null : (stdout ?? "");
  } finally {
    engine.free();
  }
}

/** No Prisma schema can declare an index with a condition, and the engine fails to read one. */
function dropPartialIndexes({ reader, writer }: Database): void {
  const indexes = reader.all<{ name: string }>({
    sql: `SELECT i.name FROM pragma_table_list t JOIN pragma_index_list(t.name) i WHERE t.schema = 'main' AND i.partial`,
    values: [],
  });
  for (const { name } of indexes) writer.exec(`DROP INDEX "${name}"`);
}

/**
 * Virtual tables (the full-text index), the shadow tables they keep their data in, and Prisma's record of migrations:
 * no Prisma schema can declare them, so the diff would drop them.
 */
function tablesOfSqlite({ reader }: Database): string[] {
  const tables = reader.all<{ name: string }>({
    sql: `SELECT name FROM pragma_table_list
          WHERE schema = 'main' AND (type IN ('virtual', 'shadow') OR name = '_prisma_migrations')`,
    values: [],
  });
  return tables.map(({ name }) => name);
}

/**
 * A table that SQLite cannot alter is made again and renamed. That drops its own triggers, and the renaming fails over
 * any other trigger that names it; so all of them step aside and come back.
 */
function keepTriggers(sql: string, { reader }: Database): string {
  if (!/^DROP TABLE/m.test(sql)) return sql;
  const triggers = reader.all<{ name: string; sql: string }>({
    sql: "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY name",
    values: [],
  });
  if (triggers.length === 0) return sql;
  const dropped = triggers.map(({ name }) => `DROP TRIGGER "${name}";`).join("\n");
  const made = triggers.map((trigger) => `${trigger.sql};`).join("\n\n");
  return `-- Triggers step aside for the tables that are made again\n${dropped}\n\n${sql}\n-- Triggers come back\n${made}\n`;
}

/**
 * Dropping a table forgets which ids it ever gave out, and the new one would start after the highest row that is left:
 * the id of a destroyed entity would be used again.
 */
function keepSequences(sql: string): string {
  return sql.replace(
    /^DROP TABLE "(.+)";\nALTER TABLE "(.+)" RENAME TO "\1";$/gm,
    (steps, table: string, made: string) => {
      if (!definition(sql, made).includes("AUTOINCREMENT")) return steps;
      return (
        `DELETE FROM sqlite_sequence WHERE name = '${made}';\n` +
        `INSERT INTO sqlite_sequence (name, seq) SELECT '${made}', seq FROM sqlite_sequence WHERE name = '${table}';\n${steps}`
      );
    },
  );
}

/** The text of a table's CREATE TABLE in a script. */
function definition(sql: string, table: string): string {
  const from = sql.indexOf(`CREATE TABLE "${table}" (`);
  return sql.slice(from, sql.indexOf("\n);", from));
}

let engineLoaded: Promise<void> | undefined;

/** Instantiates the schema engine, once a process; the package's own entry imports its `.wasm`, which Node 20 cannot. */
export function loadEngine(): Promise<void> {
  engineLoaded ??= (async () => {
    const script = createRequire(import.meta.url).resolve("@prisma/schema-engine-wasm/schema_engine_bg");
    const { instance } = await WebAssembly.instantiate(await readFile(script.replace(/\.js$/, ".wasm")), {
      "./schema_engine_bg.js": { ...bindings },
    });
    bindings.__wbg_set_wasm(instance.exports);
    // wasm-bindgen's start function; WebAssembly's own types know no names.
    (instance.exports["__wbindgen_start"] as () => void)();
  })();
  return engineLoaded;
}
