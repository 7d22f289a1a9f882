import { join, sql, type Sql } from "../../database/sql.ts";
import { BadUserInputError } from "../../errors.ts";
import { columnOf, type Source } from "./source.ts";

export type SortOrder = "ASC" | "DESC";

/** The keys by which entities can be ordered; a client gives exactly one key in each step. */
export interface EntityOrderBy {
  id?: SortOrder | null | undefined;
  label?: SortOrder | null | undefined;
  addedAt?: SortOrder | null | undefined;
  updatedAt?: SortOrder | null | undefined;
  capturedAt?: SortOrder | null | undefined;
  deletedAt?: SortOrder | null | undefined;
  fileSize?: SortOrder | null | undefined;
  width?: SortOrder | null | undefined;
  height?: SortOrder | null | undefined;
  type?: SortOrder | null | undefined;
  duration?: SortOrder | null | undefined;
  originalName?: SortOrder | null | undefined;
  rating?: SortOrder | null | undefined;
}

export interface OrderColumn {
  readonly name: string;
  readonly isNullable: boolean;
  /** The type of its values, nulls aside. */
  readonly holds: "integer" | "number" | "text" | "time";
}

/** Strings are ordered without case and accents, as in an index of names. */
const columns: { readonly [K in keyof EntityOrderBy]-?: OrderColumn } = {
  id: { name: "id", isNullable: false, holds: "integer" },
  label: { name: "labelFolded", isNullable: true, holds: "text" },
  addedAt: { name: "addedAt", isNullable: false, holds: "time" },
  updatedAt: { name: "updatedAt", isNullable: false, holds: "time" },
  capturedAt: { name: "capturedAt", isNullable: true, holds: "time" },
  deletedAt: { name: "deletedAt", isNullable: true, holds: "time" },
  width: { name: "width", isNullable: true, holds: "integer" },
  height: { name: "height", isNullable: true, holds: "integer" },
  type: { name: "type", isNullable: true, holds: "text" },
  fileSize: { name: "fileSize", isNullable: true, holds: "integer" },
  duration: { name: "duration", isNullable: true, holds: "number" },
  originalName: { name: "originalNameFolded", isNullable: true, holds: "text" },
  rating: { name: "rating", isNullable: true, holds: "integer" },
};

export interface Step {
  readonly column: OrderColumn;
  readonly direction: SortOrder;
}

/** A total order of entities: no two are equal. */
export interface Order {
  /** Each column once, the id last. */
  readonly steps: readonly [Step, ...Step[]];
  /** Read from its end: nulls come first then. */
  readonly isReversed: boolean;
}

/** Newest first. */
const usual: Order = {
  steps: [
    { column: columns.addedAt, direction: "DESC" },
    { column: columns.id, direction: "DESC" },
  ],
  isReversed: false,
};

function stepOf(orderBy: EntityOrderBy, index: number): Step {
  const given = Object.entries(orderBy).filter(([, direction]) => direction != null);
  const [key, direction] = given[0] ?? [];
  if (given.length !== 1 || key == null || direction == null)
    throw new BadUserInputError(
      `orderBy.${index}`,
      `expected exactly one key, got ${given.length}; write one object for each key`,
    );
  // The input type has these keys and values only.
  return { column: columns[key as keyof EntityOrderBy], direction: direction as SortOrder };
}

/**
 * Nulls last, ties broken by id in the direction of the last step, newest first when nothing is asked for.
 * @throws {BadUserInputError} unless each step has exactly one key.
 */
export function orderOf(orderBy: readonly EntityOrderBy[] | null | undefined): Order {
  const given = orderBy ?? [];
  return given.length === 0 ? usual : completed(given);
}

function completed(given: readonly EntityOrderBy[]): Order {
  if (given.length > Object.keys(columns).length)
    throw new BadUserInputError(
      "orderBy",
      `expected at most ${Object.keys(columns).length} steps, got ${given.length}`,
    );
  const asked = given.map(stepOf);
  const steps: Step[] = [];
  for (const step of [...asked, { column: columns.id, direction: asked.at(-1)?.direction ?? "DESC" }]) {
    // A step by id decides what is left, and one by a column that has decided already decides nothing.
    if (steps.some(({ column }) => column === columns.id || column === step.column)) continue;
    // Ids and times of arrival only grow, together; the indexes begin with the latter.
    if (step.column === columns.id && steps.length === 0)
      steps.push({ column: columns.addedAt, direction: step.direction });
    steps.push(step);
  }
  // There is at least the one by id.
  return { steps: steps as [Step, ...Step[]], isReversed: false };
}

const opposite: Readonly<Record<SortOrder, SortOrder>> = { ASC: "DESC", DESC: "ASC" };

/** The same order from its other end. */
export const reversed = ({ steps: [first, ...rest], isReversed }: Order): Order => ({
  steps: [flip(first), ...rest.map(flip)],
  isReversed: !isReversed,
});

const flip = ({ column, direction }: Step): Step => ({ column, direction: opposite[direction] });

/** As it stands in cursors, and in the keys of what is remembered. */
export const nameOfOrder = ({ steps }: Order): string =>
  steps.map(({ column, direction }) => `${column.name} ${direction}`).join();

/** Whether an index that begins with its first column has all of it, so that nothing is sorted. */
export const isIndexed = ({ steps }: Order): boolean =>
  steps.length === 2 && steps[0].direction === steps[1]?.direction;

/** The index that begins with its first column. */
export const indexOf = ({ steps: [{ column }] }: Order): string =>
  `Entity_isDeleted_${column.name}_id_parentId_idx`;

/** Whether it is the order of arrival, upwards or downwards. */
export const isArrival = (order: Order): boolean =>
  isIndexed(order) && order.steps[0].column === columns.addedAt;

/** The newest arrivals first, in which order ids fall. */
export const isNewestFirst = (order: Order): boolean =>
  isArrival(order) && order.steps[0].direction === "DESC";

/** A column of the order in a source, which may have its own name for the id. */
export const orderColumn = (source: Pick<Source, "alias" | "id">, column: OrderColumn): Sql =>
  columnOf(source, column === columns.id ? source.id : column.name);

/**
 * An ORDER BY list.
 * @param nameOf the column as the statement calls it.
 * @param isOneSide whether the rows have values in the first column, or nulls, not both: without a place for nulls an
 *   index is read in either direction.
 */
export function orderClause(
  { steps, isReversed }: Order,
  nameOf: (column: OrderColumn) => Sql,
  isOneSide = false,
): Sql {
  return join(
    steps.map(({ column, direction }, index) => {
      const name = nameOf(column);
      const sorted = direction === "DESC" ? sql`${name} DESC` : sql`${name} ASC`;
      if (!column.isNullable || (isOneSide && index === 0)) return sorted;
      return isReversed ? sql`${sorted} NULLS FIRST` : sql`${sorted} NULLS LAST`;
    }),
  );
}
