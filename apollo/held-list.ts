import type { Reference, StoreObject } from "@apollo/client/cache";

/** An entity or version as a reference; what has no id of its own, such as a search's hit, as it is. */
export type Item = Reference | StoreObject;

/** One page as the API answers and the cache writes it. */
export interface Page {
  readonly __typename?: string;
  readonly items?: readonly Item[];
  readonly pagination?: Readonly<Record<string, unknown>>;
}

/** Every page fetched of one list, in one: item n of the list is `items[n]`, nothing where it was not fetched. */
export interface HeldList {
  /** The identity of the list: filter, order and so on, without offset and limit. */
  readonly args: Readonly<Record<string, unknown>>;
  readonly typename: string | undefined;
  /** Null while only totals were selected. After `JSON.parse` items that were not fetched are null. */
  readonly items: readonly (Item | null | undefined)[] | null;
  /** The list's length; null while no page has included it. */
  readonly total: number | null;
  /** The list is no longer than this: where an empty page began; null while none has been seen. */
  readonly totalMax: number | null;
  /** The pagination of each page, by offset and limit. */
  readonly told: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Other selected fields of the page, such as facets, under the cache's names. */
  readonly extras: Readonly<Record<string, unknown>>;
}

export interface Place {
  readonly offset: number;
  readonly limit: number;
}

/** The API's own defaults. */
const offsetDefault = 0;
const limitDefault = 20;

export function placeOf({ offset, limit }: Readonly<Record<string, unknown>>): Place {
  return {
    offset: typeof offset === "number" ? offset : offsetDefault,
    limit: typeof limit === "number" ? limit : limitDefault,
  };
}

const keyOf = ({ offset, limit }: Place) => `${offset}:${limit}`;

/** The list with one more page. What it contradicts of the other pages is dropped with them: the list has moved. */
export function mergePage(
  held: HeldList | undefined,
  { __typename, items: page, pagination, ...extras }: Page,
  place: Place,
  args: HeldList["args"],
): HeldList {
  const total = totalOf(page, pagination, place);
  const base = held == null || hasMoved(held, total, page, place.offset) ? undefined : held;
  return {
    args,
    typename: __typename ?? base?.typename,
    items: page == null ? (base?.items ?? null) : putAt(base?.items ?? [], page, place.offset),
    total: total ?? base?.total ?? null,
    totalMax: page?.length === 0 ? place.offset : (base?.totalMax ?? null),
    told: { ...base?.told, [keyOf(place)]: { ...base?.told[keyOf(place)], ...pagination } },
    extras: { ...base?.extras, ...extras },
  };
}

function putAt(items: NonNullable<HeldList["items"]>, page: readonly Item[], offset: number) {
  const next = [...items];
  page.forEach((item, index) => (next[offset + index] = item));
  return next;
}

/** A page that is not full ends the list, unless it begins behind the end. */
function totalOf(page: Page["items"], pagination: Page["pagination"], { offset, limit }: Place) {
  const total = pagination?.["totalItems"];
  if (typeof total === "number") return total;
  if (page == null || page.length >= limit) return null;
  return page.length > 0 || offset === 0 ? offset + page.length : null;
}

const refOf = (item: Item | null | undefined): string | undefined =>
  // Any field of that name is a reference: the API has no such field.
  (item as Partial<Reference> | null | undefined)?.__ref;

/** Another length, another item in the same place, or the same one in another place. */
function hasMoved(held: HeldList, total: number | null, page: Page["items"], offset: number): boolean {
  if (held.total != null && total != null && held.total !== total) return true;
  const items = held.items;
  if (page == null || items == null) return false;
  const places = new Map(page.map((item, index) => [refOf(item), offset + index]));
  return items.some((item, index) => {
    const ref = refOf(item);
    if (ref == null) return false;
    const place = places.get(ref);
    return place == null ? index >= offset && index < offset + page.length : place !== index;
  });
}

/** A page of the list; undefined when a part of it was never fetched, or is gone. */
export function readPage(
  { typename, items, total, totalMax, told, extras }: HeldList,
  place: Place,
  isThere: (item: Item) => boolean,
): Page | undefined {
  const counted = total == null ? told[keyOf(place)] : { ...told[keyOf(place)], ...count(total, place) };
  const facts = {
    ...extras,
    ...(typename == null ? {} : { __typename: typename }),
    ...(counted == null ? {} : { pagination: counted }),
  };
  if (items == null) return facts;
  const page: Item[] = [];
  for (let n = place.offset; n < Math.min(place.offset + place.limit, total ?? totalMax ?? Infinity); n++) {
    const item = items[n];
    if (item == null || !isThere(item)) return undefined;
    page.push(item);
  }
  return { ...facts, items: page };
}

function count(total: number, { offset, limit }: Place): Record<string, unknown> {
  return {
    __typename: "PaginationMetadata",
    offset,
    limit,
    page: Math.floor(offset / limit) + 1,
    pageSize: limit,
    totalItems: total,
    totalPages: Math.ceil(total / limit),
    hasNext: offset + limit < total,
    hasPrev: offset > 0,
  };
}

export const indexIn = ({ items }: HeldList, ref: string): number =>
  items?.findIndex((item) => refOf(item) === ref) ?? -1;

/** Whether every item of it is held. */
export const isWhole = ({ items, total }: HeldList): boolean =>
  items != null &&
  total != null &&
  items.length >= total &&
  items.slice(0, total).every((item) => item != null);

/** Facets and what pages said of themselves are true no more. */
const changed = (held: HeldList, items: HeldList["items"], more: number): HeldList => ({
  ...held,
  items,
  total: held.total == null ? null : held.total + more,
  totalMax: null,
  told: {},
  extras: {},
});

export const without = (held: HeldList, index: number): HeldList =>
  changed(held, held.items?.toSpliced(index, 1) ?? null, -1);

export const withItem = (held: HeldList, index: number, item: Item): HeldList =>
  changed(held, held.items?.toSpliced(index, 0, item) ?? [item], 1);
