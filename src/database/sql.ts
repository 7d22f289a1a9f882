import type { Dialect } from "./dialect.ts";
import { Prisma } from "./generated/client.ts";

/**
 * SQL text and its values, built with a template: values never become part of the text.
 * `sql`, `join` and `raw` nest; `identifier` quotes a column or table name.
 */
export const { sql, join, raw, empty } = Prisma;
export type Sql = Prisma.Sql;

const quoted = new Map<string, Sql>();

/** For names from our own code only: it quotes, it does not escape. */
export function identifier(name: string): Sql {
  let text = quoted.get(name);
  if (text == null) quoted.set(name, (text = raw(`"${name}"`)));
  return text;
}

/** A part of a statement that each engine writes in its own way; it stands among the values until then. */
class EnginePart {
  readonly write: (dialect: Dialect) => Sql;

  constructor(write: (dialect: Dialect) => Sql) {
    this.write = write;
  }
}

/** A part of a statement that is written when the engine is known: see `dialect.ts`, whose functions make them. */
export const enginePart = (write: (dialect: Dialect) => Sql): Sql => sql`${new EnginePart(write)}`;

/** One SQL statement and its values; `sql` makes them. Only the first statement of the text is run. */
export interface Query {
  readonly sql: string;
  readonly values: readonly unknown[];
}

const isEnginePart = (value: unknown) => value instanceof EnginePart;

const expand = (query: Sql, dialect: Dialect): Sql =>
  query.values.some(isEnginePart)
    ? new Prisma.Sql(
        query.strings,
        query.values.map((value) =>
          value instanceof EnginePart ? expand(value.write(dialect), dialect) : value,
        ),
      )
    : query;

/** The statement as one engine takes it. Every engine calls this before it runs or compares a query. */
export function writeFor(dialect: Dialect, query: Query): Query {
  if (!(query instanceof Prisma.Sql)) return query;
  const { sql: text, values } = expand(query, dialect);
  return { sql: text, values };
}
