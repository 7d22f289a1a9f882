import { join, raw, sql, type Sql } from "../../db/sql.ts";

export const always = raw("1");
export const never = raw("0");

/** All of them; everything when there is none. */
export const all = (conditions: readonly Sql[]): Sql =>
  conditions.length === 0 ? always : sql`(${join([...conditions], " AND ")})`;

/** One of them; nothing when there is none. */
export const any = (conditions: readonly Sql[]): Sql =>
  conditions.length === 0 ? never : sql`(${join([...conditions], " OR ")})`;

/**
 * The exact complement. SQL's own NOT leaves a row out of both sides when its column is null; here a
 * row without a label is not labelled "x", so `not` finds it.
 */
export const not = (condition: Sql): Sql => sql`((${condition}) IS NOT TRUE)`;

/** One value however long the list, so that one prepared statement serves every length. */
export const oneOf = (column: Sql, values: readonly (string | number)[]): Sql =>
  sql`${column} IN (SELECT value FROM json_each(${JSON.stringify(values)}))`;

export const isNull = (column: Sql, yes: boolean): Sql =>
  yes ? sql`${column} IS NULL` : sql`${column} IS NOT NULL`;

/** A clause for each field of a filter; the compiler refuses a field without one. */
export type Clauses<F> = { readonly [K in keyof F]-?: (value: NonNullable<F[K]>) => Sql };

/** The given fields' clauses, in the filter's own order. */
export function conditionsOf<F extends object>(filter: F, clauses: Clauses<F>): Sql[] {
  const conditions: Sql[] = [];
  for (const field of Object.keys(filter) as (keyof F)[]) {
    const value = filter[field];
    if (value == null) continue;
    // The value belongs to this very field, which TypeScript cannot follow through the index.
    conditions.push(clauses[field](value));
  }
  return conditions;
}
