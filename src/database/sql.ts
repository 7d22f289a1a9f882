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

/** One SQL statement and its values; `sql` makes them. Only the first statement of the text is run. */
export interface Query {
  readonly sql: string;
  readonly values: readonly unknown[];
}
