import type { Entity, EntityVersion } from "../generated/client.ts";
import { raw, type Sql } from "../sql.ts";
import { booleanColumns, byteColumns, stateColumns, timeColumns, type StateColumn } from "./entity-state.ts";

/** Hot paths read with SQL of our own (Prisma costs three times as much there), and get the same shapes. */
type Raw = Record<string, unknown>;

/** A column that entities and versions have. */
export type Column = StateColumn | "version" | "transactionId";
/** The columns to read of a row; its id is always read, and of a version its place in history. */
export type Columns = ReadonlySet<Column> | "all";

const columns: readonly Column[] = ["version", "transactionId", ...stateColumns];
const known: ReadonlySet<string> = new Set(columns);
export const isColumn = (name: unknown): name is Column => typeof name === "string" && known.has(name);

/** A column that was not read must not look like null: reading it throws instead. */
const unread = Object.create(
  Object.prototype,
  Object.fromEntries(
    columns.map((column) => [
      column,
      {
        get: () => {
          throw new Error(`"${column}" was not read: the field that needs it does not say so (fieldColumns)`);
        },
      },
    ]),
  ),
) as object;

/** SQLite's integers become what Prisma's models say; the row is changed in place, since it is ours alone. */
function hydrate(row: Raw, read: Columns): Raw {
  for (const column of timeColumns) {
    const value = row[column];
    if (typeof value === "number") row[column] = new Date(value);
  }
  for (const column of booleanColumns) {
    const value = row[column];
    if (typeof value === "number") row[column] = value === 1;
  }
  for (const column of byteColumns) {
    const value = row[column];
    if (typeof value === "number") row[column] = BigInt(value);
  }
  if (read !== "all") Object.setPrototypeOf(row, unread);
  return row;
}

// The columns selected by `entityColumns` and `versionColumns` are those of Prisma's models, with the same conversions; one
// that was left out throws, so that the type is true.
export const entityWith =
  (read: Columns) =>
  (row: Raw): Entity =>
    hydrate(row, read) as Entity;
export const entityVersionWith =
  (read: Columns) =>
  (row: Raw): EntityVersion =>
    hydrate(row, read) as EntityVersion;
export const entityOf = entityWith("all");
export const entityVersionOf = entityVersionWith("all");

/** Text from our own names, made once for each choice: joined again for each request it costs as much as reading a row. */
function columnsOf(alias: string, always: readonly string[]) {
  const listed = (names: readonly string[]) =>
    raw([...new Set([...always, ...names])].map((name) => `${alias}."${name}"`).join(", "));
  const all = listed(columns);
  const made = new WeakMap<ReadonlySet<Column>, Sql>();
  return (read: Columns): Sql => {
    if (read === "all") return all;
    let some = made.get(read);
    // In a fixed order, not the client's: the same columns give the same statement.
    if (some == null) made.set(read, (some = listed(columns.filter((column) => read.has(column)))));
    return some;
  };
}

/** Columns of `"Entity" e`. */
export const entityColumnsOf = columnsOf("e", ["id"]);
/** Columns of `"EntityVersion" v`. */
export const versionColumnsOf = columnsOf("v", [
  "entityId",
  "version",
  "operation",
  "transactionId",
  "untilTransactionId",
]);

/** Every column of `"Entity" e`. */
export const entityColumns = entityColumnsOf("all");
/** Every column of `"EntityVersion" v`. */
export const versionColumns = versionColumnsOf("all");
