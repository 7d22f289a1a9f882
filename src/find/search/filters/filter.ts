import type { CollectionKindName, MediaTypeName } from "../../../library/entities/schema/entity-state.ts";

/** An optional field of an input. Null, which GraphQL would take, is refused before: see graphql/argument-check.ts. */
type Maybe<T> = T | null | undefined;

export interface StringFilter {
  equals?: Maybe<string>;
  not?: Maybe<string>;
  in?: Maybe<readonly string[]>;
  notIn?: Maybe<readonly string[]>;
  contains?: Maybe<string>;
  startsWith?: Maybe<string>;
  endsWith?: Maybe<string>;
  isNull?: Maybe<boolean>;
  mode?: Maybe<"INSENSITIVE" | "SENSITIVE">;
}

export interface IDFilter {
  equals?: Maybe<string>;
  not?: Maybe<string>;
  in?: Maybe<readonly string[]>;
  notIn?: Maybe<readonly string[]>;
  isNull?: Maybe<boolean>;
}

/** Comparisons of an ordered value; `T` is the type of the GraphQL scalar. */
export interface RangeFilter<T> {
  equals?: Maybe<T>;
  lt?: Maybe<T>;
  lte?: Maybe<T>;
  gt?: Maybe<T>;
  gte?: Maybe<T>;
  isNull?: Maybe<boolean>;
}

export interface IntFilter extends RangeFilter<number> {
  not?: Maybe<number>;
  in?: Maybe<readonly number[]>;
}

export interface MediaTypeFilter {
  equals?: Maybe<MediaTypeName>;
  not?: Maybe<MediaTypeName>;
  in?: Maybe<readonly MediaTypeName[]>;
  notIn?: Maybe<readonly MediaTypeName[]>;
  isNull?: Maybe<boolean>;
}

export interface BoundingBox {
  north: number;
  south: number;
  east: number;
  west: number;
}

export interface Near {
  latitude: number;
  longitude: number;
  radiusMetres: number;
}

export interface GeoFilter {
  within?: Maybe<BoundingBox>;
  near?: Maybe<Near>;
  isNull?: Maybe<boolean>;
}

export interface KeywordFilter {
  has?: Maybe<string>;
  hasAny?: Maybe<readonly string[]>;
  hasAll?: Maybe<readonly string[]>;
  under?: Maybe<string>;
  isEmpty?: Maybe<boolean>;
}

export interface CollectionKindFilter {
  equals?: Maybe<CollectionKindName>;
  in?: Maybe<readonly CollectionKindName[]>;
  isNull?: Maybe<boolean>;
}

/** A client's filter on entities. Given fields are joined with AND. */
export interface EntityFilter {
  AND?: Maybe<readonly EntityFilter[]>;
  OR?: Maybe<readonly EntityFilter[]>;
  NOT?: Maybe<readonly EntityFilter[]>;
  id?: Maybe<IDFilter>;
  parentId?: Maybe<IDFilter>;
  under?: Maybe<string>;
  parentIsDeleted?: Maybe<boolean>;
  isCollection?: Maybe<boolean>;
  kind?: Maybe<CollectionKindFilter>;
  inCollection?: Maybe<string>;
  label?: Maybe<StringFilter>;
  description?: Maybe<StringFilter>;
  originalName?: Maybe<StringFilter>;
  type?: Maybe<MediaTypeFilter>;
  mimeType?: Maybe<StringFilter>;
  extension?: Maybe<StringFilter>;
  md5?: Maybe<StringFilter>;
  fileSize?: Maybe<RangeFilter<number>>;
  width?: Maybe<IntFilter>;
  height?: Maybe<IntFilter>;
  duration?: Maybe<RangeFilter<number>>;
  capturedAt?: Maybe<RangeFilter<Date>>;
  /** Wall clocks as the scalar gives them: to be compared as text. */
  capturedLocal?: Maybe<RangeFilter<string>>;
  addedAt?: Maybe<RangeFilter<Date>>;
  updatedAt?: Maybe<RangeFilter<Date>>;
  deletedAt?: Maybe<RangeFilter<Date>>;
  cameraMake?: Maybe<StringFilter>;
  cameraModel?: Maybe<StringFilter>;
  location?: Maybe<GeoFilter>;
  keywords?: Maybe<KeywordFilter>;
  rating?: Maybe<IntFilter>;
  altText?: Maybe<StringFilter>;
  creator?: Maybe<StringFilter>;
  copyright?: Maybe<StringFilter>;
  hasProblems?: Maybe<boolean>;
}
