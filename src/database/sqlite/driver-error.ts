import { DriverAdapterError, type MappedError } from "@prisma/driver-adapter-utils";
import Libsql from "libsql";
import { resultCode } from "./result-code.ts";

/** Converts SQLite's errors to the form from which Prisma makes its own (P2002 and so on); others stay as they are. */
export function toDriverError(error: unknown): unknown {
  if (!(error instanceof Libsql.SqliteError)) return error;
  const { code, message } = error;
  return driverError(
    { originalCode: code, originalMessage: message, ...kindOf(error.rawCode ?? 1, message) },
    message,
  );
}

/** Prisma passes a failed COMMIT's error on as it is, so its message must say more than its kind. */
export function driverError(cause: DriverAdapterError["cause"], message: string): DriverAdapterError {
  const error = new DriverAdapterError(cause);
  error.message = message;
  return error;
}

function kindOf(code: number, message: string): MappedError {
  switch (code) {
    case resultCode.unique:
    case resultCode.primaryKey:
    case resultCode.rowId:
      return { kind: "UniqueConstraintViolation", ...failedColumns(message) };
    case resultCode.notNull:
      return { kind: "NullConstraintViolation", ...failedColumns(message) };
    case resultCode.foreignKey:
      return { kind: "ForeignKeyConstraintViolation", constraint: { foreignKey: {} } };
    case resultCode.trigger:
      // ON DELETE RESTRICT reports itself as a trigger too. A real trigger's RAISE has a sentence to say why,
      // which Prisma would replace by "Foreign key constraint violated".
      if (message === "FOREIGN KEY constraint failed") {
        return { kind: "ForeignKeyConstraintViolation", constraint: { foreignKey: {} } };
      }
      break;
    default:
  }
  if ((code & 0xff) === resultCode.busy) return { kind: "SocketTimeout" };
  const table = /^no such table: (.*)/.exec(message)?.[1];
  if (table !== undefined) return { kind: "TableDoesNotExist", table };
  const column = /^no such column: (.*)|has no column named (.*)/.exec(message);
  if (column) return { kind: "ColumnNotFound", column: column[1] ?? column[2] ?? "" };
  return { kind: "sqlite", extendedCode: code, message };
}

/** Reads `UNIQUE constraint failed: t.a, t.b` and `UNIQUE constraint failed: index 'name'`. */
function failedColumns(message: string): {
  constraint?: { fields: string[] } | { index: string };
  table?: string;
} {
  const list = message.split("constraint failed: ")[1];
  if (list === undefined) return {};
  const index = /^index '(.*)'$/.exec(list)?.[1];
  if (index !== undefined) return { constraint: { index } };
  const columns = list.split(", ").map((path) => path.split("."));
  const table = columns[0]?.[0];
  return {
    constraint: { fields: columns.map((path) => path.at(-1) ?? "") },
    ...(table === undefined ? {} : { table }),
  };
}
