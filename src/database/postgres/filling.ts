import type pg from "pg";
import { numbered, type Table } from "../model/tables.ts";
import { identifier, join, sql } from "../sql.ts";
import type { Contents, Values } from "../transfer.ts";
import { countCounters } from "../row-checks.ts";
import { countTallies } from "./derived.ts";
import { alone, rebuildIndex } from "./rebuild.ts";
import type { Run } from "./connections.ts";

interface Column {
  readonly name: string;
  readonly type: string;
}

/** The columns' types, by which values are written. */
async function typesOf(run: Run, { name }: Table): Promise<ReadonlyMap<string, string>> {
  const columns = await run<Column>(sql`
    SELECT column_name AS "name", udt_name AS "type" FROM information_schema.columns
    WHERE table_schema = current_schema() AND table_name = ${name}`);
  return new Map(columns.map(({ name: column, type }) => [column, type]));
}

/** A value as an array of the column's type has it. */
function stored(value: unknown, type: string | undefined): unknown {
  if (value == null) return null;
  switch (type) {
    case "bool":
      return value === 1 || value === true;
    case "timestamptz":
      return new Date(value as number).toISOString();
    case "bytea":
      return `\\x${Buffer.from(value as Uint8Array).toString("hex")}`;
    default:
      return value;
  }
}

/** One statement for a lot, however many rows. */
async function insert(run: Run, table: Table, types: ReadonlyMap<string, string>, rows: readonly Values[]) {
  const arrays = table.columns.map((column, index) => {
    const type = types.get(column) ?? "text";
    const values = rows.map((row) => stored(row[index], type));
    return sql`CAST(${values} AS ${identifier(type)}[])`;
  });
  await run(sql`
    INSERT INTO ${identifier(table.name)} (${join(table.columns.map(identifier))})
    SELECT * FROM unnest(${join(arrays)})`);
}

/** The highest id that a table ever gave out; ids are not used again. */
export async function readLastIds(run: Run): Promise<Record<string, number>> {
  const lastIds: Record<string, number> = {};
  for (const name of numbered) {
    const [row] = await run<{ last: number | null }>(sql`
      SELECT pg_sequence_last_value(CAST(pg_get_serial_sequence(${`"${name}"`}, 'id') AS regclass)) AS "last"`);
    if (row?.last != null) lastIds[name] = row.last;
  }
  return lastIds;
}

const names = (tables: readonly string[]) => tables.map((name) => `"${name}"`);

/** What each row would be entered in, or compared with, at a random place: away while rows come, and made at once from all. */
interface Aside {
  readonly drop: string;
  readonly make: string;
}

async function listAside(client: pg.Client): Promise<readonly Aside[]> {
  // A parent may have come later than its child as well.
  const { rows: keys } = await client.query<Aside>(`
    SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS "drop",
      format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS "make"
    FROM pg_constraint WHERE contype = 'f' AND connamespace = current_schema()::regnamespace`);
  const { rows: indexes } = await client.query<Aside>(`
    SELECT format('DROP INDEX %I', indexname) AS "drop", indexdef AS "make"
    FROM pg_indexes i
    WHERE schemaname = current_schema() AND tablename IN ('Entity', 'EntityVersion', 'EntityText', 'Original', 'Tombstone')
      AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = format('%I', i.indexname)::regclass)`);
  return [...keys, ...indexes];
}

/** Writes a library into an empty database: all of it, or nothing. The guards step aside within the transaction. */
export async function fillDatabase(url: string, { lots, lastIds }: Contents): Promise<void> {
  await alone(url, async (client: pg.Client, run) => {
    await client.query("BEGIN");
    try {
      // Sorting a whole index wants memory.
      await client.query("SET LOCAL maintenance_work_mem = '256MB'");
      const guarded = names([
        "Entity",
        "EntityVersion",
        "EntityKeyword",
        "AlbumMember",
        "Transaction",
        "Tombstone",
        "Original",
      ]);
      for (const table of guarded) await client.query(`ALTER TABLE ${table} DISABLE TRIGGER USER`);
      const aside = await listAside(client);
      for (const { drop } of aside) await client.query(drop);
      const types = new Map<string, ReadonlyMap<string, string>>();
      for await (const { table, rows } of lots) {
        const known = types.get(table.name) ?? (await typesOf(run, table));
        types.set(table.name, known);
        await insert(run, table, known, rows);
      }
      for (const name of numbered) {
        const last = lastIds[name];
        if (last != null)
          await run(
            sql`SELECT setval(CAST(pg_get_serial_sequence(${`"${name}"`}, 'id') AS regclass), ${last})`,
          );
      }
      await rebuildIndex(run, () => undefined);
      // Those that rows refer to come before those who refer.
      for (const { make } of [...aside].reverse()) await client.query(make);
      await run(sql`INSERT INTO "Tally" ("isDeleted", "field", "value", "count") ${countTallies}`);
      await run(sql`
        INSERT INTO "Counter" ("name", "value") SELECT n."name", n."value" FROM (${countCounters}) n
        ON CONFLICT ("name") DO UPDATE SET "value" = excluded."value"`);
      for (const table of guarded) await client.query(`ALTER TABLE ${table} ENABLE TRIGGER USER`);
      await client.query("COMMIT");
    } catch (error) {
      await client.query("ROLLBACK").catch(() => undefined);
      throw error;
    }
    // Without a map of what all may see, an index alone answers nothing: each entry is looked up in its table.
    await client.query("VACUUM (ANALYZE)");
  });
}
