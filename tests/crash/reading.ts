import Libsql from "libsql";
import { openPostgresReading } from "./reading-postgres.ts";

/** Booleans of the rows are 0 and 1, or false and true, as the engine has them. */
export type Query = <Row>(sql: string, ...values: unknown[]) => Promise<Row[]>;

/** A database as it is checked; what is asked of all engines is `query`, in SQL that they have in common. */
export interface Reading {
  readonly query: Query;
  /** What is wrong with the database's own storage, and references to rows that are not there. */
  readonly listDamage: () => Promise<string[]>;
  /** None for a table that is not there. */
  readonly columnsOf: (table: string) => Promise<string[]>;
  readonly close: () => Promise<void> | void;
}

/* eslint-disable @typescript-eslint/require-await -- another engine waits */
function openSqliteReading(path: string): Reading {
  const database = new Libsql(path);
  database.exec("PRAGMA busy_timeout = 20000; PRAGMA query_only = ON");
  // The rows' shapes are those of the SQL beside each call.
  const query: Query = async <Row>(sql: string, ...values: unknown[]) =>
    database.prepare(sql).all(...values) as Row[];
  return {
    query,
    listDamage: async () => {
      const integrity = await query<{ integrity_check: string }>("PRAGMA integrity_check");
      const references = await query<{ table: string }>("PRAGMA foreign_key_check");
      return [
        ...integrity.map((row) => row.integrity_check).filter((line) => line !== "ok"),
        ...references.map(({ table }) => `a row of ${table} refers to what is not there`),
      ];
    },
    columnsOf: async (table) =>
      (await query<{ name: string }>(`SELECT name FROM pragma_table_info(?)`, table)).map(({ name }) => name),
    close: () => {
      database.close();
    },
  };
}
/* eslint-enable @typescript-eslint/require-await */

/** @param database path of SQLite's file, or a URL of PostgreSQL's. */
export async function reading<T>(database: string, work: (reading: Reading) => Promise<T>): Promise<T> {
  const opened = database.startsWith("postgresql:")
    ? await openPostgresReading(database)
    : openSqliteReading(database);
  try {
    return await work(opened);
  } finally {
    await opened.close();
  }
}
