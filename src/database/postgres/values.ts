import pg from "pg";

const { builtins } = pg.types;

/** PostgreSQL's text of an instant, with the zone that `timezone=UTC` gives it. */
const toMilliseconds = (text: string): number => Date.parse(`${text.replace(" ", "T")}:00`);

/** A number that holds every integer of the row exactly. @throws {RangeError} beyond 2^53 - 1. */
function toInteger(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number))
    throw new RangeError(`A column holds ${text}, more than a number can hold exactly; read it as text`);
  return number;
}

const parsers: Readonly<Record<number, (text: string) => unknown>> = {
  [builtins.INT8]: toInteger,
  [builtins.NUMERIC]: Number,
  [builtins.BOOL]: (text) => (text === "t" ? 1 : 0),
  [builtins.TIMESTAMPTZ]: toMilliseconds,
};

/** Values of rows as every engine gives them: times as UTC milliseconds, booleans as 0 and 1, integers as numbers. */
export const types: pg.CustomTypesConfig = {
  // The driver's own parsers are untyped.
  getTypeParser: (oid) => parsers[oid] ?? (pg.types.getTypeParser(oid, "text") as (text: string) => unknown),
};

/** A value as `pg` sends it. */
export function toStored(value: unknown): unknown {
  return value instanceof Date ? value.toISOString() : value;
}
