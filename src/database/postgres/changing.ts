import { traitsOf } from "../model/entity-state.ts";
import { identifier, join, raw, sql, type Sql } from "../sql.ts";
import { lotsOf, type EntityChange } from "../versioning/change.ts";
import type { Stamp } from "../versioning/past-state.ts";
import type { Run } from "./connections.ts";

const types = {
  boolean: "boolean",
  integer: "integer",
  bytes: "bigint",
  number: "float8",
  string: "text",
  time: "timestamptz",
} as const;

const plain = (value: unknown): unknown =>
  value instanceof Date ? value.toISOString() : typeof value === "bigint" ? String(value) : value;

/** The columns that make a row the next version; without a stamp it is the second step of the one that is being written. */
const stampedBy = (stamp: Stamp | null): Sql =>
  stamp == null
    ? sql``
    : sql`, "version" = "version" + 1, "transactionId" = ${stamp.transactionId}, "updatedAt" = ${new Date(stamp.at)}`;

/** Writes columns of many entities, each its own: one statement for some thousand of them. */
export async function changeEntities(
  run: Run,
  stamp: Stamp | null,
  changes: readonly EntityChange[],
): Promise<void> {
  for (const { columns, rows } of lotsOf(changes)) {
    const arrays = columns.map(
      (column, index) =>
        sql`CAST(${rows.map(({ values }) => plain(values[index]))} AS ${raw(types[traitsOf[column].holds])}[])`,
    );
    await run(sql`
      UPDATE "Entity" SET ${join(columns.map((column) => sql`${identifier(column)} = t.${identifier(column)}`))}${stampedBy(stamp)}
      FROM unnest(CAST(${rows.map(({ id }) => id)} AS integer[]), ${join(arrays)})
        t ("id", ${join(columns.map(identifier))})
      WHERE "Entity"."id" = t."id"`);
  }
}
