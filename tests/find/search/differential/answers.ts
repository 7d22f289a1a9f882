import type {
  BigIntFilter,
  CollectionKindFilter,
  DateTimeFilter,
  EntityFilter,
  EntityOrderBy,
  GeoFilter,
  IdFilter,
  IntFilter,
  KeywordFilter,
  LocalDateTimeFilter,
  MediaTypeFilter,
  StringFilter,
} from "../../../generated/graphql.ts";
import type { Row } from "./library.ts";
import type { Question, Term } from "./questions.ts";

// What the schema's descriptions say, row by row and without a database; slow, plain, and written
// without a look at the SQL.

/** Every letter of the libraries' words that is not its own plain form. */
const plainLetters: Readonly<Record<string, string>> = {
  Č: "c",
  č: "c",
  ß: "ss",
  ﬁ: "fi",
  Ο: "ο",
  Δ: "δ",
  Σ: "σ",
  ς: "σ",
};
const plainLetter = (letter: string) =>
  plainLetters[letter] ?? (/[A-Z]/.test(letter) ? letter.toLowerCase() : letter);
export const plain = (text: string) => text.replaceAll(/./gsu, plainLetter);

type Rules<F> = { readonly [K in keyof F]-?: (wanted: NonNullable<F[K]>) => boolean };

/** All given operators must hold. */
function holds<F extends object>(filter: F, rules: Rules<F>): boolean {
  return (Object.keys(filter) as (keyof F)[]).every((key) => {
    const wanted = filter[key];
    // The value belongs to this very key, which TypeScript cannot follow through the index.
    return wanted == null || rules[key](wanted);
  });
}

function matchesText(value: string | null, filter: StringFilter): boolean {
  const form = filter.mode === "SENSITIVE" ? (text: string) => text : plain;
  const own = value == null ? null : form(value);
  return holds(filter, {
    equals: (wanted) => own === form(wanted),
    not: (wanted) => own !== form(wanted),
    in: (wanted) => own != null && wanted.map(form).includes(own),
    notIn: (wanted) => own == null || !wanted.map(form).includes(own),
    contains: (wanted) => own?.includes(form(wanted)) ?? false,
    startsWith: (wanted) => own?.startsWith(form(wanted)) ?? false,
    endsWith: (wanted) => own?.endsWith(form(wanted)) ?? false,
    isNull: (wanted) => (own == null) === wanted,
    mode: () => true,
  });
}

const matchesId = (own: string | null, filter: IdFilter): boolean =>
  holds(filter, {
    equals: (wanted) => own === wanted,
    not: (wanted) => own !== wanted,
    in: (wanted) => own != null && wanted.includes(own),
    notIn: (wanted) => own == null || !wanted.includes(own),
    isNull: (wanted) => (own == null) === wanted,
  });

const matchesType = (own: Row["type"], filter: MediaTypeFilter): boolean =>
  holds(filter, {
    equals: (wanted) => own === wanted,
    not: (wanted) => own !== wanted,
    in: (wanted) => own != null && wanted.includes(own),
    notIn: (wanted) => own == null || !wanted.includes(own),
    isNull: (wanted) => (own == null) === wanted,
  });

const rangeRules = (own: number | null): Rules<BigIntFilter> => ({
  equals: (wanted) => own === wanted,
  lt: (wanted) => own != null && own < wanted,
  lte: (wanted) => own != null && own <= wanted,
  gt: (wanted) => own != null && own > wanted,
  gte: (wanted) => own != null && own >= wanted,
  isNull: (wanted) => (own == null) === wanted,
});

const matchesRange = (own: number | null, filter: BigIntFilter): boolean => holds(filter, rangeRules(own));

const matchesInteger = (own: number | null, filter: IntFilter): boolean =>
  holds(filter, {
    ...rangeRules(own),
    not: (wanted) => own !== wanted,
    in: (wanted) => own != null && wanted.includes(own),
  });

function matchesTime(own: number | null, { isNull, ...times }: DateTimeFilter): boolean {
  const numbers = Object.fromEntries(
    Object.entries(times).map(([operator, time]) => [operator, time == null ? null : Date.parse(time)]),
  );
  return matchesRange(own, { ...numbers, isNull: isNull ?? null });
}

/** A wall clock as an instant of one that shows UTC. */
const clock = (local: string | null) => (local == null ? null : Date.parse(`${local}Z`));

const clocks = ({ isNull, ...times }: LocalDateTimeFilter): DateTimeFilter => ({
  isNull: isNull ?? null,
  ...Object.fromEntries(Object.entries(times).map(([operator, local]) => [operator, `${local}Z`])),
});

/** Along the great circle of a sphere with the Earth's mean radius, by the angle between two vectors. */
function metresBetween(one: readonly [number, number], other: readonly [number, number]): number {
  const vector = ([latitude, longitude]: readonly [number, number]) => {
    const [phi, lambda] = [(latitude * Math.PI) / 180, (longitude * Math.PI) / 180];
    return [Math.cos(phi) * Math.cos(lambda), Math.cos(phi) * Math.sin(lambda), Math.sin(phi)] as const;
  };
  const [a, b] = [vector(one), vector(other)];
  const cross = Math.hypot(a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]);
  return 6_371_008.8 * Math.atan2(cross, a[0] * b[0] + a[1] * b[1] + a[2] * b[2]);
}

const matchesPlace = ({ latitude, longitude }: Row, filter: GeoFilter): boolean =>
  holds(filter, {
    within: ({ north, south, east, west }) => {
      if (latitude == null || longitude == null || latitude > north || latitude < south) return false;
      const [isEastOfWest, isWestOfEast] = [longitude >= west, longitude <= east];
      return west > east ? isEastOfWest || isWestOfEast : isEastOfWest && isWestOfEast;
    },
    near: ({ radiusMetres, ...centre }) =>
      latitude != null &&
      longitude != null &&
      metresBetween([latitude, longitude], [centre.latitude, centre.longitude]) <= radiusMetres + 1e-6,
    isNull: (wanted) => (latitude == null) === wanted,
  });

const keywordsIn = (row: Row): string[] => (row.keywords ?? "").split("\n").map(plain);

const matchesKeywords = (row: Row, filter: KeywordFilter): boolean => {
  const own = keywordsIn(row);
  return holds(filter, {
    has: (wanted) => own.includes(plain(wanted)),
    hasAny: (wanted) => wanted.some((one) => own.includes(plain(one))),
    hasAll: (wanted) => wanted.every((one) => own.includes(plain(one))),
    under: (wanted) => own.some((one) => one === plain(wanted) || one.startsWith(`${plain(wanted)}|`)),
    isEmpty: (wanted) => (row.keywords == null) === wanted,
  });
};

function matchesKind({ isCollection, kind }: Row, filter: CollectionKindFilter): boolean {
  const own = isCollection ? (kind ?? "FOLDER") : null;
  return holds(filter, {
    equals: (wanted) => own === wanted,
    in: (wanted) => own != null && wanted.includes(own),
    isNull: (wanted) => (own == null) === wanted,
  });
}

function liesUnder(row: Row, top: string, rows: readonly Row[]): boolean {
  const parent = rows.find(({ id }) => id === row.parentId);
  return row.parentId === top || (parent != null && liesUnder(parent, top, rows));
}

export const matches = (row: Row, filter: EntityFilter, rows: readonly Row[]): boolean =>
  holds(filter, {
    AND: (filters) => filters.every((one) => matches(row, one, rows)),
    OR: (filters) => filters.some((one) => matches(row, one, rows)),
    NOT: (filters) => !filters.some((one) => matches(row, one, rows)),
    id: (wanted) => matchesId(row.id, wanted),
    parentId: (wanted) => matchesId(row.parentId, wanted),
    under: (wanted) => liesUnder(row, wanted, rows),
    parentIsDeleted: (wanted) =>
      rows.some(({ id, isDeleted }) => id === row.parentId && isDeleted) === wanted,
    kind: (wanted) => matchesKind(row, wanted),
    inCollection: (wanted) => row.parentId === wanted || row.albums.includes(wanted),
    isCollection: (wanted) => row.isCollection === wanted,
    label: (wanted) => matchesText(row.label, wanted),
    description: (wanted) => matchesText(row.description, wanted),
    originalName: (wanted) => matchesText(row.originalName, wanted),
    type: (wanted) => matchesType(row.type, wanted),
    mimeType: (wanted) => matchesText(row.mimeType, wanted),
    extension: (wanted) => matchesText(row.extension, wanted),
    md5: (wanted) => matchesText(row.md5, wanted),
    fileSize: (wanted) => matchesRange(row.fileSize, wanted),
    width: (wanted) => matchesInteger(row.width, wanted),
    height: (wanted) => matchesInteger(row.height, wanted),
    duration: (wanted) => matchesRange(row.duration, wanted),
    capturedAt: (wanted) => matchesTime(row.capturedAt, wanted),
    capturedLocal: (wanted) => matchesTime(clock(row.capturedLocal), clocks(wanted)),
    addedAt: (wanted) => matchesTime(row.addedAt, wanted),
    updatedAt: (wanted) => matchesTime(row.updatedAt, wanted),
    deletedAt: (wanted) => matchesTime(row.deletedAt, wanted),
    cameraMake: (wanted) => matchesText(row.cameraMake, wanted),
    cameraModel: (wanted) => matchesText(row.cameraModel, wanted),
    keywords: (wanted) => matchesKeywords(row, wanted),
    rating: (wanted) => matchesInteger(row.rating, wanted),
    altText: (wanted) => matchesText(row.altText, wanted),
    creator: (wanted) => matchesText(row.creator, wanted),
    copyright: (wanted) => matchesText(row.copyright, wanted),
    location: (wanted) => matchesPlace(row, wanted),
    hasProblems: (wanted) => (row.problems != null) === wanted,
  });

/** A word of a text; of a script without spaces, one letter. */
interface Word {
  readonly text: string;
  /** Whether the next letter of such a script follows at once. */
  readonly goesOn: boolean;
}

const dense = /[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3]/u;
const wordPattern =
  /[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3]|\p{ExtPict}|(?:(?!\p{Script=Han}|\p{Script=Hangul}|\p{Script=Kana})[\p{L}\p{N}])+/gu;

function wordsOf(text: string | null): Word[] {
  const found = [...(text ?? "").matchAll(wordPattern)];
  return found.map(([word], index) => ({
    text: plain(word),
    goesOn:
      dense.test(word) &&
      dense.test(found[index + 1]?.[0] ?? "") &&
      found[index + 1]!.index === found[index]!.index + 1,
  }));
}

function hasPhrase(text: string | null, phrase: readonly Word[], isPrefix: boolean): boolean {
  const words = wordsOf(text);
  const last = phrase.length - 1;
  return words.some((_, start) =>
    phrase.every((wanted, index) => {
      const word = words[start + index];
      if (word == null) return false;
      if (index === last) return isPrefix ? word.text.startsWith(wanted.text) : word.text === wanted.text;
      return word.text === wanted.text && word.goesOn === wanted.goesOn;
    }),
  );
}

/** Letters as they are, one blank for whatever stands between them. */
const pieceOf = (text: string) =>
  plain(text)
    .replaceAll(/[^\p{L}\p{N}\p{ExtPict}]+/gu, " ")
    .replaceAll(/\p{EMod}/gu, "");

const fieldsOf = (row: Row): Record<NonNullable<Term["field"]>, readonly (string | null)[]> => ({
  label: [row.label],
  description: [row.description],
  name: [row.originalName],
  camera: [row.cameraMake, row.cameraModel, row.cameraLens],
  keywords: [row.keywords],
  altText: [row.altText],
  creator: [row.creator],
});

export function hasTerm(
  row: Row,
  { field, words, isPrefix }: Term,
  within?: readonly Term["field"][],
): boolean {
  const texts = fieldsOf(row);
  const phrase = words.flatMap(wordsOf);
  if (phrase.length === 0) return true;
  const looked = Object.entries(texts).flatMap(([name, list]) =>
    (field ?? name) === name && (within?.includes(name as Term["field"]) ?? true) ? list : [],
  );
  if (looked.some((text) => hasPhrase(text, phrase, isPrefix))) return true;
  if (within != null || isPrefix || words.length > 1 || (field != null && field !== "name")) return false;
  const piece = pieceOf(words[0]!);
  return Array.from(piece).length >= 3 && ` ${pieceOf(row.originalName ?? "").trim()} `.includes(piece);
}

const steps: readonly (readonly Term["field"][] | undefined)[] = [
  ["label"],
  ["label", "name"],
  ["label", "name", "description", "altText"],
  ["label", "name", "description", "altText", "camera", "keywords", "creator"],
  undefined,
];

/** Which of the steps has everything that was asked for first. */
export function tierOf(row: Row, terms: readonly Term[]): number {
  const required = terms.filter(({ isExcluded }) => !isExcluded);
  if (required.length === 0) return 0;
  return steps.findIndex((within) => required.every((term) => hasTerm(row, term, within)));
}

/** By code points, as texts are ordered; JavaScript's own `<` goes by UTF-16. */
const compareTexts = (one: string, other: string) => Buffer.compare(Buffer.from(one), Buffer.from(other));

function compareBy(key: keyof EntityOrderBy, isDescending: boolean) {
  return (one: Row, other: Row): number => {
    const [left, right] = [one, other].map((row) => {
      const value = key === "id" ? Number(row.id) : row[key];
      return typeof value === "string" ? plain(value) : value;
    });
    if (left == null || right == null) return Number(left == null) - Number(right == null);
    const order =
      typeof left === "string" ? compareTexts(left, String(right)) : Math.sign(left - Number(right));
    return isDescending ? -order : order;
  };
}

/** Ids of all rows that answer the question, in order, its page left aside. */
export function answer({ filter, search, orderBy, trash }: Question, rows: readonly Row[]): string[] {
  const steps = orderBy.length === 0 ? [{ addedAt: "DESC" } as EntityOrderBy] : orderBy;
  const given = steps.flatMap((step) => Object.entries(step) as [keyof EntityOrderBy, "ASC" | "DESC"][]);
  // The id breaks ties in the direction of the last step.
  const comparisons = [...given, ["id", given.at(-1)![1]] as const].map(([key, order]) =>
    compareBy(key, order === "DESC"),
  );
  return rows
    .filter(({ isDeleted }) => trash === "ANY" || isDeleted === (trash === "TRASHED"))
    .filter((row) => filter == null || matches(row, filter, rows))
    .filter((row) => search.every((term) => hasTerm(row, term) !== term.isExcluded))
    .sort((one, other) => comparisons.map((compare) => compare(one, other)).find((order) => order !== 0) ?? 0)
    .map(({ id }) => id);
}
