import { sql } from "../sql.ts";

/** The tallies that the triggers should have kept, counted again. */
export const countTallies = sql`
  SELECT e."isDeleted", x."field", x."value", COUNT(*) AS "count"
  FROM "Entity" e, LATERAL colan_tallied(e) x GROUP BY 1, 2, 3
  UNION ALL SELECT k."isDeleted", 'keyword', k."folded" || chr(10) || k."keyword", COUNT(*)
  FROM "EntityKeyword" k GROUP BY 1, 2, 3`;
