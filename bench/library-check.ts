import { raw, sql, type Sql } from "../src/database/sql.ts";
import type { Connection } from "../src/database/sqlite/connection.ts";
import { countTallies } from "../src/database/sqlite/tallies.ts";

/** What a library seeded past Prisma must still be: figures taken on a wrong one would mean nothing. */
const checks: readonly { readonly what: string; readonly found: Sql; readonly expected: Sql }[] = [
  {
    what: "the totals kept by triggers",
    found: sql`SELECT SUM("value") AS n FROM "Counter" WHERE "name" LIKE 'media.%' OR "name" LIKE 'collections.%'`,
    expected: sql`SELECT COUNT(*) AS n FROM "Entity"`,
  },
  {
    what: "the trash kept by triggers",
    found: sql`SELECT SUM("value") AS n FROM "Counter" WHERE "name" LIKE '%.trashed'`,
    expected: sql`SELECT COUNT(*) AS n FROM "Entity" WHERE "isDeleted"`,
  },
  ...Object.entries({
    "media.live": sql`SELECT COUNT(*) AS n FROM "Entity" WHERE NOT "isCollection" AND NOT "isDeleted"`,
    "collections.live": sql`SELECT COUNT(*) AS n FROM "Entity" WHERE "isCollection" AND NOT "isDeleted"`,
    "originals.bytes": sql`SELECT SUM("fileSize") AS n FROM "Original"`,
    versions: sql`SELECT COUNT(*) AS n FROM "EntityVersion"`,
    transactions: sql`SELECT COUNT(*) AS n FROM "Transaction"`,
  }).map(([name, expected]) => ({
    what: `the totals called ${name}`,
    found: sql`SELECT "value" AS n FROM "Counter" WHERE "name" = ${name}`,
    expected,
  })),
  {
    what: "the entities without a snapshot of their current version",
    found: sql`
      SELECT COUNT(*) AS n FROM "Entity" e WHERE NOT EXISTS
        (SELECT 1 FROM "EntityVersion" v WHERE v."entityId" = e."id" AND v."version" = e."version")`,
    expected: sql`SELECT 0 AS n`,
  },
  {
    what: "the current versions' snapshots",
    found: sql`SELECT COUNT(*) AS n FROM "EntityVersion" WHERE "untilTransactionId" IS NULL`,
    expected: sql`SELECT COUNT(*) AS n FROM "Entity"`,
  },
  {
    what: "the places",
    found: sql`SELECT COUNT(*) AS n FROM "Entity_place"`,
    expected: sql`SELECT COUNT(*) AS n FROM "Entity" WHERE "latitude" IS NOT NULL AND "longitude" IS NOT NULL`,
  },
  {
    what: "the tallies that are not as counted again",
    found: sql`
      SELECT COUNT(*) AS n FROM (
        SELECT * FROM (${raw(countTallies)}) EXCEPT SELECT "isDeleted", "field", "value", "count" FROM "Tally")`,
    expected: sql`SELECT 0 AS n`,
  },
  {
    what: "the full-text index's rows",
    found: sql`SELECT COUNT(*) AS n FROM "Entity_fts_docsize"`,
    expected: sql`SELECT COUNT(*) AS n FROM "Entity"`,
  },
];

/** @throws when the library does not hold exactly so many entities, each indexed, counted and with its version. */
export function checkLibrary(writer: Connection, entities: number): void {
  const count = (query: Sql) => writer.get<{ n: number }>(query)?.n ?? 0;
  const all = [
    ...checks,
    {
      what: "the entities",
      found: sql`SELECT COUNT(*) AS n FROM "Entity"`,
      expected: sql`SELECT ${entities} AS n`,
    },
  ];
  for (const { what, found, expected } of all) {
    const [is, should] = [count(found), count(expected)];
    if (is !== should) throw new Error(`the seeded library is wrong: ${what} say ${is} instead of ${should}`);
  }
  // https://sqlite.org/fts5.html#the_integrity_check_command: 1 compares the index with the rows it is made of.
  writer.exec(`INSERT INTO "Entity_fts" ("Entity_fts", "rank") VALUES ('integrity-check', 1)`);
}
