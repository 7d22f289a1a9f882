import type { Entity } from "../db/generated/client.ts";
import { entityOf } from "../db/rows.ts";
import { sql } from "../db/sql.ts";
import type { Asking, Deps } from "../deps.ts";
import { checkPage, page, type Page, type PageArgs } from "../graphql/pagination.ts";
import { all, always, leaf, never, whereOf, type Condition } from "./filters/conditions.ts";
import { filterCondition } from "./filters/entity-filter.ts";
import type { EntityFilter } from "./filters/filter.ts";
import { orderClause, type EntityOrderBy } from "./order.ts";
import { columnOf, live, matchCondition, type Source } from "./source.ts";
import { matchOf, parseSearch } from "./text.ts";
import { countLibrary, countRows } from "./totals.ts";

type Needs = Pick<Deps, "db"> & Asking;
type Row = Record<string, unknown>;

export type TrashScope = "LIVE" | "TRASHED" | "ANY";

export interface EntityQuery extends PageArgs {
  readonly filter?: EntityFilter | null | undefined;
  readonly search?: string | null | undefined;
  readonly orderBy?: readonly EntityOrderBy[] | null | undefined;
  readonly trash: TrashScope;
  /** Only direct children of this collection. */
  readonly parentId?: number;
}

/** Whether it asks for one side of the trash, or both, and nothing else. */
const isUnfiltered = ({ filter, search, parentId }: EntityQuery): boolean =>
  filter == null && parentId == null && isBlank(search);

/** Whether an index has the rows in their order, so that the event loop may wait for them. */
const isQuick = (source: Source, { filter, search }: EntityQuery): boolean =>
  source === live && filter == null && isBlank(search);

const isBlank = (search: string | null | undefined) => search == null || search.trim() === "";

function trashCondition(source: Source, trash: TrashScope): Condition {
  if (trash === "ANY") return always;
  return leaf(sql`${columnOf(source, "isDeleted")} = ${trash === "LIVE" ? sql`0` : sql`1`}`);
}

function searchCondition(source: Source, search: string): Condition {
  const match = matchOf(parseSearch(search));
  return match.isImpossible ? never : matchCondition(source, match);
}

function conditionOf(source: Source, { filter, search, trash, parentId }: EntityQuery): Condition {
  const conditions = [trashCondition(source, trash), source.holds];
  if (parentId != null) conditions.push(leaf(sql`${columnOf(source, "parentId")} = ${parentId}`));
  if (filter != null) conditions.push(filterCondition(filter, source));
  if (search != null && !isBlank(search)) conditions.push(searchCondition(source, search));
  return all(conditions);
}

/**
 * One page of a source's rows that match everything that is given, as SQLite gives them.
 * @throws {BadUserInputError} for a page, filter, order or search text out of range
 * @throws {QueryTooComplexError}
 */
export async function listRows(needs: Needs, source: Source, query: EntityQuery): Promise<Page<Row>> {
  const args = checkPage(query);
  const condition = whereOf(conditionOf(source, query));
  const order = orderClause(query.orderBy, source);
  const select = source.select({ condition, order, ...args });
  const { reader, background } = needs.db;
  const rows = isQuick(source, query)
    ? reader.all<Row>(select)
    : await background.all<Row>(select, needs.signal);
  return page(args, rows, () => countRows(needs, source, condition));
}

/**
 * One page of the entities that match everything that is given.
 * @throws {BadUserInputError} for a page, filter, order or search text out of range
 * @throws {QueryTooComplexError}
 */
export async function listEntities(needs: Needs, query: EntityQuery): Promise<Page<Entity>> {
  const { items, count, ...args } = await listRows(needs, live, query);
  return page(
    args,
    items.map(entityOf),
    isUnfiltered(query) ? () => countLibrary(needs, query.trash) : count,
  );
}
