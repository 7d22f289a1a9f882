import type { EntityFilter, EntityOrderBy, TrashScope } from "../generated/graphql.ts";
import type { Order, Place } from "./place.ts";

/** What a list of the API is asked for. */
export interface Question {
  readonly filter: EntityFilter | null;
  readonly search: string | null;
  readonly orderBy: readonly EntityOrderBy[];
  readonly trash: TrashScope;
  readonly at: string | null;
  /** Whether the best hits come first, with what they were found by. */
  readonly isRanked: boolean;
  /** Whether type, year or camera leave something out. */
  readonly isNarrowed: boolean;
}

const orderBy: Readonly<Record<Order, readonly EntityOrderBy[]>> = {
  captured: [{ capturedAt: "DESC" }, { addedAt: "DESC" }],
  added: [{ addedAt: "DESC" }],
  name: [{ label: "ASC" }, { originalName: "ASC" }],
  size: [{ fileSize: "DESC" }],
};

const clauses = ({ collection, type, year, camera, view, search }: Place): EntityFilter[] => [
  // Searching looks below the collection at any depth, looking around only into it.
  ...(collection == null || view !== "library"
    ? []
    : [search === "" ? { parentId: { equals: collection } } : { under: collection }]),
  // Collections have a strip of their own above the pictures.
  ...(view === "library" && search === "" ? [{ isCollection: false }] : []),
  ...(type == null ? [] : [{ type: { equals: type } }]),
  ...(year == null
    ? []
    : [{ capturedAt: { gte: `${year}-01-01T00:00:00Z`, lt: `${Number(year) + 1}-01-01T00:00:00Z` } }]),
  ...(camera == null ? [] : [{ cameraModel: { equals: camera } }]),
];

export function questionOf(place: Place): Question {
  const all = clauses(place);
  const search = place.search.trim() === "" ? null : place.search;
  return {
    filter: all.length === 0 ? null : { AND: all },
    search,
    orderBy: orderBy[place.order],
    trash: place.view === "trash" ? "TRASHED" : "LIVE",
    at: place.at,
    isRanked: search != null && place.at == null && place.order === "captured",
    isNarrowed: place.type != null || place.year != null || place.camera != null,
  };
}
