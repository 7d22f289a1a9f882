import { QueryTooComplexError } from "../errors.ts";

/**
 * The disk failed while a transaction was committed. Nothing of it shows now, but when the process dies before the next
 * commit, the journal may be read with it: a failed sync says nothing of what reached the disk. Code that withdraws what
 * the rows would name might withdraw it from under them.
 */
export class OutcomeUnknownError extends Error {
  constructor(options?: ErrorOptions) {
    super("The database could not be written to its disk", options);
  }
}

/** A query was stopped at the limit of its time. */
export const timedOut = (timeoutMs: number) =>
  new QueryTooComplexError(
    `The query took longer than ${timeoutMs / 1000} s (QUERY_TIMEOUT_MS) and was stopped; narrow it down with a filter`,
  );

/** Who asked has gone. */
export const abandoned = () =>
  new QueryTooComplexError("The query was stopped: nobody waits for its answer any more");
