import { joinSignals } from "../../signals.ts";
import type { Db, Moment, PinnedMoment } from "../db.ts";
import { openQueryCache } from "../query-cache.ts";
import { sql, type Query } from "../sql.ts";
import { askerOf, nameAsker } from "../asker.ts";
import type { ReaderPool } from "./reader-pool.ts";
import type { Connection } from "./connection.ts";
import type { Pin } from "./pins.ts";
import { routedReader } from "./reader.ts";

const lastTransaction = (reader: Pick<Connection, "get">): number =>
  reader.get<{ id: number | null }>(sql`SELECT MAX("id") AS "id" FROM "Transaction"`)?.id ?? 0;

/** The present moment; costs one query as long as nothing is committed. */
export function readMoments(reader: Pick<Connection, "get">, revision: () => number): () => Moment {
  let known: Moment | undefined;
  return () => {
    const now = revision();
    if (known?.revision !== now) known = { revision: now, transactionId: lastTransaction(reader) };
    return known;
  };
}

/** @param db whose reads are of the newest commit. */
export function pinnedMoment(db: Db, pin: Pin, queries: Pick<ReaderPool, "all">): PinnedMoment {
  const running = new Set<Promise<unknown>>();
  const all = async <Row>(query: Query, signal?: AbortSignal): Promise<Row[]> => {
    const ends = joinSignals([signal, pin.signal]);
    nameAsker(ends.signal, askerOf(signal ?? pin.signal));
    const work = queries.all<Row>(query, ends.signal);
    running.add(work);
    try {
      return await work;
    } finally {
      ends.release();
      running.delete(work);
    }
  };
  const background = {
    all,
    get: async <Row>(query: Query, signal?: AbortSignal) => (await all<Row>(query, signal))[0],
  };
  // Nothing is committed to a moment.
  const revision = () => 0;
  return {
    db: {
      ...db,
      reader: routedReader({
        connection: pin.reader,
        background,
        remembered: openQueryCache(background, revision),
      }),
      revision,
    },
    transactionId: lastTransaction(pin.reader),
    close: () => pin.release(Promise.allSettled(running)),
  };
}
