import { askerOf, type Asker } from "./asker.ts";
import { CommitCache } from "./commit-cache.ts";
import { SharedRun } from "./shared-run.ts";
import type { Query } from "./sql.ts";

/** Runs queries aside. */
interface Aside {
  all<Row>(query: Query, signal?: AbortSignal): Promise<Row[]>;
}

/** Rows of costly queries, kept until the next commit for everybody. */
export interface QueryCache {
  /**
   * As `Background.all`; equal queries share one run while it lasts, which stops when the last client has
   * gone. The rows are shared: callers must not change them.
   * @throws {QueryTooComplexError} when it took too long, or the signal was aborted
   * @throws {TooManyQueriesError}
   */
  all<Row>(query: Query, signal?: AbortSignal): Promise<Row[]>;
}

type Answer = readonly unknown[];

/** Rows of all answers together; one of a timeline's days has some thousands. A long text counts as several. */
const rowsMax = 50_000;
const rowChars = 100;

const weightOf = (row: unknown): number =>
  Object.values(row as object).reduce<number>(
    (weight, value) => weight + (typeof value === "string" ? Math.floor(value.length / rowChars) : 0),
    1,
  );

/** How much of the cache an answer takes. */
export const answerSizes = {
  maxSize: rowsMax,
  sizeCalculation: (rows: Answer) => rows.reduce<number>((weight, row) => weight + weightOf(row), 1),
} as const;

/** @param revision another number after every commit. */
export function openQueryCache(aside: Aside, revision: () => number): QueryCache {
  const answers = new CommitCache<Answer>(revision, answerSizes);
  const running = new Map<string, SharedRun<Answer>>();

  const start = (query: Query, key: string, at: number, asker: Asker): SharedRun<Answer> => {
    // A run that began before a commit is no answer for those who ask after it.
    const name = `${at}:${key}`;
    const known = running.get(name);
    if (known != null) return known;
    const forget = () => {
      if (running.get(name) === run) running.delete(name);
    };
    const run = new SharedRun<Answer>(asker, (signal) => aside.all<unknown>(query, signal), forget);
    running.set(name, run);
    run.result.then(
      (rows) => {
        forget();
        answers.keep(key, rows, at);
      },
      // Settles the waiting callers.
      forget,
    );
    return run;
  };

  return {
    all: async <Row>(query: Query, signal?: AbortSignal) => {
      const at = answers.now();
      const key = JSON.stringify([query.sql, query.values]);
      const rows = answers.get(key) ?? (await start(query, key, at, askerOf(signal)).join(signal));
      // The caller names the shape of the rows its SQL selects; nothing can check that here.
      return rows as Row[];
    },
  };
}
