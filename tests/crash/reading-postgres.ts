import pg from "pg";
import type { Query, Reading } from "./reading.ts";

/** Integers as numbers, which is exact for all that a test counts. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid) =>
    oid === pg.types.builtins.INT8
      ? Number
      : (pg.types.getTypeParser(oid, "text") as (text: string) => unknown),
};

/** Every page of the tables, and every entry of the indexes beside the row that it is for. */
const damaged = [
  `SELECT c.relname || ': ' || h.msg AS what FROM pg_class c, LATERAL verify_heapam(c.oid) h
   WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace`,
  `SELECT bt_index_check(i.indexrelid, true) AS what FROM pg_index i
   JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam AND a.amname = 'btree'
   WHERE c.relnamespace = current_schema()::regnamespace AND i.indisvalid`,
  `SELECT c.relname || ' is not valid' AS what FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
   WHERE NOT i.indisvalid`,
];

interface Reference {
  readonly child: string;
  readonly parent: string;
  readonly columns: readonly string[];
  readonly referred: readonly string[];
}

const references = `
  SELECT k.conrelid::regclass::text AS child, k.confrelid::regclass::text AS parent,
    ARRAY(SELECT quote_ident(a.attname::text) FROM unnest(k.conkey) WITH ORDINALITY u (n, at)
      JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.n ORDER BY u.at) AS columns,
    ARRAY(SELECT quote_ident(a.attname::text) FROM unnest(k.confkey) WITH ORDINALITY u (n, at)
      JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.n ORDER BY u.at) AS referred
  FROM pg_constraint k WHERE k.contype = 'f' AND k.connamespace = current_schema()::regnamespace`;

const dangling = ({ child, parent, columns, referred }: Reference) => `
  SELECT 'a row of ' || '${child.replaceAll('"', "")}' || ' refers to what is not there' AS what FROM ${child} c
  WHERE ${columns.map((column) => `c.${column} IS NOT NULL`).join(" AND ")} AND NOT EXISTS (SELECT 1 FROM ${parent} p
    WHERE ${columns.map((column, at) => `p.${referred[at] ?? ""} = c.${column}`).join(" AND ")})`;

/** As a superuser: the pages are looked at with the extension amcheck, which is made where it is missing. */
export async function openPostgresReading(url: string): Promise<Reading> {
  const client = new pg.Client({ connectionString: url, types });
  client.on("error", () => undefined);
  await client.connect();
  const query: Query = async <Row>(sql: string, ...values: unknown[]) => {
    let count = 0;
    return (
      await client.query(
        sql.replaceAll("?", () => `$${++count}`),
        values,
      )
    ).rows as Row[];
  };
  return {
    query,
    listDamage: async () => {
      await client.query("CREATE EXTENSION IF NOT EXISTS amcheck");
      const wrong: string[] = [];
      for (const sql of damaged)
        try {
          for (const { what } of await query<{ what: string }>(sql)) if (what !== "") wrong.push(what);
        } catch (error) {
          wrong.push(String(error));
        }
      for (const reference of await query<Reference>(references))
        wrong.push(
          ...(await query<{ what: string }>(`${dangling(reference)} LIMIT 10`)).map(({ what }) => what),
        );
      return wrong;
    },
    columnsOf: async (table) =>
      (
        await query<{ name: string }>(
          `SELECT column_name::text AS name FROM information_schema.columns
           WHERE table_schema = current_schema() AND table_name = ? ORDER BY ordinal_position`,
          table,
        )
      ).map(({ name }) => name),
    close: () => client.end(),
  };
}
