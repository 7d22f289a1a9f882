import type { ArgType, SqlQuery } from "@prisma/driver-adapter-utils";
import type { Query } from "../sql.ts";

/** A statement of Prisma's with its values as they are stored: times as UTC milliseconds, bytes decoded. */
export function toQuery({ sql, args, argTypes }: SqlQuery): Query {
  return { sql, values: args.map((arg, index) => toValue(arg, argTypes[index])) };
}

/** Prisma hands most types over as text and says beside it what they are. */
function toValue(arg: unknown, type: ArgType | undefined): unknown {
  if (typeof arg !== "string") return arg;
  switch (type?.scalarType) {
    case "int":
    case "bigint":
      return BigInt(arg);
    case "float":
    case "decimal":
      return Number.parseFloat(arg);
    case "datetime":
      return new Date(arg);
    case "bytes":
      return Buffer.from(arg, "base64");
    default:
      return arg;
  }
}
