import fc from "../../../support/fast-check.ts";
import type { EntityFilter, EntityOrderBy, TrashScope } from "../../../generated/graphql.ts";
import {
  captures,
  edges,
  extensions,
  latitudes,
  longitudes,
  md5Of,
  mimeTypes,
  paths,
  ratings,
  seconds,
  sizes,
  stepMs,
  types,
  wallClocks,
  words,
} from "./library.ts";

/** One term of a search: what is meant, from which the text is written. */
export interface Term {
  readonly field: "label" | "description" | "name" | "camera" | "keywords" | "altText" | "creator" | null;
  readonly words: readonly string[];
  readonly isPrefix: boolean;
  readonly isExcluded: boolean;
}

export interface Question {
  /** Ids stand as `#3`, the third row's, and times of arrival as `@-1`, so long after the first. */
  readonly filter: EntityFilter | null;
  readonly search: readonly Term[];
  readonly orderBy: readonly EntityOrderBy[];
  readonly trash: TrashScope;
  readonly offset: number;
  readonly limit: number;
}

/** One or two of the keys, so that most of what is asked for exists. */
const some = (arbitraries: Record<string, fc.Arbitrary<unknown>>, maxLength = 2) =>
  fc
    .array(
      fc.oneof(
        ...Object.entries(arbitraries).map(([key, value]) => value.map((given) => ({ [key]: given }))),
      ),
      { minLength: 1, maxLength },
    )
    .map((parts) => Object.assign({}, ...parts) as object);

const lists = <T>(value: fc.Arbitrary<T>) => fc.array(value, { maxLength: 3 });
const isNull = fc.boolean();

const pieces = ["a", "A", "ss", "ß", "o", "σ", "%", "_", "\\", "'", '"', "t-", " ", "", "i", "fi", "ς"];
const someText = fc.constantFrom(...words, ...pieces);

const textFilter = (value: fc.Arbitrary<string>) =>
  some({
    equals: value,
    not: value,
    in: lists(value),
    notIn: lists(value),
    contains: value,
    startsWith: value,
    endsWith: value,
    isNull,
    mode: fc.constantFrom("INSENSITIVE", "SENSITIVE"),
  });

const ids = fc.oneof(
  { weight: 9, arbitrary: fc.nat(20).map((index) => `#${index}`) },
  { weight: 1, arbitrary: fc.constantFrom("0", "abc", "9223372036854775808", "1e3") },
);
const idFilter = some({ equals: ids, not: ids, in: lists(ids), notIn: lists(ids), isNull });

const range = (value: fc.Arbitrary<unknown>) => ({
  equals: value,
  lt: value,
  lte: value,
  gt: value,
  gte: value,
  isNull,
});
const pick = <T>(...values: T[]) => fc.constantFrom(...values);

const kind = pick("FOLDER", "ALBUM");
const keyword = pick(...words, ...paths);
const width = pick(...edges, 50);
const intFilter = some({ ...range(width), not: width, in: lists(width) });
const type = pick(...types);
const typeFilter = some({ equals: type, not: type, in: lists(type), notIn: lists(type), isNull });
const captured = pick(...captures, 1).map((time) => new Date(time).toISOString());
const arrival = pick(-1, 0, 1, stepMs - 1, stepMs, 2 * stepMs, 3 * stepMs).map((after) => `@${after}`);

const latitude = pick(...latitudes);
const longitude = pick(...longitudes, 77.7);
const within = fc
  .record({ one: latitude, other: latitude, east: longitude, west: longitude })
  .map(({ one, other, east, west }) => ({
    north: Math.max(one, other),
    south: Math.min(one, other),
    east,
    west,
  }));
const near = fc.record({ latitude, longitude, radiusMetres: pick(0, 1000, 120_000, 5_000_000, 1.2e7, 2e7) });

const clauses: Record<Exclude<keyof EntityFilter, "AND" | "OR" | "NOT">, fc.Arbitrary<unknown>> = {
  id: idFilter,
  parentId: idFilter,
  under: ids,
  parentIsDeleted: fc.boolean(),
  isCollection: fc.boolean(),
  kind: some({ equals: kind, in: lists(kind), isNull }),
  inCollection: ids,
  label: textFilter(someText),
  description: textFilter(someText),
  originalName: textFilter(someText),
  type: typeFilter,
  mimeType: textFilter(pick(...mimeTypes, "IMAGE/", "image", "/")),
  extension: textFilter(pick(...extensions, "JPG", "p")),
  md5: textFilter(fc.nat(20).map((index) => md5Of(index).slice(0, 31))),
  fileSize: some(range(pick(...sizes))),
  width: intFilter,
  height: intFilter,
  duration: some(range(pick(...seconds, 0.75))),
  capturedAt: some(range(captured)),
  capturedLocal: some(range(pick(...wallClocks, "2000-01-01T00:00:00"))),
  addedAt: some(range(arrival)),
  updatedAt: some(range(arrival)),
  deletedAt: some(range(captured)),
  cameraMake: textFilter(someText),
  cameraModel: textFilter(someText),
  keywords: some({
    has: keyword,
    hasAny: lists(keyword),
    hasAll: lists(keyword),
    under: keyword,
    isEmpty: fc.boolean(),
  }),
  rating: some({ ...range(pick(...ratings)), not: pick(...ratings), in: lists(pick(...ratings)) }),
  altText: textFilter(someText),
  creator: textFilter(someText),
  copyright: textFilter(someText),
  location: some({ within, near, isNull }),
  hasProblems: fc.boolean(),
};

const { filter } = fc.letrec<{ filter: EntityFilter; leaf: EntityFilter }>((tie) => {
  const inner = fc.array(tie("filter"), { maxLength: 3, depthIdentifier: "filter" });
  const leaf = some(clauses, 2);
  return {
    leaf,
    filter: fc.oneof(
      { depthSize: "small", depthIdentifier: "filter", withCrossShrink: true },
      tie("leaf"),
      some({ AND: inner, OR: inner, NOT: inner }, 2),
      fc
        .tuple(tie("leaf"), some({ AND: inner, OR: inner, NOT: inner }))
        .map(([one, other]) => ({ ...one, ...other })),
    ),
  };
});

const term: fc.Arbitrary<Term> = fc.record({
  field: fc.option(pick("label", "description", "name", "camera", "keywords", "altText", "creator"), {
    freq: 3,
  }),
  words: fc.oneof(
    fc.array(
      pick("cat", "CAT", "čat", "ca", "dog", "100", "a", "b", "axb", "slash", "京", "東京", "😀", "ガ"),
      {
        minLength: 1,
        maxLength: 2,
      },
    ),
    pick(
      "at-",
      "_20",
      "TC_",
      "c_2",
      "041",
      "TC_20",
      "atd",
      "t-d",
      "tcat",
      "京都",
      "京都東",
      "글",
      "👍",
      "👍🏽",
      "og京",
    ).map((piece) => [piece]),
  ),
  isPrefix: fc.boolean(),
  isExcluded: fc.boolean(),
});

const keys = [
  ...["id", "label", "addedAt", "updatedAt", "capturedAt", "fileSize", "duration", "originalName"],
  ...["width", "height", "type"],
];
const step = fc.tuple(pick(...keys), pick("ASC", "DESC")).map(([key, order]) => ({ [key]: order }));

export const questions: fc.Arbitrary<Question> = fc.record({
  filter: fc.option(filter, { freq: 8 }),
  search: fc.oneof(
    { weight: 1, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(term, { maxLength: 2 }) },
  ),
  orderBy: fc.array(step, { maxLength: 3 }),
  trash: fc.constantFrom<TrashScope>("LIVE", "TRASHED", "ANY"),
  offset: fc.oneof(fc.constant(0), fc.nat(8), fc.nat(30)),
  limit: fc.oneof(fc.constant(100), fc.integer({ min: 1, max: 5 })),
});

export function searchText(terms: readonly Term[]): string {
  return terms
    .map(({ field, words: [first, ...others], isPrefix, isExcluded }) => {
      const value = others.length === 0 ? first : `"${[first, ...others].join(" ")}"`;
      return `${isExcluded ? "-" : ""}${field == null ? "" : `${field}:`}${value}${isPrefix ? "*" : ""}`;
    })
    .join(" ");
}

/** Puts real ids and times in place of `#3` and `@1000`. */
export function resolve<T>(value: T, ids: readonly string[], base: number): T {
  const replace = (_: string, inner: unknown): unknown => {
    if (typeof inner !== "string") return inner;
    if (/^#\d+$/.test(inner)) return ids[Number(inner.slice(1))] ?? "999999999";
    return /^@-?\d+$/.test(inner) ? new Date(base + Number(inner.slice(1))).toISOString() : inner;
  };
  // The same shape: only texts were exchanged for texts.
  return JSON.parse(JSON.stringify(value, replace)) as T;
}
