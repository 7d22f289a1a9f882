import type { Check, Wrong } from "../engine.ts";
import type { Reader } from "../reader.ts";
import { identifier, join, raw, sql, type Sql } from "../sql.ts";
import { stateColumns } from "../model/entity-state.ts";
import { countTallies } from "./tallies.ts";

/** More of a kind are not told one by one: the rest will have the same cause. */
const wrongMax = 1000;

/** Whether a column differs between `now` and `then`. */
const differs = join(
  stateColumns.map((column) => sql`e.${identifier(column)} IS NOT v.${identifier(column)}`),
  " OR ",
);

const integrity = sql`
  SELECT NULL AS "entityId", NULL AS "path", "integrity_check" AS "message"
  FROM pragma_integrity_check WHERE "integrity_check" <> 'ok'`;

const references = sql`
  SELECT NULL AS "entityId", NULL AS "path",
    'row ' || ifnull("rowid", '?') || ' of ' || "table" || ' refers to a row of ' || "parent" || ' that is not there' AS "message"
  FROM pragma_foreign_key_check`;

const versionsWithoutFile = sql`
  SELECT v."entityId", v."filePath" AS "path", 'version ' || v."version" || ' has no file' AS "message"
  FROM "EntityVersion" v LEFT JOIN "Original" o ON o."id" = v."originalId"
  WHERE NOT v."isCollection"
    AND (o."id" IS NULL OR o."md5" IS NOT v."md5" OR o."sha256" IS NOT v."sha256"
      OR o."filePath" IS NOT v."filePath" OR o."fileSize" IS NOT v."fileSize")`;

const originalsWithoutVersion = sql`
  SELECT NULL AS "entityId", o."filePath" AS "path", 'no version of any entity has this file' AS "message"
  FROM "Original" o WHERE NOT EXISTS (SELECT 1 FROM "EntityVersion" v WHERE v."originalId" = o."id")`;

const originalsMisnamed = sql`
  SELECT NULL AS "entityId", o."filePath" AS "path", 'the file is not named after its MD5 ' || o."md5" AS "message"
  FROM "Original" o WHERE o."filePath" NOT LIKE '%/' || o."md5" || '.%'`;

const lastVersions = sql`
  SELECT e."id" AS "entityId", e."filePath" AS "path",
    CASE WHEN v."entityId" IS NULL THEN 'version ' || e."version" || ', the current one, is not there'
      ELSE 'version ' || e."version" || ', the current one, says something else than the entity' END AS "message"
  FROM "Entity" e LEFT JOIN "EntityVersion" v ON v."entityId" = e."id" AND v."version" = e."version"
  WHERE v."entityId" IS NULL OR v."untilTransactionId" IS NOT NULL
    OR e."transactionId" <> v."transactionId" OR (${differs})`;

const gaps = sql`
  SELECT v."entityId", NULL AS "path",
    'version ' || v."version" || ' is followed by no version that begins where it ends' AS "message"
  FROM "EntityVersion" v
  LEFT JOIN "EntityVersion" n ON n."entityId" = v."entityId" AND n."version" = v."version" + 1
  LEFT JOIN "Entity" e ON e."id" = v."entityId"
  WHERE e."version" IS NOT v."version" AND (n."entityId" IS NULL OR v."untilTransactionId" IS NOT n."transactionId")`;

const tallies = sql`
  WITH "counted" ("isDeleted", "field", "value", "count") AS (${raw(countTallies)}),
    "kept" AS (SELECT "isDeleted", "field", "value", "count" FROM "Tally"),
    "wrong" AS (
      SELECT * FROM (SELECT * FROM "counted" EXCEPT SELECT * FROM "kept")
      UNION ALL SELECT * FROM (SELECT * FROM "kept" EXCEPT SELECT * FROM "counted"))
  SELECT NULL AS "entityId", NULL AS "path",
    'the entities with ' || "field" || ' ' || "value" || ' are not as many as was kept' AS "message"
  FROM "wrong" GROUP BY "field", "value"`;

/** The counters that the triggers should have kept, counted again. */
export const countCounters = sql`
  SELECT 'media.live' AS "name", (SELECT COUNT(*) FROM "Entity" WHERE NOT "isCollection" AND NOT "isDeleted") AS "value"
  UNION ALL SELECT 'media.trashed', (SELECT COUNT(*) FROM "Entity" WHERE NOT "isCollection" AND "isDeleted")
  UNION ALL SELECT 'collections.live', (SELECT COUNT(*) FROM "Entity" WHERE "isCollection" AND NOT "isDeleted")
  UNION ALL SELECT 'collections.trashed', (SELECT COUNT(*) FROM "Entity" WHERE "isCollection" AND "isDeleted")
  UNION ALL SELECT 'originals.bytes', (SELECT ifnull(SUM("fileSize"), 0) FROM "Original")
  UNION ALL SELECT 'versions', (SELECT COUNT(*) FROM "EntityVersion")
  UNION ALL SELECT 'transactions', (SELECT COUNT(*) FROM "Transaction")`;

const counters = sql`
  SELECT NULL AS "entityId", NULL AS "path",
    n."name" || ' is ' || n."value" || ', but ' || ifnull(c."value", 'nothing') || ' was kept' AS "message"
  FROM (${countCounters}) n LEFT JOIN "Counter" c ON c."name" = n."name" WHERE c."value" IS NOT n."value"`;

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

/** While the index is made again it has no revision, and lacks what it will have. */
const isIndexed = sql`EXISTS (SELECT 1 FROM "Counter" WHERE "name" = 'search.revision')`;
const indexed = sql`
  SELECT abs(x."rowid") AS "entityId", NULL AS "path", 'the search index is out of step' AS "message"
  FROM (
    SELECT CASE WHEN "isDeleted" THEN -"id" ELSE "id" END AS "rowid" FROM "Entity"
    EXCEPT SELECT "id" FROM "Entity_fts_docsize") x WHERE ${isIndexed}
  UNION SELECT abs(x."rowid"), NULL, 'the search index is out of step'
  FROM (
    SELECT "id" AS "rowid" FROM "Entity_fts_docsize"
    EXCEPT SELECT CASE WHEN "isDeleted" THEN -"id" ELSE "id" END FROM "Entity") x WHERE ${isIndexed}`;

/** Each check is one statement, which sees one commit while others write. */
const statements = {
  DATABASE: integrity,
  REFERENCE: references,
  VERSION_WITHOUT_FILE: versionsWithoutFile,
  ORIGINAL_WITHOUT_VERSION: originalsWithoutVersion,
  ORIGINAL_MISNAMED: originalsMisnamed,
  ENTITY_AND_VERSION: lastVersions,
  VERSION_GAP: gaps,
  TOTAL: counters,
  TALLY: tallies,
  PLACE_INDEX: places,
  SEARCH_INDEX: indexed,
} as const satisfies Readonly<Record<Check, Sql>>;

/** Walks whole tables: a second for a hundred thousand entities. @throws {Error} of SQLite for a file that is no database. */
export const runCheck = (reader: Pick<Reader, "all">, check: Check): Promise<readonly Wrong[]> =>
  reader.all<Wrong>(sql`SELECT * FROM (${statements[check]}) LIMIT ${wrongMax}`);
