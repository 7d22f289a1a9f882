import { pathToFileURL } from "node:url";
import pg from "pg";
import { tables } from "../src/database/model/tables.ts";
import { postgresEngine } from "../src/database/postgres/engine.ts";
import { sqliteEngine } from "../src/database/sqlite/engine.ts";
import { readTable, type Contents } from "../src/database/transfer.ts";
import { seedLibrary } from "./seed.ts";

const say = (line: string) => process.stderr.write(`${line}\n`);

/**
 * Fills an empty database with the rows of a seeded SQLite library, as `colan move-database` does but for the comparison: so
 * both engines are measured with the same rows.
 */
export async function seedPostgres(libraryPath: string, url: string): Promise<void> {
  const source = await sqliteEngine.openReading(`file:${libraryPath}`);
  try {
    const { reader } = source;
    const lots: Contents["lots"] = (async function* () {
      for (const table of tables) for await (const rows of readTable(reader, table)) yield { table, rows };
    })();
    const target = await postgresEngine.open(url, { now: Date.now });
    try {
      await target.migrate();
      await target.fill({ lots, lastIds: await source.readLastIds() });
    } finally {
      await target.db.close();
    }
  } finally {
    await source.close();
  }
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  // Counting stays in the index: what autovacuum does soon after many rows.
  await client.query("VACUUM ANALYZE");
  await client.end();
}

const [script] = process.argv.slice(1);
if (script != null && import.meta.url === pathToFileURL(script).href) {
  const [url, path, entities] = process.argv.slice(2);
  if (url == null || path == null) {
    say("usage: tsx bench/seed-postgres.ts postgresql://…/empty LIBRARY.db [entities to seed it with first]");
    process.exitCode = 2;
  } else {
    if (entities != null) await seedLibrary(path, Number(entities), say);
    const startedAt = performance.now();
    await seedPostgres(path, url);
    say(`PostgreSQL filled in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  }
}
