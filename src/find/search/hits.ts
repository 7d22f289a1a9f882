import { sql, type Sql } from "../../database/sql.ts";
import type { Asking, Deps } from "../../deps.ts";
import type { PageArgs } from "../../graphql/pagination.ts";
import type { TrashScope } from "./query.ts";

type Needs = Pick<Deps, "db"> & Asking;

/** A question to the full-text index. */
export interface Hits {
  /** For FTS5. */
  readonly expression: string;
  readonly trash: TrashScope;
  /** Further conditions on rows of `"Entity" e`; null for none. */
  readonly filter: Sql | null;
}

type Side = Exclude<TrashScope, "ANY">;

/** Each side of the trash is a range of the index: a trashed entity is indexed as minus its id. */
const sides: Readonly<Record<TrashScope, Sql>> = {
  LIVE: sql`f.rowid > 0`,
  TRASHED: sql`f.rowid < 0`,
  ANY: sql`f.rowid <> 0`,
};
const ids: Readonly<Record<TrashScope, Sql>> = {
  LIVE: sql`f.rowid`,
  TRASHED: sql`-f.rowid`,
  ANY: sql`abs(f.rowid)`,
};

const rowSides: Readonly<Record<TrashScope, Sql>> = {
  LIVE: sql`e."isDeleted" = 0`,
  TRASHED: sql`e."isDeleted" = 1`,
  ANY: sql`1`,
};

/** FROM and WHERE of the hits; CROSS keeps the index in front (https://sqlite.org/optoverview.html#crossjoin). */
export function fromHits({ expression, trash, filter }: Hits): Sql {
  const matching = sql`f."Entity_fts" MATCH ${expression} AND ${sides[trash]}`;
  return filter == null
    ? sql`"Entity_fts" f WHERE ${matching}`
    : sql`"Entity_fts" f CROSS JOIN "Entity" e ON e."id" = ${ids[trash]} WHERE ${matching} AND (${filter})`;
}

/** The id of a hit. */
export const idOf = ({ trash }: Hits): Sql => ids[trash];

/** The index is walked from its end, or for the trash from its beginning, and no further than the page goes. */
const walkSide = (hits: Hits, side: Side, limit: number, offset: number): Sql => sql`
  SELECT ${ids[side]} AS "id" FROM ${fromHits({ ...hits, trash: side })}
  ORDER BY f.rowid ${side === "LIVE" ? sql`DESC` : sql`ASC`} LIMIT ${limit} OFFSET ${offset}`;

/** A select of the ids of a page of hits, the newest arrivals, which have the highest ids, first. */
export function newestHits(hits: Hits, { limit, offset }: PageArgs): Sql {
  if (hits.trash !== "ANY") return walkSide(hits, hits.trash, limit, offset);
  // Each side returns enough for the whole page, in case the other side has none.
  const most = offset + limit;
  return sql`
    SELECT "id" FROM (
      SELECT * FROM (${walkSide(hits, "LIVE", most, 0)})
      UNION ALL
      SELECT * FROM (${walkSide(hits, "TRASHED", most, 0)}))
    ORDER BY "id" DESC LIMIT ${limit} OFFSET ${offset}`;
}

/** Up to this many hits are looked up one by one; with more, an index of the filter's may be quicker. */
const lookedUpMax = 5000;

/** A select of the ids of all hits, without the filter. */
export const hitIds = (hits: Hits): Sql =>
  sql`SELECT ${ids[hits.trash]} FROM ${fromHits({ ...hits, filter: null })}`;

/** Rows of `"Entity" e`, by any index but their ids', which would read as many rows as there are hits. */
export const amongHits = (hits: Hits): Sql => sql`
  ${rowSides[hits.trash]} AND (${hits.filter ?? sql`1`})
  AND +e."id" IN (${hitIds(hits)})`;

/** Exact. About 60 ns for each hit, and 1 µs with a filter. */
export async function countHits(needs: Needs, hits: Hits): Promise<number> {
  const from =
    hits.filter != null && (await hasMoreHits(needs, hits, lookedUpMax))
      ? sql`"Entity" e WHERE ${amongHits(hits)}`
      : fromHits(hits);
  const { db, signal } = needs;
  const [row] = await db.reader.all<{ count: number }>(sql`SELECT COUNT(*) AS "count" FROM ${from}`, {
    cost: "repeated",
    signal,
  });
  return row?.count ?? 0;
}

/** Whether there are more hits than this, without the filter. */
export async function hasMoreHits({ db, signal }: Needs, hits: Hits, than: number): Promise<boolean> {
  const [row] = await db.reader.all<{ count: number }>(
    sql`
      SELECT COUNT(*) AS "count"
      FROM (SELECT 1 FROM ${fromHits({ ...hits, filter: null })} LIMIT ${than + 1})`,
    { cost: "repeated", signal },
  );
  return (row?.count ?? 0) > than;
}
