import type { EntityFilter } from "../search/filters/filter.ts";

export type FacetField =
  | "TYPE"
  | "MIME_TYPE"
  | "EXTENSION"
  | "YEAR"
  | "MONTH"
  | "CAMERA_MODEL"
  | "PARENT"
  | "KEYWORD"
  | "RATING"
  | "CREATOR";

type Own = Exclude<
  keyof EntityFilter,
  "AND" | "OR" | "NOT" | "under" | "parentIsDeleted" | "isCollection" | "hasProblems"
>;

/** The clause by which a client chooses one of a field's buckets. */
const ownClauses: Readonly<Record<FacetField, Own>> = {
  TYPE: "type",
  MIME_TYPE: "mimeType",
  EXTENSION: "extension",
  YEAR: "capturedLocal",
  MONTH: "capturedLocal",
  CAMERA_MODEL: "cameraModel",
  PARENT: "parentId",
  KEYWORD: "keywords",
  RATING: "rating",
  CREATOR: "creator",
};

/**
 * The filter without a field's own clause, so that its other buckets stay in sight: also in AND, where it restricts
 * the same way, but not in OR and NOT, where it means something else.
 * @returns null when nothing is left that restricts.
 */
export function withoutOwn(filter: EntityFilter | null | undefined, field: FacetField): EntityFilter | null {
  return filter == null ? null : strip(filter, ownClauses[field]);
}

function strip(filter: EntityFilter, own: Own): EntityFilter | null {
  const { AND, ...others } = filter;
  const given = Object.fromEntries(
    Object.entries(others).filter(([name, value]) => name !== own && value != null),
  );
  const parts = (AND ?? []).map((part) => strip(part, own)).filter((part) => part != null);
  const left: EntityFilter = parts.length === 0 ? given : { ...given, AND: parts };
  return Object.keys(left).length === 0 ? null : left;
}

/** The columns that the index `Entity_facets` has besides the facets' own. */
const indexed: ReadonlySet<string> = new Set<keyof EntityFilter>([
  "type",
  "mimeType",
  "extension",
  "cameraModel",
  "parentId",
  "isCollection",
  "rating",
]);

/** Whether the index decides the filter by itself, without the rows of the table. */
export function isIndexed({ AND, OR, NOT, ...clauses }: EntityFilter): boolean {
  const parts = [AND, OR, NOT].flatMap((list) => list ?? []);
  return parts.every(isIndexed) && Object.keys(clauses).every((name) => indexed.has(name));
}
