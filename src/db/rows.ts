import type { Entity, EntityVersion } from "./generated/client.ts";
import { identifier, join, sql, type Sql } from "./sql.ts";
import { stateColumns, type StateColumn } from "./state.ts";

/** Hot paths read with SQL of our own (Prisma costs three times as much there), and get the same shapes. */
type Raw = Record<string, unknown>;

const dates = ["deletedAt", "addedAt", "updatedAt", "capturedAt"] as const satisfies readonly StateColumn[];
const booleans = [
  "isCollection",
  "isDeleted",
  "capturedIsInferred",
] as const satisfies readonly StateColumn[];

/** SQLite's integers become what Prisma's models say; the row is changed in place, since it is ours alone. */
function hydrate(row: Raw): Raw {
  for (const column of dates) {
    const value = row[column];
    if (typeof value === "number") row[column] = new Date(value);
  }
  for (const column of booleans) {
    const value = row[column];
    if (typeof value === "number") row[column] = value === 1;
  }
  if (typeof row["fileSize"] === "number") row["fileSize"] = BigInt(row["fileSize"]);
  return row;
}

// The columns selected by `entityColumns` and `versionColumns` are those of Prisma's models, hydrated alike.
export const entityOf = (row: Raw): Entity => hydrate(row) as Entity;
export const entityVersionOf = (row: Raw): EntityVersion => hydrate(row) as EntityVersion;

const columnsOf = (alias: string, names: readonly string[]): Sql =>
  join(names.map((name) => sql`${identifier(alias)}.${identifier(name)}`));

/** Every column of `"Entity" e`. */
export const entityColumns = columnsOf("e", ["id", "version", "transactionId", ...stateColumns]);

/** Every column of `"EntityVersion" v`. */
export const versionColumns = columnsOf("v", [
  "entityId",
  "version",
  "operation",
  "transactionId",
  "untilTransactionId",
  ...stateColumns,
]);
