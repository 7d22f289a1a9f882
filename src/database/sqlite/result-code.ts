import Libsql from "libsql";
import { QueryTooComplexError } from "../../errors.ts";

/** Result codes of SQLite, https://sqlite.org/rescode.html */
export const resultCode = {
  busy: 5,
  readOnly: 8,
  ioError: 10,
  interrupt: 9,
  full: 13,
  foreignKey: 787,
  notNull: 1299,
  primaryKey: 1555,
  trigger: 1811,
  unique: 2067,
  rowId: 2579,
} as const;

/** The extended result code when the error comes from SQLite, else undefined. */
export function resultCodeOf(error: unknown): number | undefined {
  return error instanceof Libsql.SqliteError ? (error.rawCode ?? 1) : undefined;
}

/** Prisma wraps the adapter's error: the original, or its result code, is among the causes. */
function* causesOf(error: unknown): Generator {
  for (let cause = error; typeof cause === "object" && cause !== null;) {
    yield cause;
    const { cause: inner, meta } = cause as { cause?: unknown; meta?: { driverAdapterError?: unknown } };
    cause = meta?.driverAdapterError ?? inner;
  }
}

const codesOf = function* (error: unknown): Generator<number> {
  for (const cause of causesOf(error)) {
    const { extendedCode } = cause as { extendedCode?: unknown };
    const code = resultCodeOf(cause) ?? extendedCode;
    if (typeof code === "number") yield code;
  }
};

/** The low byte of an extended code. */
const primary = (code: number) => code & 0xff;

/** The disk is full. */
export const isFull = (error: unknown): boolean =>
  [...codesOf(error)].some((code) => code === resultCode.full);

/** The disk failed: what was being written may be there or not. SQLITE_IOERR_FSYNC and its like. */
export const isIoError = (error: unknown): boolean =>
  [...codesOf(error)].some((code) => primary(code) === resultCode.ioError);

/** Another process holds a lock; SQLITE_BUSY_SNAPSHOT and its like are busy as well. */
export function isBusy(error: unknown): boolean {
  return primary(resultCodeOf(error) ?? 0) === resultCode.busy;
}

/** The query was stopped before its end. */
export const isInterrupted = (error: unknown): boolean =>
  primary(resultCodeOf(error) ?? 0) === resultCode.interrupt;

/** SQLite has no result codes of their own for its limits (https://sqlite.org/limits.html). */
const limitMessages =
  /^(Expression tree is too large|parser stack overflow|too many SQL variables|variable number must be|too many terms in compound SELECT|at most \d+ tables in a join|too many FROM clause terms|too many references to|LIKE or GLOB pattern too complex|statement too long|string or blob too big)/;

/** The last resort where a client's filter is beyond what SQLite takes; any other error as it is. */
export function withoutLimits(error: unknown): unknown {
  if (!(error instanceof Libsql.SqliteError) || !limitMessages.test(error.message)) return error;
  return new QueryTooComplexError("The filter is too long for the database; use fewer clauses", {
    cause: error,
  });
}
