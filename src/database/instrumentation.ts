import type { Opening } from "./versioning/recorder.ts";

/** A transaction that has been committed. */
export interface Committed extends Opening {
  readonly transactionId: number;
}

/** Called by the database to report its work. */
export interface DbWatch {
  /** Called after each recorded commit, before its transaction resolves. It must not fail: the commit stands. */
  readonly committed?: (committed: Committed) => Promise<void>;
  /** Around each writing transaction, its waiting included. */
  readonly around?: <T>(opening: Opening, transaction: () => Promise<T>) => Promise<T>;
  /** Around each query in another thread, its waiting included. */
  readonly aroundQuery?: <T>(query: () => Promise<T>, signal?: AbortSignal) => Promise<T>;
}
