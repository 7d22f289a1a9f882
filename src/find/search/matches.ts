import { raw, sql, type Sql } from "../../database/sql.ts";

// Matching rows are counted by one index and looked up in another: reading hundreds of thousands of rows one by one, each
// in another page of the table, takes ten times as long as walking an index that has all needed columns. Their number
// is known only after they were found, so the statement contains both ways and takes one.

/** As many rows as are read from the table in about 100 ms. */
const fewMax = 20_000;

/** For WITH: the ids of all live or trashed rows "e" that meet the condition, as the table `matches`. */
export const matchesOf = (condition: Sql): Sql =>
  sql`matches AS MATERIALIZED (SELECT e."id" FROM "Entity" e WHERE ${condition})`;

/** For FROM, with LIMIT `ifFew`: the rows "e" that match, read from the table. */
export const fewMatches = sql`matches CROSS JOIN "Entity" e ON e."id" = matches."id"`;
export const ifFew = sql`(SELECT iif(COUNT(*) <= ${raw(String(fewMax))}, -1, 0) FROM matches)`;

/** For WHERE, with LIMIT `ifMany`: whether a row "e" matches while its index is walked; `+` prevents another plan. */
export const isMatch = sql`+e."id" IN (SELECT "id" FROM matches)`;
export const ifMany = sql`(SELECT iif(COUNT(*) <= ${raw(String(fewMax))}, 0, -1) FROM matches)`;
