// What was seen: SQLite refuses an expression deeper than 1,000 ("Expression tree is too large"), and reads a row of n
// comparisons as n deep. A filter that is asked twice of a row, as a subscription's is, may have a thousand.
import { expect, test } from "vitest";
import { writeForSqlite } from "../../../../src/database/sqlite/dialect.ts";
import { sql } from "../../../../src/database/sql.ts";
import { all, any, leaf, whereOf } from "../../../../src/find/search/filters/conditions.ts";
import { temporaryDatabase } from "../../../database/temporary.ts";

test.each([
  ["OR", any],
  ["AND", all],
] as const)("1,200 comparisons joined with %s are read by SQLite, and mean what they did", (_word, join) => {
  const { reader } = temporaryDatabase(
    `CREATE TABLE "T" ("n" INTEGER); INSERT INTO "T" VALUES (1199), (1200);`,
  );
  const last = 1200;
  const clauses = Array.from({ length: last }, (_, n) =>
    join === any ? leaf(sql`"n" = ${n}`) : leaf(sql`"n" <> ${n}`),
  );
  const found = reader.all(writeForSqlite(sql`SELECT "n" FROM "T" WHERE ${whereOf(join(clauses))}`));
  expect(found).toEqual([{ n: join === any ? 1199 : 1200 }]);
});
