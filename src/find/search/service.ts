import { text, unindexed } from "../../database/dialect.ts";
import type { Match } from "../../database/model/search-terms.ts";
import type { Hits, TrashScope } from "../../database/text-search.ts";
import { parseId, type EntityId } from "../../database/model/ids.ts";
import { entityWith } from "../../database/model/rows.ts";
import { sql, type Sql } from "../../database/sql.ts";
import type { Asking, Deps } from "../../deps.ts";
import { checkPage, page, type Page } from "../../graphql/pagination.ts";
import { all, always, isSelective, leaf, never, not, whereOf, type Condition } from "./filters/conditions.ts";
import { filterCondition } from "./filters/entity-filter.ts";
import { findSelected } from "./selectivity.ts";
import { listNewestFound } from "./found-page.ts";
import { countHits, hasMoreHits } from "./hits.ts";
import { keepStatements, type Listing, type Row } from "./listing.ts";
import { readNumbered } from "./offset.ts";
import {
  isArrival,
  isIndexed,
  isNewestFirst,
  nameOfOrder,
  orderClause,
  orderColumn,
  orderOf,
  type Order,
} from "./order.ts";
import { sortedMax } from "./sorted-max.ts";
import { columnOf, live, type Source } from "./source.ts";
import { isEverything, matchOf, parseSearch, takeRatings } from "./text.ts";
import { countFiltered, countLibrary, countRows, countTallied, soleParent } from "./totals.ts";
import type { EntityList, EntityQuery, EntityPage } from "./query.ts";

type Needs = Pick<Deps, "db"> & Asking;
export const isBlank = (search: string | null | undefined) => search == null || search.trim() === "";

/** Ratings that the search names are a filter. @throws {BadUserInputError} */
export function withRatings<L extends EntityList>(list: L): L {
  if (isBlank(list.search)) return list;
  const { rest, filters } = takeRatings(list.search ?? "");
  if (filters.length === 0) return list;
  return {
    ...list,
    search: rest,
    filter: { AND: list.filter == null ? filters : [list.filter, ...filters] },
  };
}

/** @param isKnown whether the rows are found without it: then no index of the whole trash scope is walked. */
function trashCondition(source: Source, trash: TrashScope, isKnown: boolean): Condition {
  if (trash === "ANY") return always;
  const column = columnOf(source, "isDeleted");
  return leaf(sql`${isKnown ? unindexed(column) : column} = ${trash === "LIVE" ? sql`FALSE` : sql`TRUE`}`);
}

/** So many children are read from the table sooner than an index of the whole library is walked. */
const fewChildrenMax = 20_000;

const childCountOf = (needs: Needs, parentId: EntityId): Promise<number> =>
  countTallied(needs, "ANY", { field: "parentId", value: String(parentId) });

/**
 * Whether a collection's own index leads to the rows. Left to choose, SQLite takes an index of the whole library that
 * has the filter's column: without statistics a side of the trash looks as selective to it as a parent.
 */
const isAmongFewChildren = async (needs: Needs, { parentId }: EntityList): Promise<boolean> =>
  parentId != null && (await childCountOf(needs, parentId)) <= fewChildrenMax;

const parentCondition = (source: Source, parentId: EntityId | undefined): Condition =>
  parentId == null ? always : leaf(sql`${columnOf(source, "parentId")} = ${parentId}`);

async function searchCondition(
  source: Source,
  search: string | null | undefined,
  signal: AbortSignal | undefined,
): Promise<Condition> {
  const match = matchOf(parseSearch(search ?? ""));
  if (match == null) return never;
  if (isEverything(match)) return always;
  if (match.every.length > 0) return source.found(match, signal);
  // The excluded set is usually smaller than the remaining one.
  return not(await source.found({ every: [], some: match.none, none: [] }, signal));
}

/**
 * The condition on a source's rows that answers the query, without pages and orders.
 * @throws {BadUserInputError} for a filter or search text out of range
 * @throws {QueryTooComplexError}
 */
export async function conditionOf(needs: Needs, source: Source, list: EntityList): Promise<Condition> {
  const { filter, search, trash, parentId } = list;
  const filtered = filter == null ? always : filterCondition(filter, source);
  const isKnown = isSelective(filtered) || (source === live && (await isAmongFewChildren(needs, list)));
  return all([
    trashCondition(source, trash, isKnown),
    source.holds,
    parentCondition(source, parentId),
    filtered,
    await searchCondition(source, search, needs.signal),
  ]);
}

/**
 * One page of a source's rows that match everything that is given, as the engine gives them.
 * @throws {BadUserInputError} for a page, filter, order or search text out of range
 * @throws {QueryTooComplexError}
 */
export async function listRows(needs: Needs, source: Source, asked: EntityQuery): Promise<Page<Row>> {
  const query = withRatings(asked);
  const args = checkPage(query);
  const condition = whereOf(await conditionOf(needs, source, query));
  const order = orderClause(orderOf(query.orderBy), (column) => orderColumn(source, column));
  const select = source.select({ condition, order, columns: query.columns ?? "all", ...args });
  const rows = await needs.db.reader.all<Row>(select, { cost: "scan", signal: needs.signal });
  return page(args, rows, () => countRows(needs, source, condition));
}

/** So few are sorted before a thread has begun. */
const readyMax = 500;

/** A filter for nothing but one collection's direct children is that collection's list of children. */
function asChildren(list: EntityList): EntityList {
  if (list.parentId != null || list.filter == null || !isBlank(list.search)) return list;
  const parent = soleParent(list.filter);
  const parentId = parent == null ? null : parseId(parent);
  return parentId == null ? list : { ...list, filter: null, parentId };
}

export const hitsOf = (match: Match, { filter, trash }: Pick<EntityList, "filter" | "trash">): Hits => ({
  match,
  trash,
  filter: filter == null ? null : whereOf(filterCondition(filter, live)),
});

/** Conditions on rows of the live library, except the side of the trash and the collection. */
interface Content {
  readonly condition: Condition;
  /** Whether the rows are few, and found by themselves. */
  readonly isFew: boolean;
  /** The question to the full-text index; null without search words. */
  readonly hits: Hits | null;
}

/**
 * A filter's own condition; where it leads to few rows, with their ids, by which they are found.
 * @param isLeading false where it is known to find many, or something else leads to the rows.
 */
async function filtering(needs: Needs, list: EntityList, isLeading: boolean): Promise<Omit<Content, "hits">> {
  const { filter, trash, parentId } = list;
  const condition = filter == null ? always : filterCondition(filter, live);
  if (filter == null || !isLeading) return { condition, isFew: false };
  if (isSelective(condition)) return { condition, isFew: true };
  if ((await countLibrary(needs, trash)) <= sortedMax) return { condition, isFew: false };
  const isKnown = await isAmongFewChildren(needs, list);
  const place = [trashCondition(live, trash, isKnown), parentCondition(live, parentId)];
  const few = await findSelected(needs, whereOf(all([...place, condition])));
  if (few == null) return { condition, isFew: false };
  return { condition: all([leaf(sql`e."id" IN (${few})`), condition]), isFew: true };
}

/** @param total how many a filter finds, where that is known. */
async function contentOf(needs: Needs, list: EntityList, total: LiveList["total"]): Promise<Content> {
  const match = matchOf(parseSearch(list.search ?? ""));
  if (match == null) return { condition: never, isFew: true, hits: null };
  if (isEverything(match)) {
    const isLeading = list.filter != null && (total == null || (await total()) <= sortedMax);
    return { ...(await filtering(needs, list, isLeading)), hits: null };
  }
  const hits = hitsOf(match, list);
  const areFew = !(await hasMoreHits(needs, hits, sortedMax));
  const { condition, isFew } = await filtering(needs, list, !areFew);
  // By way of the ids all hits would be read and sorted.
  const id = areFew ? sql`e."id"` : unindexed(sql`e."id"`);
  return {
    condition: all([leaf(sql`${id} IN (${text.hitIds(hits)})`), condition]),
    isFew: areFew || isFew,
    hits,
  };
}

/** A list of the live library, and how many entities it has. */
export interface LiveList {
  readonly listing: Listing;
  readonly name: string;
  readonly total: (() => Promise<number>) | null;
  readonly count: () => Promise<number> | number;
}

/** How many there are, where it is known without walking them. */
async function knownTotal(
  needs: Needs,
  { filter, search, trash, parentId }: EntityList,
): Promise<(() => Promise<number>) | null> {
  if (!isBlank(search)) return null;
  if (parentId != null)
    return filter == null
      ? () => countTallied(needs, trash, { field: "parentId", value: String(parentId) })
      : null;
  if (filter == null || Object.values(filter).every((value) => value == null))
    return () => countLibrary(needs, trash);
  return (await countFiltered(needs, trash, filter)) == null
    ? null
    : async () => (await countFiltered(needs, trash, filter)) ?? 0;
}

/** Without a filter, words or a collection. */
const isPlain = ({ filter, search, parentId }: EntityList): boolean =>
  filter == null && parentId == null && isBlank(search);

/** By side of the trash and order: no request changes how the library itself is listed. */
const plainListings = new Map<string, Listing>();

function plainListing(order: Order, trash: TrashScope): Listing {
  const isReady = isIndexed(order);
  const name = `${trash} ${nameOfOrder(order)}`;
  const known = plainListings.get(name);
  if (known != null) return known;
  const listing: Listing = {
    ...{ order, trash: sides[trash], condition: always },
    ...{ isInOrder: isReady, isReady, isWalked: false },
  };
  // There are few of these.
  if (isReady) plainListings.set(name, keepStatements(listing));
  return listing;
}

const plainList = (needs: Needs, order: Order, { trash }: EntityList): LiveList => ({
  listing: plainListing(order, trash),
  name: `${trash} ${nameOfOrder(order)}`,
  total: () => countLibrary(needs, trash),
  count: () => countLibrary(needs, trash),
});

const sides = { LIVE: [0], TRASHED: [1], ANY: [0, 1] } as const;

/** Few rows: they are found without an order, and sorted. */
const sorted = (order: Order, condition: Condition, isReady: boolean): Listing => ({
  ...{ order, condition, isReady, trash: null, isInOrder: false, isWalked: false },
});

/** Children in an order that the collection's own index has not. */
async function childrenListing(
  needs: Needs,
  list: EntityList,
  order: Order,
  { condition }: Content,
): Promise<Listing | undefined> {
  const { parentId, trash } = list;
  if (parentId == null || isArrival(order)) return undefined;
  const childCount = await childCountOf(needs, parentId);
  if (childCount <= sortedMax) {
    const own = [parentCondition(live, parentId), trashCondition(live, trash, true), condition];
    return sorted(order, all(own), childCount <= readyMax);
  }
  // The order's index has the parent too, so that no row of another one is looked at.
  const parent = leaf(sql`${unindexed(columnOf(live, "parentId"))} = ${parentId}`);
  const isInOrder = list.filter == null && isIndexed(order);
  return {
    ...{ order, trash: sides[trash], condition: all([parent, condition]) },
    ...{ isInOrder, isReady: false, isWalked: true },
  };
}

async function listingOf(needs: Needs, list: EntityList, order: Order, content: Content): Promise<Listing> {
  const { filter, trash, parentId } = list;
  const children = await childrenListing(needs, list, order, content);
  if (children != null) return children;
  const condition = all([parentCondition(live, parentId), content.condition]);
  if (content.isFew) return sorted(order, all([trashCondition(live, trash, true), condition]), false);
  const isWhole = filter == null && content.hits == null;
  const isReady = isWhole && (parentId == null ? isIndexed(order) : isArrival(order));
  // Children and types have indexes of their own that are in the order of arrival.
  const isWalked = !isWhole && !(isArrival(order) && (parentId != null || filter?.type != null));
  return { order, trash: sides[trash], condition, isInOrder: isReady, isReady, isWalked };
}

function countOf(needs: Needs, { hits }: Content, where: Sql): Promise<number> {
  return hits == null ? countRows(needs, live, where) : countHits(needs, hits);
}

/**
 * @throws {BadUserInputError} for a filter, order or search text out of range
 * @throws {QueryTooComplexError}
 */
export async function liveList(needs: Needs, query: EntityList): Promise<LiveList> {
  const list = asChildren(withRatings(query));
  const order = orderOf(list.orderBy);
  if (isPlain(list)) return plainList(needs, order, list);
  const total = await knownTotal(needs, list);
  const content = await contentOf(needs, list, total);
  const where = whereOf(
    all([
      trashCondition(live, list.trash, content.isFew || (await isAmongFewChildren(needs, list))),
      parentCondition(live, list.parentId),
      content.condition,
    ]),
  );
  return {
    listing: await listingOf(needs, list, order, content),
    name: JSON.stringify([nameOfOrder(order), list.filter, list.search, list.trash, list.parentId]),
    total,
    count: total ?? (() => countOf(needs, content, where)),
  };
}

/**
 * One page of the entities that match everything that is given.
 * @throws {BadUserInputError} for a page, filter, order or search text out of range
 * @throws {QueryTooComplexError}
 */
export async function listEntities(needs: Needs, asked: EntityQuery): Promise<EntityPage> {
  const query = withRatings(asked);
  const args = checkPage(query);
  if (!isBlank(query.search)) {
    const match = matchOf(parseSearch(query.search ?? ""));
    if (match != null && !isEverything(match) && isNewestFirst(orderOf(query.orderBy)))
      return { ...(await listNewestFound(needs, hitsOf(match, query), query)), query };
  }
  const { columns = "all", isTotalAsked } = query;
  const hasTotal = isPlain(query);
  const list = hasTotal ? plainList(needs, orderOf(query.orderBy), query) : await liveList(needs, query);
  const rows = await readNumbered(needs, { ...list, columns }, args);
  const total = hasTotal && isTotalAsked === true ? await list.count() : null;
  return { ...page(args, rows.map(entityWith(columns)), total == null ? list.count : () => total), query };
}
