import { joinSignals } from "../../signals.ts";
import { askerOf, type Asker } from "../asker.ts";
import { BackgroundConnection } from "./background-connection.ts";
import type { QueryLimits } from "../engine.ts";
import { abandoned, timedOut } from "../errors.ts";
import type { DbWatch } from "../instrumentation.ts";
import type { Query } from "../sql.ts";
import { QueryCpu } from "./query-cpu.ts";
import { isInterrupted } from "./result-code.ts";
import { Threads } from "../threads.ts";

/**
 * Runs reads that may take long in other threads, so that no other request waits for them. Each sees the newest
 * commit when it begins. About 0.1 ms slower than the reader of the event loop.
 */
export interface ReaderPool {
  /**
   * Rows as the reader gives them. The query must be a SELECT, without ATTACH, PRAGMA and their like.
   * @param signal ends the query when it is aborted, and names the asker (`nameAsker`).
   * @throws {QueryTooComplexError} when it took too long, or the signal was aborted
   * @throws {TooManyQueriesError} when too many wait already.
   */
  all<Row>(query: Query, signal?: AbortSignal): Promise<Row[]>;
  /** The first row, undefined when there is none. */
  get<Row>(query: Query, signal?: AbortSignal): Promise<Row | undefined>;
  /** The same on a connection of the caller's, one query after another; its turn comes among all others. */
  on(connection: BackgroundConnection): Pick<ReaderPool, "all" | "get">;
  /** Ends what is running and what waits. */
  close(): Promise<void>;
}

export const readerPoolDefaults: QueryLimits = { connections: 2, waitingMax: 1000, timeoutMs: 10_000 };

/** Opens its connections when they are first needed. Those who ask take turns, see `Threads`. */
export function openReaderPool(path: string, limits: QueryLimits): ReaderPool {
  const ending = new AbortController();
  const running = new Set<Promise<unknown>>();
  const cpu = new QueryCpu();
  const threads = new Threads(() => new BackgroundConnection(path), limits.connections, limits.waitingMax);

  /** One that gives way begins again; the time of all its runs counts. */
  const run = async (query: Query, asker: Asker, signal: AbortSignal, on?: BackgroundConnection) => {
    for (let leftMs = limits.timeoutMs, isAgain = false; ; isAgain = true) {
      const held = await threads.acquire(asker, signal, isAgain, abandoned);
      const hasEnded = asker.account && cpu.begin(asker.account);
      const begunAt = performance.now();
      const ends = joinSignals([signal, held.givesWay], Math.ceil(leftMs));
      try {
        signal.throwIfAborted();
        return await (on ?? held.thread).all(query, ends.signal);
      } catch (error) {
        if (signal.aborted) throw abandoned();
        if (ends.isLate()) throw timedOut(limits.timeoutMs);
        if (!held.givesWay.aborted || !isInterrupted(error)) throw error;
        leftMs = Math.max(1, leftMs - (performance.now() - begunAt));
      } finally {
        hasEnded?.();
        ends.release();
        held.release();
      }
    }
  };

  const all = async <Row>(query: Query, signal?: AbortSignal, on?: BackgroundConnection) => {
    const ends = joinSignals([signal, ending.signal]);
    if (ends.signal.aborted) throw abandoned();
    const work = run(query, askerOf(signal), ends.signal, on);
    running.add(work);
    try {
      // The caller names the shape of the rows its SQL selects; nothing can check that here.
      return (await work) as Row[];
    } finally {
      ends.release();
      running.delete(work);
    }
  };

  return {
    all: (query, signal) => all(query, signal),
    get: async <Row>(query: Query, signal?: AbortSignal) => (await all<Row>(query, signal))[0],
    on: (connection) => {
      let last: Promise<unknown> = Promise.resolve();
      const oneAfterAnother = <Row>(query: Query, signal?: AbortSignal): Promise<Row[]> => {
        const work = last.then(() => all<Row>(query, signal, connection));
        last = work.catch(() => undefined);
        return work;
      };
      return {
        all: oneAfterAnother,
        get: async <Row>(query: Query, signal?: AbortSignal) =>
          (await oneAfterAnother<Row>(query, signal))[0],
      };
    },
    async close() {
      ending.abort();
      await Promise.allSettled(running);
      for (const connection of threads.idle) connection.close();
    },
  };
}

/** The same, each query within what watches it. */
export function watchQueries(background: ReaderPool, { aroundQuery }: DbWatch): ReaderPool {
  if (aroundQuery == null) return background;
  const watched = ({ all, get }: Pick<ReaderPool, "all" | "get">): Pick<ReaderPool, "all" | "get"> => ({
    all: (query, signal) => aroundQuery(() => all(query, signal), signal),
    get: (query, signal) => aroundQuery(() => get(query, signal), signal),
  });
  return {
    ...watched(background),
    on: (connection) => watched(background.on(connection)),
    close: () => background.close(),
  };
}
