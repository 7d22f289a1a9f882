import { refoldedKeywords } from "../keyword-rows.ts";
import { identifier, raw, sql } from "../sql.ts";
import type { Connection } from "./connection.ts";

const lotRows = 5_000;
/** The guards that refuse to change what has been written. */
const guards = ["Entity_update_is_recorded", "EntityVersion_stays"] as const;

interface Row {
  readonly rowid: number;
  readonly keywords: string;
}

function refold(writer: Connection, table: "Entity" | "EntityVersion"): void {
  let above = 0;
  let lot: Row[];
  do {
    lot = writer.all<Row>(sql`
      SELECT rowid AS "rowid", "keywords" FROM ${identifier(table)}
      WHERE rowid > ${above} AND "keywords" IS NOT NULL AND "keywordsFolded" IS NULL ORDER BY rowid LIMIT ${lotRows}`);
    const lines = lot.map(({ rowid, keywords }) => {
      const next = refoldedKeywords(keywords);
      return [rowid, next.keywords, next.keywordsFolded];
    });
    writer.run(sql`
      UPDATE ${identifier(table)} SET "keywords" = t.value ->> 1, "keywordsFolded" = t.value ->> 2
      FROM json_each(${JSON.stringify(lines)}) t WHERE ${identifier(table)}.rowid = t.value ->> 0`);
    above = lot.at(-1)?.rowid ?? above;
  } while (lot.length === lotRows);
}

/**
 * Programs before this one wrote keywords in the order of the file, and not folded: SQL cannot fold them, so this finishes
 * the migration. The guards step aside within one transaction.
 */
export function refoldEarlierKeywords(writer: Connection): void {
  writer.exec("BEGIN IMMEDIATE");
  try {
    const triggers = guards.flatMap((name) =>
      writer.all<{ sql: string }>(sql`SELECT "sql" FROM sqlite_schema WHERE "name" = ${name}`),
    );
    for (const name of guards) writer.run(sql`DROP TRIGGER ${identifier(name)}`);
    refold(writer, "Entity");
    refold(writer, "EntityVersion");
    for (const trigger of triggers) writer.run(sql`${raw(trigger.sql)}`);
    writer.exec("COMMIT");
  } finally {
    if (writer.inTransaction) writer.exec("ROLLBACK");
  }
}
