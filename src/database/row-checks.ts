import type { Check } from "./engine.ts";
import { stateColumns } from "./model/entity-state.ts";
import { identifier, join, sql, type Sql } from "./sql.ts";

/** More of a kind are not told one by one: the rest will have the same cause. */
export const wrongMax = 1000;

/** Whether a column differs between `now` and `then`. */
const differs = join(
  stateColumns.map((column) => sql`e.${identifier(column)} IS DISTINCT FROM v.${identifier(column)}`),
  " OR ",
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

/** A place ends after it began, in a version of the album, and an entity has one place of an album at a time. */
const members = sql`
  SELECT m."albumId" AS "entityId", CAST(NULL AS text) AS "path",
    'the places of entity ' || m."entityId" || ' in this album contradict each other' AS "message"
  FROM "AlbumMember" m LEFT JOIN "Entity" a ON a."id" = m."albumId"
  WHERE a."kind" IS DISTINCT FROM 'ALBUM' OR m."untilTransactionId" <= m."transactionId" OR EXISTS (
    SELECT 1 FROM "AlbumMember" o
    WHERE o."albumId" = m."albumId" AND o."entityId" = m."entityId" AND o."transactionId" > m."transactionId"
      AND o."transactionId" < m."untilTransactionId")`;

const tallies = (counted: Sql): Sql => sql`
  WITH "counted" ("isDeleted", "field", "value", "count") AS (${counted}),
    "kept" AS (SELECT "isDeleted", "field", "value", "count" FROM "Tally"),
    "wrong" AS (
      SELECT * FROM (SELECT * FROM "counted" EXCEPT SELECT * FROM "kept") m
      UNION ALL SELECT * FROM (SELECT * FROM "kept" EXCEPT SELECT * FROM "counted") l)
  SELECT CAST(NULL AS integer) AS "entityId", CAST(NULL AS text) AS "path",
    'the entities with ' || "field" || ' ' || "value" || ' are not as many as was kept' AS "message"
  FROM "wrong" GROUP BY "field", "value"`;

/** The counters that the triggers should have kept, counted again. */
export const countCounters = sql`
  SELECT 'media.live' AS "name", (SELECT COUNT(*) FROM "Entity" WHERE NOT "isCollection" AND NOT "isDeleted") AS "value"
  UNION ALL SELECT 'media.trashed', (SELECT COUNT(*) FROM "Entity" WHERE NOT "isCollection" AND "isDeleted")
  UNION ALL SELECT 'collections.live', (SELECT COUNT(*) FROM "Entity" WHERE "isCollection" AND NOT "isDeleted")
  UNION ALL SELECT 'collections.trashed', (SELECT COUNT(*) FROM "Entity" WHERE "isCollection" AND "isDeleted")
  UNION ALL SELECT 'originals.bytes', (SELECT CAST(COALESCE(SUM("fileSize"), 0) AS bigint) FROM "Original")
  UNION ALL SELECT 'versions', (SELECT COUNT(*) FROM "EntityVersion")
  UNION ALL SELECT 'transactions', (SELECT COUNT(*) FROM "Transaction")`;

const counters = sql`
  SELECT CAST(NULL AS integer) AS "entityId", CAST(NULL AS text) AS "path",
    n."name" || ' is ' || n."value" || ', but ' || COALESCE(CAST(c."value" AS text), 'nothing') || ' was kept' AS "message"
  FROM (${countCounters}) n LEFT JOIN "Counter" c ON c."name" = n."name" WHERE c."value" IS DISTINCT FROM n."value"`;

/** While the indexes of words and keywords are made again there is no revision, and they lack what they will have. */
export const isIndexed = sql`EXISTS (SELECT 1 FROM "Counter" WHERE "name" = 'search.revision')`;

const lineEnd = sql`CAST(${"\n"} AS text)`;
const isKeyword = "the index of keywords has one that the entity has not";

/**
 * Keywords one by one are those of the column: each is in it, and they are as many.
 * @param holds whether a string has another in it.
 */
export const keywordIndex = (holds: (text: Sql, part: Sql) => Sql): Sql => sql`
  SELECT k."entityId", CAST(NULL AS text) AS "path", CAST(${isKeyword} AS text) AS "message"
  FROM "EntityKeyword" k LEFT JOIN "Entity" e ON e."id" = k."entityId"
  WHERE ${isIndexed} AND (e."keywords" IS NULL OR e."isDeleted" <> k."isDeleted"
    OR NOT ${holds(sql`e."keywordsFolded"`, sql`${lineEnd} || k."folded" || ${lineEnd}`)}
    OR NOT ${holds(sql`${lineEnd} || e."keywords" || ${lineEnd}`, sql`${lineEnd} || k."keyword" || ${lineEnd}`)})
  UNION ALL
  SELECT e."id", CAST(NULL AS text), 'the index of keywords lacks one'
  FROM "Entity" e
  WHERE ${isIndexed} AND e."keywords" IS NOT NULL
    AND length(e."keywords") - length(replace(e."keywords", ${lineEnd}, '')) + 1 >
      (SELECT COUNT(*) FROM "EntityKeyword" k WHERE k."entityId" = e."id")`;

/**
 * Checks that every engine makes with the same statement, each of which sees one commit while others write.
 * @param counted the tallies counted again.
 */
export const rowChecks = (counted: Sql) =>
  ({
    VERSION_WITHOUT_FILE: versionsWithoutFile,
    ORIGINAL_WITHOUT_VERSION: originalsWithoutVersion,
    ORIGINAL_MISNAMED: originalsMisnamed,
    ENTITY_AND_VERSION: lastVersions,
    VERSION_GAP: gaps,
    ALBUM_MEMBER: members,
    TOTAL: counters,
    TALLY: tallies(counted),
  }) as const satisfies Partial<Readonly<Record<Check, Sql>>>;
