import { sql, type Sql } from "../db/sql.ts";
import type { Asking, Deps } from "../deps.ts";
import type { Source } from "./source.ts";

type Needs = Pick<Deps, "db">;

/** Totals that triggers keep, by name. */
export function readCounters({ db }: Needs): Readonly<Record<string, number>> {
  const rows = db.reader.all<{ name: string; value: number }>(sql`SELECT "name", "value" FROM "Counter"`);
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
}

/** Entities and collections together, without walking them. */
export function countLibrary(needs: Needs, trash: "LIVE" | "TRASHED" | "ANY"): number {
  const counters = readCounters(needs);
  const live = (counters["media.live"] ?? 0) + (counters["collections.live"] ?? 0);
  const trashed = (counters["media.trashed"] ?? 0) + (counters["collections.trashed"] ?? 0);
  return { LIVE: live, TRASHED: trashed, ANY: live + trashed }[trash];
}

/** Prisma's count() wraps a subselect, which costs five times as much. */
export async function countRows(
  { db, signal }: Needs & Asking,
  { from }: Source,
  condition: Sql,
): Promise<number> {
  const row = await db.background.get<{ count: number }>(
    sql`SELECT COUNT(*) AS "count" FROM ${from} WHERE ${condition}`,
    signal,
  );
  return row?.count ?? 0;
}
