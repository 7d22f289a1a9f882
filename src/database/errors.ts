import { QueryTooComplexError } from "../errors.ts";

/** A query was stopped at the limit of its time. */
export const timedOut = (timeoutMs: number) =>
  new QueryTooComplexError(
    `The query took longer than ${timeoutMs / 1000} s (QUERY_TIMEOUT_MS) and was stopped; narrow it down with a filter`,
  );

/** Who asked has gone. */
export const abandoned = () =>
  new QueryTooComplexError("The query was stopped: nobody waits for its answer any more");
