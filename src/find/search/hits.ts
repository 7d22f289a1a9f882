import { text } from "../../database/dialect.ts";
import type { Hits } from "../../database/text-search.ts";
import type { Asking, Deps } from "../../deps.ts";

type Needs = Pick<Deps, "db"> & Asking;

/** Up to so many hits are looked up one by one; with more, an index of the filter's may be quicker. */
const lookedUpMax = 5000;

/** Exact. */
export async function countHits(needs: Needs, hits: Hits): Promise<number> {
  const { db, signal } = needs;
  const isAmong = hits.filter != null && (await hasMoreHits(needs, hits, lookedUpMax));
  const row = await db.reader.get<{ count: number }>(text.count(hits, isAmong), { cost: "repeated", signal });
  return row?.count ?? 0;
}

/** Whether there are more hits than this, whatever the filter. */
export async function hasMoreHits({ db, signal }: Needs, hits: Hits, than: number): Promise<boolean> {
  const row = await db.reader.get<{ count: number }>(text.countUpTo(hits, than + 1), {
    cost: "repeated",
    signal,
  });
  return (row?.count ?? 0) > than;
}
