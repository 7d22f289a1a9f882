import { ordered, walking } from "../../database/dialect.ts";
import {
  entityColumns,
  entityColumnsOf,
  isColumn,
  type Column,
  type Columns,
} from "../../database/model/rows.ts";
import { identifier, join, sql, type Sql } from "../../database/sql.ts";
import type { Asking, Deps } from "../../deps.ts";
import { all, always, leaf, whereOf, type Condition } from "./filters/conditions.ts";
import { after, partsOf, type Stretch } from "./keyset.ts";
import { indexOf, nameOfOrder, orderClause, reversed, type Order } from "./order.ts";
import { live } from "./source.ts";

type Needs = Pick<Deps, "db"> & Asking;
export type Row = Record<string, unknown>;

/** Entities of the live library in an order. */
export interface Listing {
  readonly order: Order;
  /**
   * The values of `isDeleted`, with which the indexes begin: both are read side by side and merged. Null where the
   * rows come from elsewhere, such as the index of words: the condition has it then, and they are sorted.
   */
  readonly trash: readonly (0 | 1)[] | null;
  readonly condition: Condition;
  /**
   * Whether the order's own index is walked in any case. SQLite has no statistics: for a filter by size it would
   * find and sort half the library, where the first twenty in their order are near.
   */
  readonly isWalked: boolean;
  /** Whether one index has the rows in their order, so that skipping some reads nothing else. */
  readonly isInOrder: boolean;
  /** Whether it has no others in between, so that the event loop may wait for a page. */
  readonly isReady: boolean;
}

/** A piece of a listing. */
export interface Piece extends Stretch {
  /** From the end to the beginning. */
  readonly isReversed?: boolean;
  readonly skip?: number;
  readonly limit: number;
}

/** Entries of an index that the event loop may wait for: a millisecond or so. */
export const walkMax = 20_000;

/** Choices of columns by order: the same choice is the same object, by which its SQL is found again. */
const completed = new WeakMap<ReadonlySet<Column>, Map<string, Sql>>();

/** Columns to read: those that are asked for, and the order's, which say where a row stands. */
export function withOrder(columns: Columns, order: Order): Sql {
  if (columns === "all") return entityColumns;
  const known = completed.get(columns) ?? new Map<string, Sql>();
  completed.set(columns, known);
  const name = nameOfOrder(order);
  let text = known.get(name);
  if (text == null) {
    const own = order.steps.map(({ column }) => column.name).filter(isColumn);
    known.set(name, (text = entityColumnsOf(new Set([...columns, ...own]))));
  }
  return text;
}

const idColumn = sql`e."id"`;

/** What finds the rows of each side of the trash. */
function sourcesOf({ order, trash, condition, isWalked }: Listing, part: Condition) {
  const by = isWalked ? walking(indexOf(order)) : sql``;
  const source = (conditions: readonly Condition[]) => ({
    by,
    where: whereOf(all([...conditions, part, condition])),
  });
  if (trash == null) return [source([])];
  return trash.map((side) =>
    source([leaf(side === 0 ? sql`e."isDeleted" = FALSE` : sql`e."isDeleted" = TRUE`)]),
  );
}

interface Selected {
  readonly listing: Listing;
  /** As it is read. */
  readonly order: Order;
  readonly part: Condition;
  readonly skip: number;
  readonly limit: number;
}

/** One statement for rows in their order, sorted only where no index is. */
function statementOf({ listing, order, part, skip, limit }: Selected, columns: Sql): Sql {
  const slice = sql`LIMIT ${limit} OFFSET ${skip}`;
  const sources = sourcesOf(listing, part);
  const isOneSide = listing.trash != null;
  const column = isOneSide ? order.steps[0].column.name : null;
  const orderBy = orderClause(order, ({ name }) => identifier(name), isOneSide);
  const rows = (selected: Sql) =>
    sql`${ordered({ columns: selected, sources, column, orderBy, most: skip + limit })} ${slice}`;
  if (skip === 0 || sources.length === 1) return rows(columns);
  // A merge reads every column of what is skipped.
  const found = rows(join(order.steps.map(({ column: key }) => sql`e.${identifier(key.name)}`)));
  const sorted = orderClause(order, ({ name }) => sql`e.${identifier(name)}`, isOneSide);
  return sql`
    SELECT ${columns} FROM "Entity" e WHERE ${idColumn} IN (SELECT f."id" FROM (${found}) f) ORDER BY ${sorted}`;
}

const countOf = (listing: Listing, part: Condition): Sql => {
  const counts = sourcesOf(listing, part).map(
    ({ by, where }) => sql`(SELECT COUNT(*) FROM "Entity" e ${by} WHERE ${where})`,
  );
  return sql`SELECT ${join(counts, " + ")} AS "count"`;
};

type Statements = WeakMap<Sql, Map<number, Sql>>;

/** Of each listing that is kept, by columns and limit. */
const firstPages = new WeakMap<Listing, Statements>();

/** For one that is asked for again and again: the statements of its first page are made once, as long as one index has it. */
export function keepStatements(listing: Listing): Listing {
  if (partsIn(listing, listing.order, {}).length === 1) firstPages.set(listing, new WeakMap());
  return listing;
}

function firstPage(statements: Statements, listing: Listing, columns: Sql, limit: number): Sql {
  let byLimit = statements.get(columns);
  if (byLimit == null) statements.set(columns, (byLimit = new Map<number, Sql>()));
  let statement = byLimit.get(limit);
  if (statement == null) {
    const { order } = listing;
    const [part = always] = partsIn(listing, order, {});
    byLimit.set(limit, (statement = statementOf({ listing, order, part, skip: 0, limit }, columns)));
  }
  return statement;
}

/**
 * Rows as SQLite gives them, in the order they are read. Where a commit falls between two statements, the second one
 * sees it, as the next page would.
 * @param columns of `"Entity" e`, those of the order among them.
 */
export async function readPiece(
  needs: Needs,
  listing: Listing,
  { isReversed = false, skip = 0, limit, ...stretch }: Piece,
  columns = entityColumns,
): Promise<Row[]> {
  const cost = listing.isReady && skip <= walkMax ? "point" : "scan";
  const run = <R>(query: Sql) =>
    needs.db.reader.all<R>(query, cost === "point" ? { cost } : { cost, signal: needs.signal });
  const first = skip === 0 && !isReversed && stretch.from == null ? firstPages.get(listing) : undefined;
  if (first != null && stretch.to == null) return run<Row>(firstPage(first, listing, columns, limit));
  const order = isReversed ? reversed(listing.order) : listing.order;
  const rows: Row[] = [];
  let left = skip;
  for (const part of partsIn(listing, order, stretch)) {
    const selected = { listing, order, part, skip: left, limit: limit - rows.length };
    const found = await run<Row>(statementOf(selected, columns));
    rows.push(...found);
    if (rows.length >= limit) break;
    // Rows that this part could not skip, because it has too few, are skipped in the next one.
    if (left > 0 && found.length === 0) {
      const [counted] = await run<{ count: number }>(countOf(listing, part));
      left = Math.max(0, left - (counted?.count ?? 0));
    } else left = 0;
  }
  return rows;
}

function partsIn({ trash }: Listing, order: Order, { from, to }: Stretch): readonly Condition[] {
  if (trash != null) return partsOf(order, live, { from, to });
  return [
    all([
      ...(from == null ? [] : [after(order, live, from)]),
      ...(to == null ? [] : [after(reversed(order), live, to)]),
    ]),
  ];
}
