import type { Query } from "./sql.ts";

/** How a query is run. */
export interface ReadOptions {
  /**
   * `point` (the default): a few rows that an index leads to. `scan`: it may take long, so it runs in another thread, within
   * the time limit. `repeated`: as `scan`, and its rows are cached until the next commit and shared by equal queries; callers
   * must not change them.
   */
  readonly cost?: "point" | "scan" | "repeated";
  /** Ends the query when it is aborted, and names the asker. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads from the database; each query sees the newest commit, inside a transaction also what that has written.
 * @throws {QueryTooComplexError} when a query took too long, or its signal was aborted
 * @throws {TooManyQueriesError} when too many wait already
 */
export interface Reader {
  /** The caller names the shape of the rows that its SQL selects. */
  all<Row>(query: Query, options?: ReadOptions): Promise<Row[]>;
  /** The first row, undefined when there is none. */
  get<Row>(query: Query, options?: ReadOptions): Promise<Row | undefined>;
}
