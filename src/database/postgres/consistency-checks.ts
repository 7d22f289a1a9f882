import type { Check, Wrong } from "../engine.ts";
import type { Reader } from "../reader.ts";
import { identifier, join, raw, sql, type Sql } from "../sql.ts";
import { rowsOf } from "../dialect.ts";
import { stateColumns } from "../model/entity-state.ts";
import { textColumns, type Texts } from "../model/search-terms.ts";
import { vectorOf } from "./lexemes.ts";
import { countCounters, countTallies } from "./derived.ts";

/** More of a kind are not told one by one: the rest will have the same cause. */
const wrongMax = 1000;

/** Whether a column differs between `now` and `then`. */
const differs = join(
  stateColumns.map((column) => sql`e.${identifier(column)} IS DISTINCT FROM v.${identifier(column)}`),
  " OR ",
);

/** Checksums of pages are the server's own to check (pg_amcheck, data_checksums); that each table can be read is seen here. */
const readable = sql`
  SELECT CAST(NULL AS integer) AS "entityId", CAST(NULL AS text) AS "path", 'a constraint is not valid: ' || "conname" AS "message"
  FROM pg_constraint WHERE NOT "convalidated" AND "connamespace" = CAST(current_schema() AS regnamespace)`;

/** References that a server without triggers, such as one that restores, would have let in. */
const dangling = (table: string, column: string, parent: string): Sql => sql`
  SELECT CAST(NULL AS integer) AS "entityId", CAST(NULL AS text) AS "path",
    ${raw(`'row of ${table} refers to a row of ${parent} that is not there'`)} AS "message"
  FROM ${identifier(table)} c WHERE c.${identifier(column)} IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM ${identifier(parent)} p WHERE p."id" = c.${identifier(column)})`;

const references = join(
  [
    dangling("Entity", "parentId", "Entity"),
    dangling("Entity", "originalId", "Original"),
    dangling("EntityVersion", "transactionId", "Transaction"),
    dangling("EntityVersion", "originalId", "Original"),
    dangling("Transaction", "undoOfId", "Transaction"),
    dangling("Tombstone", "transactionId", "Transaction"),
    dangling("Picture", "originalId", "Original"),
    dangling("Preparation", "originalId", "Original"),
    dangling("FactsReading", "originalId", "Original"),
    dangling("DerivativeFailure", "originalId", "Original"),
  ],
  " UNION ALL ",
);

const versionsWithoutFile = sql`
  SELECT v."entityId", v."filePath" AS "path", 'version ' || v."version" || ' has no file' AS "message"
  FROM "EntityVersion" v LEFT JOIN "Original" o ON o."id" = v."originalId"
  WHERE NOT v."isCollection"
    AND (o."id" IS NULL OR o."md5" IS DISTINCT FROM v."md5" OR o."sha256" IS DISTINCT FROM v."sha256"
      OR o."filePath" IS DISTINCT FROM v."filePath" OR o."fileSize" IS DISTINCT FROM v."fileSize")`;

const originalsWithoutVersion = sql`
  SELECT CAST(NULL AS integer) AS "entityId", o."filePath" AS "path", 'no version of any entity has this file' AS "message"
  FROM "Original" o WHERE NOT EXISTS (SELECT 1 FROM "EntityVersion" v WHERE v."originalId" = o."id")`;

const originalsMisnamed = sql`
  SELECT CAST(NULL AS integer) AS "entityId", o."filePath" AS "path", 'the file is not named after its MD5 ' || o."md5" AS "message"
  FROM "Original" o WHERE o."filePath" NOT LIKE '%/' || o."md5" || '.%'`;

const lastVersions = sql`
  SELECT e."id" AS "entityId", e."filePath" AS "path",
    CASE WHEN v."entityId" IS NULL THEN 'version ' || e."version" || ', the current one, is not there'
      ELSE 'version ' || e."version" || ', the current one, says something else than the entity' END AS "message"
  FROM "Entity" e LEFT JOIN "EntityVersion" v ON v."entityId" = e."id" AND v."version" = e."version"
  WHERE v."entityId" IS NULL OR v."untilTransactionId" IS NOT NULL
    OR e."transactionId" <> v."transactionId" OR (${differs})`;

const gaps = sql`
  SELECT v."entityId", CAST(NULL AS text) AS "path",
    'version ' || v."version" || ' is followed by no version that begins where it ends' AS "message"
  FROM "EntityVersion" v
  LEFT JOIN "EntityVersion" n ON n."entityId" = v."entityId" AND n."version" = v."version" + 1
  LEFT JOIN "Entity" e ON e."id" = v."entityId"
  WHERE e."version" IS DISTINCT FROM v."version" AND (n."entityId" IS NULL OR v."untilTransactionId" IS DISTINCT FROM n."transactionId")`;

const tallies = sql`
  WITH "counted" ("isDeleted", "field", "value", "count") AS (${countTallies}),
    "kept" AS (SELECT "isDeleted", "field", "value", "count" FROM "Tally"),
    "wrong" AS (
      (SELECT * FROM "counted" EXCEPT SELECT * FROM "kept")
      UNION ALL (SELECT * FROM "kept" EXCEPT SELECT * FROM "counted"))
  SELECT CAST(NULL AS integer) AS "entityId", CAST(NULL AS text) AS "path",
    'the entities with ' || "field" || ' ' || "value" || ' are not as many as was kept' AS "message"
  FROM "wrong" GROUP BY "field", "value"`;

const counters = sql`
  SELECT CAST(NULL AS integer) AS "entityId", CAST(NULL AS text) AS "path",
    n."name" || ' is ' || n."value" || ', but ' || COALESCE(CAST(c."value" AS text), 'nothing') || ' was kept' AS "message"
  FROM (${countCounters}) n LEFT JOIN "Counter" c ON c."name" = n."name" WHERE c."value" IS DISTINCT FROM n."value"`;

/** Places are found by an index of the table's own, which cannot be out of step. */
const places = sql`
  SELECT CAST(NULL AS integer) AS "entityId", CAST(NULL AS text) AS "path", '' AS "message" WHERE FALSE`;

/** While the index is made again it has no revision, and lacks what it will have. */
const isIndexed = sql`EXISTS (SELECT 1 FROM "Counter" WHERE "name" = 'search.revision')`;
const indexed = sql`
  SELECT COALESCE(e."id", t."entityId") AS "entityId", CAST(NULL AS text) AS "path", 'the search index is out of step' AS "message"
  FROM "Entity" e FULL JOIN "EntityText" t ON t."entityId" = e."id"
  WHERE ${isIndexed} AND (e."id" IS NULL OR t."entityId" IS NULL OR e."isDeleted" <> t."isDeleted")`;

/** Each check is one statement, which sees one commit while others write. */
const statements = {
  DATABASE: readable,
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

/** Walks whole tables: a second for a hundred thousand entities. */
export const runCheck = (reader: Pick<Reader, "all">, check: Check): Promise<readonly Wrong[]> =>
  reader.all<Wrong>(sql`SELECT * FROM (${statements[check]}) w LIMIT ${wrongMax}`);

const lotRows = 2000;
const texts = join(textColumns.map((column) => sql`e.${identifier(column)}`));

interface Indexed extends Texts {
  readonly id: number;
  readonly isSame: number;
}

/** Entities whose words are not those that their strings have. */
export async function* findMisindexed(reader: Pick<Reader, "all">): AsyncGenerator<number> {
  let above = 0;
  let lot: Indexed[];
  do {
    lot = await reader.all<Indexed>(sql`
      SELECT e."id", ${texts} FROM "Entity" e WHERE e."id" > ${above} ORDER BY e."id" LIMIT ${lotRows}`);
    const pairs = lot.map((row) => [row.id, vectorOf(row)] as const);
    const wrong = await reader.all<{ id: number }>(sql`
      SELECT t."id" FROM ${rowsOf("t", ["id", "words"], pairs)}
      LEFT JOIN "EntityText" x ON x."entityId" = t."id"
      WHERE x."words" IS DISTINCT FROM CAST(t."words" AS tsvector) ORDER BY t."id"`);
    for (const { id } of wrong) yield id;
    above = lot.at(-1)?.id ?? above;
  } while (lot.length === lotRows);
}
