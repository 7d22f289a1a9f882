import { list } from "../../database/dialect.ts";
import type { EntityId } from "../../database/model/ids.ts";
import { sql, type Sql } from "../../database/sql.ts";
import type { Asking, Deps } from "../../deps.ts";
import { sortedMax } from "./sorted-max.ts";

type Needs = Pick<Deps, "db"> & Asking;

/**
 * A subselect of the ids of the rows `"Entity" e` that meet a condition, where they are few. A planner without
 * statistics would walk the order's index to find a handful, and look at every row of the library.
 * Found once for all who ask before the next commit.
 * @returns null where there are more than `sortedMax`.
 */
export async function findSelected({ db, signal }: Needs, condition: Sql): Promise<Sql | null> {
  const rows = await db.reader.all<{ id: EntityId }>(
    sql`SELECT e."id" FROM "Entity" e WHERE ${condition} LIMIT ${sortedMax + 1}`,
    { cost: "repeated", signal },
  );
  return rows.length > sortedMax ? null : list(rows.map(({ id }) => id));
}
