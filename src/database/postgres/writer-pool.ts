import pg from "pg";
import type { Query } from "../sql.ts";
import type { Stamp } from "../versioning/past-state.ts";
import { sqlState } from "./errors.ts";
import { localSettings, statementOf } from "./connections.ts";

/** The first of two keys of the program's advisory locks ("COLA"); the second says of what. */
const lockSpace = 1_129_270_337;
export const locks = {
  writers: `${lockSpace}, 1`,
  migrations: `${lockSpace}, 2`,
  server: `${lockSpace}, 3`,
} as const;

type Connected = (error: Error | undefined, client: pg.PoolClient | undefined, done: () => void) => void;

/** Another server's transaction may be a long one. */
const lockWaitMs = 60_000;
/** A transaction's statements, unlike reads, may take as long as they need. */
const statementMs = 600_000;

/** One round trip: what comes after the lock sees what the writer before has committed. */
const begin = [
  "BEGIN ISOLATION LEVEL READ COMMITTED",
  localSettings(statementMs),
  `SET LOCAL lock_timeout = ${lockWaitMs}`,
  `SELECT pg_advisory_xact_lock(${locks.writers})`,
  "SET LOCAL lock_timeout = 0",
  // What a client was told is on the disk; who chose more than that keeps it.
  `SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'`,
  `SELECT COALESCE(pg_sequence_last_value(CAST(pg_get_serial_sequence('"Transaction"', 'id') AS regclass)), 0) + 1 AS "transactionId",
     COALESCE((SELECT "at" FROM "Transaction" ORDER BY "id" DESC LIMIT 1), to_timestamp(0)) AS "at"`,
].join("; ");

/** The connection of one transaction. Every time it is waited for, all other writers wait. */
export class Writer {
  /** Its `query` waits for what was sent ahead too, whose error is the first. */
  readonly client: pg.PoolClient;
  readonly #connection: pg.PoolClient;
  #ahead: Promise<unknown>[] = [];
  #next: Stamp | undefined;
  #commitError: unknown;
  #failure: unknown;
  #takenBackBy: unknown;

  constructor(connection: pg.PoolClient) {
    this.#connection = connection;
    this.client = new Proxy(connection, {
      get: (target, name) => {
        if (name === "query") return this.#query;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
  }

  /** The id that the next row in "Transaction" gets, since nobody else writes one now, and its earliest time. */
  get next(): Stamp {
    if (this.#next == null) throw new Error("The transaction has not begun");
    return this.#next;
  }

  /** Why the COMMIT failed; undefined when it did not. */
  get commitError(): unknown {
    return this.#commitError;
  }

  /** The statement's error for which the database made a rollback of the COMMIT; undefined when it did not. */
  get takenBackBy(): unknown {
    return this.#takenBackBy;
  }

  /** Sends a statement whose answer comes with the next one's; waiting for it alone costs a round trip of its own. */
  ahead<Row extends object>(query: Query): Promise<Row[]> {
    const answer = this.#connection.query<Row>(statementOf(query)).then(({ rows }) => rows);
    // Its error is thrown by the next statement, which the database refuses then.
    answer.catch(() => undefined);
    this.#ahead.push(answer);
    return answer;
  }

  readonly #query = async (config: unknown, ...rest: unknown[]): Promise<unknown> => {
    const text = textOf(config);
    if (text === "BEGIN") return this.#begin();
    const ahead = this.#ahead;
    this.#ahead = [];
    // The driver's overloads, handed on as they came.
    const run = this.#connection.query.bind(this.#connection) as (...given: unknown[]) => Promise<unknown>;
    const answers = await Promise.allSettled([...ahead, run(config, ...rest)]);
    const failed = text === "ROLLBACK" ? answers.at(-1) : answers.find(({ status }) => status === "rejected");
    if (failed?.status === "rejected") {
      this.#failure ??= failed.reason;
      if (text === "COMMIT") this.#commitError = failed.reason;
      // What fails since something had failed before says nothing of why.
      throw sqlState(failed.reason) === "25P02" ? this.#failure : failed.reason;
    }
    const last = answers.at(-1);
    const answer = last?.status === "fulfilled" ? last.value : undefined;
    // Where a statement failed and the work went on, the database ends with a rollback, and calls that no error.
    if (text === "COMMIT" && (answer as pg.QueryResult).command !== "COMMIT") {
      const error = new Error(
        "The database took the transaction back, since one of its statements had failed",
      );
      this.#takenBackBy = this.#failure ?? error;
      throw error;
    }
    return answer;
  };

  async #begin(): Promise<unknown> {
    // The results of several statements; the types know of one.
    const results = (await this.#connection.query(begin)) as unknown as pg.QueryResult<Stamp>[];
    this.#next = results.at(-1)?.rows[0];
    return results;
  }
}

/**
 * Gives Prisma its connections. Those of transactions take the writers' lock with their BEGIN, at READ COMMITTED, so that
 * every later statement sees what the writer before has committed; thus ids of transactions come in the order of commits.
 * One transaction is open at a time, that of `current`.
 */
export class WriterPool extends pg.Pool {
  #current: Writer | undefined;

  constructor(config: pg.PoolConfig) {
    // https://node-postgres.com/apis/client: statements are sent without waiting for the answers of those before.
    const pipelined: pg.PoolConfig & { readonly pipeline: true } = { ...config, pipeline: true };
    super(pipelined);
  }

  /** That of the open transaction. @throws {Error} when none is. */
  get current(): Writer {
    if (this.#current == null) throw new Error("No transaction is open");
    return this.#current;
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(connected: Connected): void;
  override connect(connected?: Connected): Promise<pg.PoolClient> | undefined {
    if (connected == null)
      return super.connect().then((connection) => (this.#current = new Writer(connection)).client);
    // The pool's own way for a query by itself.
    super.connect(connected);
    return undefined;
  }
}

const textOf = (config: unknown): string | undefined =>
  typeof config === "string"
    ? config
    : ((config as { readonly text?: unknown } | null)?.text as string | undefined);
