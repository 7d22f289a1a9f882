import type { Connection } from "./connection.ts";
import { identifier, join, sql, type Sql } from "../sql.ts";
import { lotsOf, type EntityChange } from "../versioning/change.ts";
import type { Stamp } from "../versioning/past-state.ts";

const plain = (value: unknown): unknown =>
  value instanceof Date ? value.getTime() : typeof value === "bigint" ? Number(value) : value;

/** The columns that make a row the next version; without a stamp it is the second step of the one that is being written. */
const stampedBy = (stamp: Stamp | null): Sql =>
  stamp == null
    ? sql``
    : sql`, "version" = "version" + 1, "transactionId" = ${stamp.transactionId}, "updatedAt" = ${stamp.at}`;

/** Writes columns of many entities, each its own: one statement for some thousand of them. */
export function changeEntities(
  writer: Connection,
  stamp: Stamp | null,
  changes: readonly EntityChange[],
): void {
  for (const { columns, rows } of lotsOf(changes)) {
    const lines = JSON.stringify(rows.map(({ id, values }) => [id, ...values.map(plain)]));
    const assigned = columns.map((column, index) => sql`${identifier(column)} = t.value ->> ${index + 1}`);
    writer.run(sql`
      UPDATE "Entity" SET ${join(assigned)}${stampedBy(stamp)}
      FROM json_each(${lines}) t WHERE "Entity"."id" = t.value ->> 0`);
  }
}
