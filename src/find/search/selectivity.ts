import { sql, type Sql } from "../../database/sql.ts";
import type { Asking, Deps } from "../../deps.ts";
import { sortedMax } from "./sorted-max.ts";

type Needs = Pick<Deps, "db"> & Asking;

/**
 * A subselect of the ids of the rows `"Entity" e` that meet a condition, where they are few. SQLite keeps no
 * statistics: to find a handful in their order it would walk the order's index and look at every row of the library.
 * Found once for all who ask before the next commit.
 * @returns null where there are more than `sortedMax`.
 */
export async function findSelected({ db, signal }: Needs, condition: Sql): Promise<Sql | null> {
  const [row] = await db.reader.all<{ ids: string | null }>(
    sql`
      WITH few AS (SELECT e."id" FROM "Entity" e WHERE ${condition} LIMIT ${sortedMax + 1})
      SELECT iif(COUNT(*) <= ${sortedMax}, json_group_array("id"), NULL) AS "ids" FROM few`,
    { cost: "repeated", signal },
  );
  return row?.ids == null ? null : sql`SELECT value FROM json_each(${row.ids})`;
}
