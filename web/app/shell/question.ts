import type { EntityFilter, EntityOrderBy, MediaType, TrashScope } from "../generated/graphql.ts";
import { countFilters, partsOf, spanOf, type Order, type Place } from "./place.ts";

/** The arguments of a list of the API. */
export interface Question {
  readonly filter: EntityFilter | null;
  readonly search: string | null;
  readonly orderBy: readonly EntityOrderBy[];
  readonly order: Order;
  readonly trash: TrashScope;
  readonly at: string | null;
  /** Whether the best hits come first, with what they were found by. */
  readonly isRanked: boolean;
  /** Whether filters leave something out. */
  readonly isNarrowed: boolean;
}

const orderBy: Readonly<Record<Order, readonly EntityOrderBy[]>> = {
  captured: [{ capturedAt: "DESC" }, { addedAt: "DESC" }],
  added: [{ addedAt: "DESC" }],
  name: [{ label: "ASC" }, { originalName: "ASC" }],
  size: [{ fileSize: "DESC" }],
};

/** Years by the clocks where the pictures were taken, as the facet counts them. */
const yearClause = (part: string): EntityFilter => {
  const [first, last] = spanOf(part);
  const end = String(Number(last) + 1).padStart(4, "0");
  return {
    capturedLocal: {
      gte: `${first}-01-01T00:00:00`,
      ...(last === "9999" ? {} : { lt: `${end}-01-01T00:00:00` }),
    },
  };
};

/** The filter of a place: a search looks at any depth, browsing only directly into the place. */
function whereClauses({ collection, view, search }: Place): EntityFilter[] {
  if (view === "trash")
    return collection == null
      ? // What went with a collection is found in it, as it was before.
        search === ""
        ? [{ parentIsDeleted: false }]
        : []
      : [search === "" ? { parentId: { equals: collection } } : { under: collection }];
  return [
    ...(collection == null
      ? []
      : [search === "" ? { parentId: { equals: collection } } : { under: collection }]),
    // Collections have a strip of their own above the pictures.
    ...(search === "" ? [{ isCollection: false }] : []),
  ];
}

const clauses = (place: Place): EntityFilter[] => [
  ...whereClauses(place),
  // `parsePlace` lets no others in.
  ...(place.type == null ? [] : [{ type: { in: partsOf(place.type) as MediaType[] } }]),
  ...(place.year == null ? [] : [{ OR: partsOf(place.year).map(yearClause) }]),
  ...(place.camera == null ? [] : [{ cameraModel: { equals: place.camera } }]),
  ...(place.problems == null ? [] : [{ hasProblems: true }]),
];

export function questionOf(place: Place): Question {
  const all = clauses(place);
  const search = place.search.trim() === "" ? null : place.search;
  return {
    filter: all.length === 0 ? null : { AND: all },
    search,
    orderBy: orderBy[place.order],
    order: place.order,
    trash: place.view === "trash" ? "TRASHED" : "LIVE",
    at: place.at,
    isRanked: search != null && place.at == null && place.order === "captured",
    isNarrowed: countFilters(place) > 0,
  };
}
