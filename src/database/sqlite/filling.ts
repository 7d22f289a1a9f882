import { sql } from "../sql.ts";
import type { Contents } from "../transfer.ts";
import type { Connection } from "./connection.ts";
import type { Database } from "./database.ts";
import { countCounters } from "../row-checks.ts";
import { refillPlaces } from "./rebuild.ts";
import { refillTallies } from "./tallies.ts";
import { rebuildIndex } from "./text-index.ts";

interface Trigger {
  readonly name: string;
  readonly sql: string;
}

/** The highest id that a table ever gave out; ids are not used again. */
export const readLastIds = (connection: Pick<Connection, "all">): Record<string, number> =>
  Object.fromEntries(
    connection
      .all<{ name: string; seq: number }>(sql`SELECT "name", "seq" FROM sqlite_sequence`)
      .map(({ name, seq }) => [name, seq]),
  );

/** Writes a library into an empty database: all of it, or nothing. The guards step aside within the transaction. */
export async function fillDatabase(database: Database, { lots, lastIds }: Contents): Promise<void> {
  await database.exclusive(async (writer) => {
    writer.exec("PRAGMA foreign_keys = OFF; BEGIN IMMEDIATE");
    try {
      const triggers = writer.all<Trigger>(
        sql`SELECT "name", "sql" FROM sqlite_schema WHERE "type" = 'trigger'`,
      );
      for (const { name } of triggers) writer.exec(`DROP TRIGGER "${name}"`);
      for await (const { table, rows } of lots) {
        const names = table.columns.map((column) => `"${column}"`).join();
        const places = table.columns.map(() => "?").join();
        const text = `INSERT INTO "${table.name}" (${names}) VALUES (${places})`;
        for (const values of rows) writer.run({ sql: text, values });
      }
      for (const [name, seq] of Object.entries(lastIds)) {
        writer.run(sql`DELETE FROM sqlite_sequence WHERE "name" = ${name}`);
        writer.run(sql`INSERT INTO sqlite_sequence ("name", "seq") VALUES (${name}, ${seq})`);
      }
      writer.exec(`${refillTallies} ${refillPlaces}`);
      writer.run(sql`
        INSERT INTO "Counter" ("name", "value") SELECT "name", "value" FROM (${countCounters}) WHERE true
        ON CONFLICT DO UPDATE SET "value" = excluded."value"`);
      for (const trigger of triggers) writer.exec(trigger.sql);
      const [broken] = writer.rows({ sql: "PRAGMA foreign_key_check", values: [] }).rows;
      if (broken != null) throw new Error(`A row of ${String(broken[0])} refers to one that is not there`);
      writer.exec("COMMIT");
    } finally {
      if (writer.inTransaction) writer.exec("ROLLBACK");
      writer.exec("PRAGMA foreign_keys = ON");
    }
    rebuildIndex(writer);
  });
}
