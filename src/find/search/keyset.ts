import { unindexed } from "../../database/dialect.ts";
import { sql, type Sql } from "../../database/sql.ts";
import { all, always, any, isNull, leaf, never, type Condition } from "./filters/conditions.ts";
import { orderColumn, reversed, type Order, type OrderColumn, type Step } from "./order.ts";
import type { Source } from "./source.ts";

/** The values of an order's columns in one row, the id last. The row itself need not exist. */
export type Key = readonly (string | number | null)[];

/** One end of a stretch of an order. */
export interface Bound {
  readonly key: Key;
  /** Whether a row at this very place belongs to the stretch. */
  readonly isInside: boolean;
}

/** Between two places; without a bound from or to the end of the order. */
export interface Stretch {
  readonly from?: Bound | undefined;
  readonly to?: Bound | undefined;
}

type Named = Pick<Source, "alias" | "id">;

/** @param row as SQLite gives it, with the order's columns. */
export const keyOf = ({ steps }: Order, row: Readonly<Record<string, unknown>>): Key =>
  // These columns hold only integers, reals, strings and nulls.
  steps.map(({ column }) => row[column.name] as string | number | null);

/** Times stand in keys as UTC milliseconds. */
const stored = ({ holds }: OrderColumn, value: NonNullable<Key[number]>) =>
  holds === "time" ? new Date(value) : value;

const same = (column: Sql, { column: kind }: Step, value: Key[number]): Condition =>
  value == null ? isNull(column, true) : leaf(sql`${column} = ${stored(kind, value)}`);

/** Beyond a value, or also at it. */
function past(column: Sql, step: Step, value: NonNullable<Key[number]>, isInside = false): Condition {
  const place = stored(step.column, value);
  if (step.direction === "ASC")
    return leaf(isInside ? sql`${column} >= ${place}` : sql`${column} > ${place}`);
  return leaf(isInside ? sql`${column} <= ${place}` : sql`${column} < ${place}`);
}

/** The rows after a value, with nulls last or first as the step says. */
function beyond(column: Sql, step: Step, value: Key[number], isReversed: boolean): Condition {
  if (value == null) return isReversed ? isNull(column, false) : never;
  const further = past(column, step, value);
  return step.column.isNullable && !isReversed ? any([further, isNull(column, true)]) : further;
}

/** After a place, column by column: `a > 1 OR a = 1 AND b > 2`. No index is to be chosen by it. */
export function after(
  { steps, isReversed }: Pick<Order, "isReversed"> & { readonly steps: readonly Step[] },
  source: Named,
  { key, isInside }: Bound,
): Condition {
  const column = (step: Step) => unindexed(orderColumn(source, step.column));
  const equal = steps.map((step, index) => same(column(step), step, key[index] ?? null));
  const cases = steps.map((step, index) =>
    all([...equal.slice(0, index), beyond(column(step), step, key[index] ?? null, isReversed)]),
  );
  return any(isInside ? [...cases, all(equal)] : cases);
}

type Side = "values" | "nulls";

/** The first column's values and its nulls, as they are read. */
function sidesOf({ steps: [first], isReversed }: Order): readonly Side[] {
  if (!first.column.isNullable) return ["values"];
  return isReversed ? ["nulls", "values"] : ["values", "nulls"];
}

const sideOf = ({ key: [value] }: Bound): Side => (value == null ? "nulls" : "values");

function onSide({ steps: [{ column }] }: Order, source: Named, side: Side): Condition {
  return column.isNullable ? isNull(orderColumn(source, column), side === "nulls") : always;
}

/** After a bound, among rows that have its first value. */
function amongEqual({ steps: [, ...rest], isReversed }: Order, source: Named, bound: Bound): Condition {
  const [first, ...more] = rest;
  const [, value = null] = bound.key;
  return first != null && value != null && more.length === 0
    ? past(orderColumn(source, first.column), first, value, bound.isInside)
    : after({ steps: rest, isReversed }, source, { ...bound, key: bound.key.slice(1) });
}

/**
 * Rows after a bound, on its side. Not `(a, id) > (?, ?)`: SQLite does not see that an index has the id of a table whose
 * id is the rowid, and would read every row that ties.
 */
function following(order: Order, source: Named, bound: Bound): readonly Condition[] {
  const [first] = order.steps;
  const column = orderColumn(source, first.column);
  const [value = null] = bound.key;
  const equal = all([same(column, first, value), amongEqual(order, source, bound)]);
  return value == null ? [equal] : [equal, past(column, first, value)];
}

/** Rows before a bound, on its side; where the first column's own limit lets an index end. */
function until(order: Order, source: Named, bound: Bound): Condition {
  const back = reversed(order);
  const [first] = back.steps;
  const [value = null] = bound.key;
  const limit = value == null ? always : past(orderColumn(source, first.column), first, value, true);
  return all([limit, after(back, source, bound)]);
}

/**
 * A stretch of an order as conditions to be read one after the other, each of them a range of an index that begins
 * with the first column: its values, or its nulls.
 */
export function partsOf(order: Order, source: Named, { from, to }: Stretch): readonly Condition[] {
  const sides = sidesOf(order);
  const first = from == null ? 0 : sides.indexOf(sideOf(from));
  const last = to == null ? sides.length - 1 : sides.indexOf(sideOf(to));
  return sides.slice(first, last + 1).flatMap((side, index) => {
    const starts =
      from != null && index === 0 ? following(order, source, from) : [onSide(order, source, side)];
    if (to == null || first + index !== last) return starts;
    return starts.map((start) => all([start, until(order, source, to)]));
  });
}
