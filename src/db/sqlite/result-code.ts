import Libsql from "libsql";

/** Result codes of SQLite, https://sqlite.org/rescode.html */
export const resultCode = {
  busy: 5,
  readOnly: 8,
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

/** Prisma wraps what the adapter threw: the original error, or its result code, lies somewhere below. */
function* causesOf(error: unknown): Generator {
  for (let cause = error; typeof cause === "object" && cause !== null;) {
    yield cause;
    const { cause: inner, meta } = cause as { cause?: unknown; meta?: { driverAdapterError?: unknown } };
    cause = meta?.driverAdapterError ?? inner;
  }
}

/** The disk is full. */
export function isFull(error: unknown): boolean {
  for (const cause of causesOf(error)) {
    const { extendedCode } = cause as { extendedCode?: unknown };
    if (resultCodeOf(cause) === resultCode.full || extendedCode === resultCode.full) return true;
  }
  return false;
}

/** Another process holds a lock. The low byte is the primary code: SQLITE_BUSY_SNAPSHOT and its like are busy as well. */
export function isBusy(error: unknown): boolean {
  return ((resultCodeOf(error) ?? 0) & 0xff) === resultCode.busy;
}
