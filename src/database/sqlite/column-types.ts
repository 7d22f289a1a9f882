import { ColumnTypeEnum, type ColumnType } from "@prisma/driver-adapter-utils";
import type { Column } from "./statement.ts";
import type { Stored } from "./values.ts";

/** Prisma's type of a declared SQLite type; Prisma itself declares only the first seven. */
const declared: Readonly<Record<string, ColumnType>> = {
  INTEGER: ColumnTypeEnum.Int32,
  BIGINT: ColumnTypeEnum.Int64,
  REAL: ColumnTypeEnum.Double,
  TEXT: ColumnTypeEnum.Text,
  BOOLEAN: ColumnTypeEnum.Boolean,
  DATETIME: ColumnTypeEnum.DateTime,
  BLOB: ColumnTypeEnum.Bytes,
  DECIMAL: ColumnTypeEnum.Numeric,
  JSONB: ColumnTypeEnum.Json,
  INT: ColumnTypeEnum.Int32,
  FLOAT: ColumnTypeEnum.Float,
  DOUBLE: ColumnTypeEnum.Double,
  NUMERIC: ColumnTypeEnum.Double,
  TIMESTAMP: ColumnTypeEnum.DateTime,
  DATE: ColumnTypeEnum.Date,
  TIME: ColumnTypeEnum.Time,
  VARCHAR: ColumnTypeEnum.Text,
};

/** A column's type as declared, else (an expression) as its first value that is not NULL shows. */
export function columnType(
  { type }: Column,
  index: number,
  rows: readonly (readonly Stored[])[],
): ColumnType {
  const known = type === null ? undefined : declared[type.toUpperCase()];
  if (known !== undefined) return known;
  for (const row of rows) {
    const value = row[index];
    if (value != null) return typeOfValue(value);
  }
  return ColumnTypeEnum.Int32;
}

function typeOfValue(value: NonNullable<Stored>): ColumnType {
  switch (typeof value) {
    case "bigint":
      return ColumnTypeEnum.Int64;
    case "number":
      return ColumnTypeEnum.UnknownNumber;
    case "string":
      return ColumnTypeEnum.Text;
    default:
      return ColumnTypeEnum.Bytes;
  }
}

/** A value in the form Prisma reads: times as ISO 8601, integers as numbers, beyond 2^53 - 1 as digits. */
export function toPrisma(value: Stored, type: ColumnType): unknown {
  if (type === ColumnTypeEnum.DateTime && (typeof value === "bigint" || typeof value === "number")) {
    return new Date(Number(value)).toISOString();
  }
  if (typeof value === "bigint") {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value.toString();
  }
  // SQLite stores a fraction in an INTEGER column if another program put one there.
  if (typeof value === "number" && (type === ColumnTypeEnum.Int32 || type === ColumnTypeEnum.Int64)) {
    return Math.trunc(value);
  }
  return value;
}
