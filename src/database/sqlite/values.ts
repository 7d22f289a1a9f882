/** A value as SQLite stores it: NULL, INTEGER, REAL, TEXT, BLOB. */
export type Stored = null | bigint | number | string | Uint8Array;

/**
 * A JavaScript value as libsql may bind it. Booleans become 0 and 1, dates UTC milliseconds, absent values NULL.
 * @throws {TypeError} for anything else.
 */
export function toStored(value: unknown): Stored {
  switch (typeof value) {
    case "number":
      // libsql binds every number as REAL: `'x' || ?` would give x1.0, and `? / 2` would not divide as integers do.
      return Number.isSafeInteger(value) ? BigInt(value) : value;
    case "string":
    case "bigint":
      return value;
    case "boolean":
      // libsql 0.5 ends the whole process when it meets a boolean ("not yet implemented: bool").
      return value ? 1n : 0n;
    case "undefined":
      return null;
    case "object":
      if (value === null || value instanceof Uint8Array) return value;
      // An invalid date is NaN, which SQLite would store as NULL without a word.
      if (value instanceof Date && !Number.isNaN(value.getTime())) return BigInt(value.getTime());
      break;
    default:
  }
  throw new TypeError(`SQLite stores no ${typeof value}; turn it into text, a number or bytes first`);
}

/**
 * A stored value as programs use it: integers as numbers.
 * @throws {RangeError} when an integer is beyond 2^53 - 1, where a number would silently be its neighbour.
 */
export function fromStored(value: Stored, column: string): Exclude<Stored, bigint> {
  if (typeof value !== "bigint") return value;
  const number = Number(value);
  if (!Number.isSafeInteger(number)) {
    throw new RangeError(
      `${column} holds ${value.toString()}, more than a number can hold exactly; read it as text`,
    );
  }
  return number;
}
