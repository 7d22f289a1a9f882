import Libsql from "libsql";

/** Result codes of SQLite, https://sqlite.org/rescode.html */
export const resultCode = {
  busy: 5,
  readOnly: 8,
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

/** Another process holds a lock. The low byte is the primary code: SQLITE_BUSY_SNAPSHOT and its like are busy as well. */
export function isBusy(error: unknown): boolean {
  return ((resultCodeOf(error) ?? 0) & 0xff) === resultCode.busy;
}
