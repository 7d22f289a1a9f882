import { joinSignals } from "../../signals.ts";
import type { Db, Moment, PinnedMoment } from "../db.ts";
import { openQueryCache } from "../query-cache.ts";
import { sql, type Query } from "../sql.ts";
import { askerOf, nameAsker } from "../asker.ts";
import type { ReaderPool } from "./reader-pool.ts";
import type { Connection } from "./connection.ts";
import type { Pin } from "./pins.ts";
import { routedReader } from "./reader.ts";

const dataVersion = sql`PRAGMA data_version`;

const lastTransaction = (reader: Pick<Connection, "get">): number =>
  reader.get<{ id: number | null }>(sql`SELECT MAX("id") AS "id" FROM "Transaction"`)?.id ?? 0;

/** Milliseconds for which a look counts: long enough for a busy server, and soon over for one that another process writes to. */
const lookMs = 10;

/** Looks at the present moment; a look costs one query as long as nothing is committed. */
export class Moments {
  readonly #reader: Pick<Connection, "get">;
  #seen: Moment | undefined;
  #seenAt = -Infinity;

  constructor(reader: Pick<Connection, "get">) {
    this.#reader = reader;
  }

  /** "Changes made by other connections" (https://sqlite.org/pragma.html#pragma_data_version): the reader makes none. */
  revision(): number {
    const revision = this.#reader.get<{ data_version: number }>(dataVersion)?.data_version ?? 0;
    if (revision === this.#seen?.revision) this.#seenAt = performance.now();
    return revision;
  }

  now(): Moment {
    const revision = this.revision();
    if (this.#seen?.revision === revision) return this.#seen;
    this.#seenAt = performance.now();
    return (this.#seen = { revision, transactionId: lastTransaction(this.#reader) });
  }

  lastSeen(): Moment {
    return this.#seen != null && performance.now() - this.#seenAt < lookMs ? this.#seen : this.now();
  }

  /** After a commit of this process. */
  forget(): void {
    this.#seen = undefined;
  }
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
