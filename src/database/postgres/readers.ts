import type pg from "pg";
import { LRUCache } from "lru-cache";
import { joinSignals } from "../../signals.ts";
import { askerOf } from "../asker.ts";
import type { QueryLimits } from "../engine.ts";
import { abandoned, timedOut } from "../errors.ts";
import type { DbWatch } from "../instrumentation.ts";
import { answerSizes } from "../query-cache.ts";
import type { Reader, ReadOptions } from "../reader.ts";
import type { Query } from "../sql.ts";
import { Threads } from "../threads.ts";
import { localSettings, runOn } from "./connections.ts";
import { writeForPostgres } from "./dialect.ts";
import { known } from "./errors.ts";

type Row = Record<string, unknown>;

interface Needs {
  readonly pool: pg.Pool;
  readonly limits: QueryLimits;
  /** Whether a pooler lies between, which gives each transaction another connection. */
  readonly isPooled: boolean;
  readonly watch: DbWatch;
  readonly cancel: (processId: number) => void;
}

/** One operation's view: a transaction that sees one commit. */
export interface Snapshot {
  readonly reader: Reader;
  /** The last recorded transaction that it sees; 0 for none. */
  readonly transactionId: number;
  close(): Promise<void>;
}

/** Each is a process of the database's. */
const snapshotsMax = 10;
/** Snapshots, and reads beside them. */
export const readersMax = snapshotsMax + 4;

const begin = (timeoutMs: number, isPooled: boolean): string =>
  [
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    ...(isPooled ? [localSettings(timeoutMs)] : []),
    `SELECT MAX("id") AS "id" FROM "Transaction"`,
  ].join("; ");

const readerOf = (read: (query: Query, options: ReadOptions) => Promise<Row[]>): Reader => ({
  // The caller names the shape of the rows its SQL selects; nothing can check that here.
  all: async <R>(query: Query, options: ReadOptions = {}) => (await read(query, options)) as R[],
  get: async <R>(query: Query, options: ReadOptions = {}) => (await read(query, options))[0] as R | undefined,
});

/** Reads on one connection, one query after another. */
export function readerOn(
  client: pg.ClientBase,
  { limits, cancel }: Pick<Needs, "limits" | "cancel">,
  isPrepared = false,
): Reader {
  let last: Promise<unknown> = Promise.resolve();
  return readerOf(async (query, { signal }) => {
    const work = last.then(() => runOn(client, query, { signal, isPrepared }, cancel, limits.timeoutMs));
    last = work.catch(() => undefined);
    return (await work).rows;
  });
}

/**
 * The rows of another snapshot of the same commit that asks the same; undefined when that has been ended.
 * @throws {QueryTooComplexError} when the signal was aborted
 */
async function joined(run: Promise<Row[]>, signal: AbortSignal | undefined): Promise<Row[] | undefined> {
  const over = new AbortController();
  const leaving = new Promise<undefined>((resolve) => {
    const leave = () => {
      resolve(undefined);
    };
    if (signal?.aborted === true) leave();
    signal?.addEventListener("abort", leave, { once: true, signal: over.signal });
  });
  const rows = await Promise.race([run.catch(() => undefined), leaving]);
  over.abort();
  if (signal?.aborted === true) throw abandoned();
  return rows;
}

/** Where reads outside of a writing transaction come from. Viewers take turns, see `Threads`. */
export class Readers {
  readonly #needs: Needs;
  readonly #turns: Threads<object>;
  readonly #answers = new LRUCache<string, Row[]>(answerSizes);
  /** Those that are being asked for, by the same names. */
  readonly #running = new Map<string, Promise<Row[]>>();
  /** Each query sees the newest commit. */
  readonly reader: Reader;

  constructor(needs: Needs) {
    this.#needs = needs;
    this.#turns = new Threads(() => ({}), snapshotsMax, needs.limits.waitingMax);
    this.reader = readerOf((query, options) => this.#readOnce(query, options));
  }

  /** After a commit that may not be recorded: what a snapshot saw before says nothing any more. */
  forget(): void {
    this.#answers.clear();
  }

  /** A snapshot of the newest commit. @throws {TooManyQueriesError} @throws {QueryTooComplexError} @throws {UnavailableError} */
  async open(given: AbortSignal | undefined): Promise<Snapshot> {
    const { pool, limits, isPooled, cancel } = this.#needs;
    const ending = new AbortController();
    const ends = joinSignals([given, ending.signal], limits.timeoutMs);
    const turn = await this.#turns
      .acquire(askerOf(given), ends.signal, false, abandoned)
      .catch((error: unknown) => {
        ends.release();
        throw error;
      });
    let client: pg.PoolClient | undefined;
    let isBroken = false;
    const running = new Set<Promise<unknown>>();
    const giveBack = async () => {
      await client?.query("ROLLBACK").catch(() => (isBroken = true));
      client?.release(isBroken);
      turn.release();
    };
    const close = async () => {
      // What still runs is told to end: nobody waits for it any more.
      ending.abort();
      await Promise.allSettled(running);
      ends.release();
      // An answer need not wait for a round trip that says nothing.
      void giveBack();
    };
    try {
      client = await pool.connect();
      // The result of several statements in one round trip; the types know of one.
      const results = (await client.query(begin(limits.timeoutMs, isPooled))) as unknown as pg.QueryResult<{
        id: number | null;
      }>[];
      const transactionId = results.at(-1)?.rows[0]?.id ?? 0;
      const plain = readerOn(client, { limits, cancel }, !isPooled);
      const read = async (query: Query, { signal, ...options }: ReadOptions) => {
        const until = joinSignals([signal, ends.signal]);
        const work = this.#cached(plain, transactionId, query, { ...options, signal: until.signal });
        running.add(work);
        try {
          return await work;
        } catch (error) {
          if (ends.isLate()) throw timedOut(limits.timeoutMs);
          throw error;
        } finally {
          running.delete(work);
          until.release();
        }
      };
      return { reader: readerOf(read), transactionId, close };
    } catch (error) {
      isBroken = true;
      await close();
      throw known(error);
    }
  }

  async #cached(plain: Reader, transactionId: number, query: Query, options: ReadOptions): Promise<Row[]> {
    if (options.cost !== "repeated") return this.#watched(() => plain.all<Row>(query, options), options);
    const { text: sql, values } = writeForPostgres(query);
    const key = JSON.stringify([transactionId, sql, values]);
    const found = this.#answers.get(key);
    if (found != null) return found;
    for (let other; (other = this.#running.get(key)) != null;) {
      const shared = await joined(other, options.signal);
      if (shared != null) return shared;
    }
    const run = this.#watched(() => plain.all<Row>(query, options), options);
    this.#running.set(key, run);
    try {
      const rows = await run;
      this.#answers.set(key, rows);
      return rows;
    } finally {
      if (this.#running.get(key) === run) this.#running.delete(key);
    }
  }

  #watched<T>(run: () => Promise<T>, { cost = "point", signal }: ReadOptions): Promise<T> {
    const { aroundQuery } = this.#needs.watch;
    return cost === "point" || aroundQuery == null ? run() : aroundQuery(run, signal);
  }

  async #readOnce(query: Query, options: ReadOptions): Promise<Row[]> {
    if (this.#needs.isPooled) return this.#readInTransaction(query, options);
    const { pool, limits, cancel } = this.#needs;
    let client: pg.PoolClient;
    try {
      client = await pool.connect();
    } catch (error) {
      throw known(error);
    }
    try {
      const run = () =>
        runOn(client, query, { signal: options.signal, isPrepared: true }, cancel, limits.timeoutMs);
      const { rows } = await this.#watched(run, options);
      client.release();
      return rows;
    } catch (error) {
      client.release();
      throw error;
    }
  }

  async #readInTransaction(query: Query, options: ReadOptions): Promise<Row[]> {
    const snapshot = await this.open(options.signal);
    try {
      return await snapshot.reader.all<Row>(query, options);
    } finally {
      await snapshot.close();
    }
  }
}
