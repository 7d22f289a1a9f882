import { hasEnginePart, list } from "../../../database/dialect.ts";
import { join, sql, type Sql } from "../../../database/sql.ts";
import { QueryTooComplexError } from "../../../errors.ts";

/**
 * A predicate on rows. A row whose column is null does not meet a leaf, and meets its complement: a row
 * without a label is not labelled "x". SQL's own NOT would leave it out of both.
 */
export type Condition =
  | {
      readonly kind: "leaf";
      readonly sql: Sql;
      readonly isComplement: boolean;
      readonly isSelective: boolean;
    }
  | { readonly kind: "all" | "any"; readonly parts: readonly Condition[] };

/** A comparison; it binds tighter than SQL's AND. */
export const leaf = (comparison: Sql): Condition => ({
  kind: "leaf",
  sql: comparison,
  isComplement: false,
  isSelective: false,
});

/** A comparison that finds its rows by itself, few of many. */
export const selective = (comparison: Sql): Condition => ({
  kind: "leaf",
  sql: comparison,
  isComplement: false,
  isSelective: true,
});

/** Whether every row that meets it is one of a few that are found at once. */
export function isSelective(condition: Condition): boolean {
  if (condition.kind === "leaf") return condition.isSelective && !condition.isComplement;
  return condition.kind === "all" && condition.parts.some(isSelective);
}

/** All of them; everything when there is none. */
export const all = (conditions: readonly Condition[]): Condition => group("all", conditions);

/** One of them; nothing when there is none. */
export const any = (conditions: readonly Condition[]): Condition => group("any", conditions);

export const always = all([]);
export const never = any([]);

/** Groups of one kind in each other are one group, and what decides nothing is dropped. */
function group(kind: "all" | "any", conditions: readonly Condition[]): Condition {
  const decisive = kind === "all" ? "any" : "all";
  const parts: Condition[] = [];
  for (const condition of conditions) {
    if (condition.kind === kind) parts.push(...condition.parts);
    // `never` among all, `always` among any: nothing else matters.
    else if (condition.kind === decisive && condition.parts.length === 0) return condition;
    else parts.push(condition);
  }
  const [first] = parts;
  return parts.length === 1 && first != null ? first : { kind, parts };
}

/** The exact complement. */
export function not(condition: Condition): Condition {
  if (condition.kind === "leaf") return { ...condition, isComplement: !condition.isComplement };
  // De Morgan's laws, so that NOT in NOT costs no nesting.
  return group(condition.kind === "all" ? "any" : "all", condition.parts.map(not));
}

/**
 * Deepest nesting that SQLite's parser takes beside the rest of a statement: its stack has 100 places
 * (YYSTACKDEPTH, https://sqlite.org/limits.html), the longest comparison takes about 25 of them, and a table in WITH 5.
 */
const heightMax = 55;

/**
 * Comparisons joined without brackets. SQLite reads a row of n as an expression n deep, and refuses one deeper than
 * 1000 (https://sqlite.org/limits.html): a longer row is written as groups in brackets, and groups of those.
 */
const rowMax = 16;

/**
 * Values in one condition. SQLite compares each constant of a statement with all before it (its factoring of
 * constants), so that preparing takes quadratic time: a tenth of a second for 2,500, six seconds for 11,000.
 */
const valuesMax = 2500;

interface Written {
  readonly sql: Sql;
  /** Places on the parser's stack. */
  readonly height: number;
}

const joined = (parts: readonly Written[], operator: string): Written => ({
  sql: join(
    parts.map((part) => part.sql),
    operator,
  ),
  height: Math.max(...parts.map(({ height }, index) => (index === 0 ? height : height + 2))),
});

const bracketed = ({ sql: text, height }: Written): Written => ({ sql: sql`(${text})`, height: height + 1 });

/** A balanced tree of rows: its depth grows with the logarithm of the number of comparisons. */
function balanced(parts: readonly Written[], operator: string): Written {
  // The deepest comes first: what stands before a bracket waits on the parser's stack until it closes.
  const ordered = [...parts].sort((one, other) => other.height - one.height);
  if (ordered.length <= rowMax) return joined(ordered, operator);
  const groups: Written[] = [];
  for (let from = 0; from < ordered.length; from += rowMax)
    groups.push(bracketed(joined(ordered.slice(from, from + rowMax), operator)));
  return balanced(groups, operator);
}

/** Without those that have come before. */
function distinct(conditions: readonly Condition[]): readonly Condition[] {
  const seen = new Set<string>();
  return conditions.filter((condition) => {
    if (condition.kind !== "leaf") return true;
    const { sql: text, isComplement } = condition;
    const key = JSON.stringify([text.strings, text.values.map(keyOf), isComplement]);
    return !seen.has(key) && seen.add(key).size > 0;
  });
}

const keyOf = (value: unknown): unknown => (typeof value === "bigint" ? `${value}n` : value);

/**
 * PostgreSQL makes a join of each subselect that must hold, and hundreds of joins take its planner minutes
 * (https://www.postgresql.org/docs/current/planner-optimizer.html): of one whose truth is asked for it makes none.
 */
function unjoined(condition: Condition): Written {
  if (condition.kind !== "leaf" || condition.isComplement) return write(condition);
  const { sql: text } = condition;
  const isSubselect = hasEnginePart(text) || text.strings.some((part) => part.includes("SELECT"));
  return isSubselect ? { sql: sql`(${text}) IS TRUE`, height: 0 } : write(condition);
}

function write(condition: Condition): Written {
  if (condition.kind === "leaf")
    return {
      sql: condition.isComplement ? sql`(${condition.sql}) IS NOT TRUE` : condition.sql,
      height: 0,
    };
  const { kind } = condition;
  if (condition.parts.length === 0) return { sql: kind === "all" ? sql`TRUE` : sql`FALSE`, height: 0 };
  const isLong = condition.parts.length > rowMax;
  const members = isLong ? distinct(condition.parts) : condition.parts;
  const [found] = isLong && kind === "all" ? members.filter(isSelective) : [];
  // AND binds tighter than OR: only an OR inside an AND needs brackets.
  const parts = members.map((part) => {
    const written = isLong && kind === "all" && part !== found ? unjoined(part) : write(part);
    return kind === "all" && part.kind === "any" ? bracketed(written) : written;
  });
  return balanced(parts, kind === "all" ? " AND " : " OR ");
}

/**
 * For a WHERE of its own: beside other conditions it needs brackets.
 * @throws {QueryTooComplexError} for more values or levels than the database could read in time; 50 levels never are.
 */
export function whereOf(condition: Condition): Sql {
  const { sql: text, height } = write(condition);
  if (height > heightMax)
    throw new QueryTooComplexError("The filter nests AND, OR and NOT too deep; use fewer levels");
  if (text.values.length > valuesMax)
    throw new QueryTooComplexError(
      `The filter compares with ${text.values.length} values; at most ${valuesMax} are allowed. Use fewer clauses`,
    );
  return text;
}

/** One value however long the list, so that one prepared statement serves every length. An empty list has no type. */
export const oneOf = (column: Sql, values: readonly (string | number)[]): Condition =>
  values.length === 0 ? never : leaf(sql`${column} IN (${list(values)})`);

export const isNull = (column: Sql, yes: boolean): Condition =>
  leaf(yes ? sql`${column} IS NULL` : sql`${column} IS NOT NULL`);

/** A clause for each field of a filter; the compiler refuses a field without one. */
export type Clauses<F> = { readonly [K in keyof F]-?: (value: NonNullable<F[K]>) => Condition };

/** The given fields' clauses, in the filter's own order. */
export function conditionsOf<F extends object>(filter: F, clauses: Clauses<F>): Condition[] {
  const conditions: Condition[] = [];
  for (const field of Object.keys(filter) as (keyof F)[]) {
    const value = filter[field];
    if (value == null) continue;
    // The value belongs to this very field, which TypeScript cannot follow through the index.
    conditions.push(clauses[field](value));
  }
  return conditions;
}
