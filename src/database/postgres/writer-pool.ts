import pg from "pg";
import { localSettings } from "./connections.ts";

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

/**
 * Gives Prisma its connections. Those of transactions take the writers' lock with their BEGIN, in one round trip: at READ
 * COMMITTED, so that every later statement sees what the writer before has committed; thus ids of transactions come in the
 * order of commits. One transaction is open at a time, that of `current`.
 */
export class WriterPool extends pg.Pool {
  #current: pg.PoolClient | undefined;
  #commitError: unknown;

  /** The connection of the open transaction. @throws {Error} when none is. */
  get current(): pg.PoolClient {
    if (this.#current == null) throw new Error("No transaction is open");
    return this.#current;
  }

  /** Why the last COMMIT failed; undefined when it did not. */
  get commitError(): unknown {
    return this.#commitError;
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(connected: Connected): void;
  override connect(connected?: Connected): Promise<pg.PoolClient> | undefined {
    if (connected == null) return super.connect().then((client) => this.#forTransactions(client));
    // The pool's own way for a query by itself.
    super.connect(connected);
    return undefined;
  }

  #forTransactions(client: pg.PoolClient): pg.PoolClient {
    this.#current = client;
    this.#commitError = undefined;
    const begin = [
      "BEGIN ISOLATION LEVEL READ COMMITTED",
      localSettings(statementMs),
      `SET LOCAL lock_timeout = ${lockWaitMs}`,
      `SELECT pg_advisory_xact_lock(${locks.writers})`,
      "SET LOCAL lock_timeout = 0",
      // What a client was told is on the disk; who chose more than that keeps it.
      `SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'`,
    ].join("; ");
    const query = (config: unknown, ...rest: unknown[]) => {
      const text = textOf(config);
      if (text === "BEGIN") return client.query(begin);
      // The driver's overloads, handed on as they came.
      const run = client.query.bind(client) as (...given: unknown[]) => Promise<unknown>;
      if (text !== "COMMIT") return run(config, ...rest);
      return run(config, ...rest).catch((error: unknown) => {
        this.#commitError = error;
        throw error;
      });
    };
    return new Proxy(client, {
      get: (target, name) => {
        if (name === "query") return query;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
  }
}

const textOf = (config: unknown): string | undefined =>
  typeof config === "string"
    ? config
    : ((config as { readonly text?: unknown } | null)?.text as string | undefined);
