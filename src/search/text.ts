import {
  everythingExpression,
  expressionOf,
  matches,
  soughtOf,
  type ReadTexts,
  type Sought,
  type TextColumn,
} from "../db/text-index.ts";
import { BadUserInputError } from "../errors.ts";

/** Longest search text, in UTF-16 units, and most terms in it. */
const lengthMax = 1000;
const termsMax = 64;

/** Names a searcher may put before a colon, and the indexed columns each stands for; an object would know `constructor` too. */
const fields: ReadonlyMap<string, readonly TextColumn[]> = new Map<string, readonly TextColumn[]>([
  ["label", ["label"]],
  ["description", ["description"]],
  ["name", ["originalName"]],
  ["originalname", ["originalName"]],
  ["camera", ["cameraMake", "cameraModel", "cameraLens"]],
  ["keyword", ["keywords"]],
  ["keywords", ["keywords"]],
]);

export interface Term {
  /** Indexed columns to look in; null for all. */
  readonly columns: readonly TextColumn[] | null;
  readonly text: string;
  readonly isPrefix: boolean;
  /** Whether it stood in quotes: words of it are whole words then, in file names too. */
  readonly isQuoted: boolean;
  readonly isExcluded: boolean;
}

/** `-field:"a phrase"`, `field:word*`, `"a phrase"`, `word`: sign, field, phrase or word. An unclosed quote ends with the text. */
const termPattern = /(-?)(?:(\p{L}+):)?(?:"([^"]*)(?:"|$)(\*?)|([^\s"]+))/gu;

/**
 * Reads what a person typed: words, prefix*, "a phrase", -not, field:value. Whatever is none of these
 * counts as plain words, so no text is wrong.
 * @param argument what the API calls the text.
 * @throws {BadUserInputError} for more than 1000 characters or 64 terms.
 */
export function parseSearch(search: string, argument = "search"): readonly Term[] {
  if (search.length > lengthMax)
    throw new BadUserInputError(argument, `expected at most ${lengthMax} characters, got ${search.length}`);
  const terms: Term[] = [];
  for (const [whole, sign, name, phrase, star, word] of search.matchAll(termPattern)) {
    const columns = name == null ? null : (fields.get(name.toLowerCase()) ?? null);
    // An unknown field is no field: "IMG:2041" is two words of a name.
    const prefix = name != null && columns == null ? `${name}:` : "";
    const text = prefix + (phrase ?? word?.replace(/\*+$/, "") ?? whole);
    const isPrefix = star === "*" || (word?.endsWith("*") ?? false);
    terms.push({ columns, text, isPrefix, isQuoted: phrase != null, isExcluded: sign === "-" });
  }
  if (terms.length > termsMax)
    throw new BadUserInputError(argument, `expected at most ${termsMax} terms, got ${terms.length}`);
  return terms;
}

/** What a row must have all of, some of (unless that is empty), and none of. */
export interface Match {
  readonly every: readonly Sought[];
  readonly some: readonly Sought[];
  readonly none: readonly Sought[];
}

/**
 * What the terms look for; those without a word count for nothing.
 * @returns null when something was asked for that has no word in it, such as "!!!" alone: no row matches.
 */
export function matchOf(terms: readonly Term[]): Match | null {
  const sought = (isExcluded: boolean) =>
    terms
      .filter((term) => term.isExcluded === isExcluded)
      .map((term) => soughtOf(term.text, { ...term, isPiece: !term.isQuoted && !term.isPrefix }))
      .filter((found) => found != null);
  const [every, none] = [sought(false), sought(true)];
  const isImpossible = every.length === 0 && none.length === 0 && terms.some(({ isExcluded }) => !isExcluded);
  return isImpossible ? null : { every, some: [], none };
}

/** Whether nothing is asked for that has a word in it. */
export const isEverything = ({ every, some, none }: Match): boolean =>
  every.length + some.length + none.length === 0;

const joined = (list: readonly Sought[], operator: "AND" | "OR") =>
  list.map((sought) => expressionOf(sought)).join(` ${operator} `);

/** What finds its rows, for FTS5. */
export function matchExpression({ every, some, none }: Match): string {
  const wanted = [
    ...(every.length === 0 ? [] : [joined(every, "AND")]),
    ...(some.length === 0 ? [] : [`(${joined(some, "OR")})`]),
  ];
  const expression = wanted.length === 0 ? everythingExpression : wanted.join(" AND ");
  return none.length === 0 ? expression : `(${expression}) NOT (${joined(none, "OR")})`;
}

/** Whether the index would find a row with these texts. */
export const isMatch = ({ every, some, none }: Match, texts: ReadTexts): boolean =>
  every.every((sought) => matches(sought, texts)) &&
  (some.length === 0 || some.some((sought) => matches(sought, texts))) &&
  !none.some((sought) => matches(sought, texts));
