import { sql } from "../sql.ts";

/** The tallies that the triggers should have kept, counted again. */
export const countTallies = sql`
  SELECT e."isDeleted", x."field", x."value", COUNT(*) AS "count"
  FROM "Entity" e, LATERAL colan_tallied(e) x GROUP BY 1, 2, 3`;

/** The counters that the triggers should have kept, counted again. */
export const countCounters = sql`
  SELECT 'media.live' AS "name", (SELECT COUNT(*) FROM "Entity" WHERE NOT "isCollection" AND NOT "isDeleted") AS "value"
  UNION ALL SELECT 'media.trashed', (SELECT COUNT(*) FROM "Entity" WHERE NOT "isCollection" AND "isDeleted")
  UNION ALL SELECT 'collections.live', (SELECT COUNT(*) FROM "Entity" WHERE "isCollection" AND NOT "isDeleted")
  UNION ALL SELECT 'collections.trashed', (SELECT COUNT(*) FROM "Entity" WHERE "isCollection" AND "isDeleted")
  UNION ALL SELECT 'originals.bytes', (SELECT CAST(COALESCE(SUM("fileSize"), 0) AS bigint) FROM "Original")
  UNION ALL SELECT 'versions', (SELECT COUNT(*) FROM "EntityVersion")
  UNION ALL SELECT 'transactions', (SELECT COUNT(*) FROM "Transaction")`;
