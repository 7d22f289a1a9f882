import type { Check, Wrong } from "../engine.ts";
import type { Reader } from "../reader.ts";
import { raw, sql, type Sql } from "../sql.ts";
import { isIndexed, keywordIndex, rowChecks, wrongMax } from "../row-checks.ts";
import { countTallies } from "./tallies.ts";

const integrity = sql`
  SELECT NULL AS "entityId", NULL AS "path", "integrity_check" AS "message"
  FROM pragma_integrity_check WHERE "integrity_check" <> 'ok'`;

const references = sql`
  SELECT NULL AS "entityId", NULL AS "path",
    'row ' || ifnull("rowid", '?') || ' of ' || "table" || ' refers to a row of ' || "parent" || ' that is not there' AS "message"
  FROM pragma_foreign_key_check`;

/** Boxes are 32-bit floats, rounded outwards: a ten-thousandth of a degree wide at most. */
const places = sql`
  SELECT e."id" AS "entityId", NULL AS "path", 'the index of places has it elsewhere' AS "message"
  FROM "Entity" e LEFT JOIN "Entity_place" p ON p."id" = e."id"
  WHERE e."latitude" IS NOT NULL AND e."longitude" IS NOT NULL AND (p."id" IS NULL OR NOT (
    p."south" <= e."latitude" AND p."north" >= e."latitude" AND p."north" - p."south" < 1e-4
    AND p."west" <= e."longitude" AND p."east" >= e."longitude" AND p."east" - p."west" < 1e-4))
  UNION ALL SELECT p."id", NULL, 'the index of places has what is nowhere' FROM "Entity_place" p
  WHERE NOT EXISTS (
    SELECT 1 FROM "Entity" e
    WHERE e."id" = p."id" AND e."latitude" IS NOT NULL AND e."longitude" IS NOT NULL)`;

const indexed = sql`
  SELECT abs(x."rowid") AS "entityId", NULL AS "path", 'the search index is out of step' AS "message"
  FROM (
    SELECT CASE WHEN "isDeleted" THEN -"id" ELSE "id" END AS "rowid" FROM "Entity"
    EXCEPT SELECT "id" FROM "Entity_fts_docsize") x WHERE ${isIndexed}
  UNION SELECT abs(x."rowid"), NULL, 'the search index is out of step'
  FROM (
    SELECT "id" AS "rowid" FROM "Entity_fts_docsize"
    EXCEPT SELECT CASE WHEN "isDeleted" THEN -"id" ELSE "id" END FROM "Entity") x WHERE ${isIndexed}`;

const statements = {
  DATABASE: integrity,
  REFERENCE: references,
  ...rowChecks(raw(countTallies)),
  PLACE_INDEX: places,
  KEYWORD_INDEX: keywordIndex((text, part) => sql`instr(${text}, ${part}) > 0`),
  SEARCH_INDEX: indexed,
} as const satisfies Readonly<Record<Check, Sql>>;

/** Walks whole tables: a second for a hundred thousand entities. @throws {Error} of SQLite for a file that is no database. */
export const runCheck = (reader: Pick<Reader, "all">, check: Check): Promise<readonly Wrong[]> =>
  reader.all<Wrong>(sql`SELECT * FROM (${statements[check]}) LIMIT ${wrongMax}`);
