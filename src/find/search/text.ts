import { charactersIn } from "../../characters.ts";
import {
  matches,
  soughtOf,
  type Match,
  type ReadTexts,
  type TextColumn,
} from "../../database/model/search-terms.ts";
import type { EntityFilter } from "./filters/filter.ts";
import { BadUserInputError } from "../../errors.ts";

/** Longest search, in code points, and most terms in it. */
const lengthMax = 1000;
const termsMax = 64;

/** Names a searcher may put before a colon, and the indexed columns each stands for; an object would know `constructor` too. */
const fields: ReadonlyMap<string, readonly TextColumn[]> = new Map<string, readonly TextColumn[]>([
  ["label", ["label"]],
  ["title", ["label"]],
  ["description", ["description"]],
  ["name", ["originalName"]],
  ["originalname", ["originalName"]],
  ["filename", ["originalName"]],
  ["cameramake", ["cameraMake"]],
  ["make", ["cameraMake"]],
  ["cameramodel", ["cameraModel"]],
  ["model", ["cameraModel"]],
  ["cameralens", ["cameraLens"]],
  ["lens", ["cameraLens"]],
  ["camera", ["cameraMake", "cameraModel", "cameraLens"]],
  ["keyword", ["keywords"]],
  ["keywords", ["keywords"]],
  ["creator", ["creator"]],
  ["alttext", ["altText"]],
  ["alt", ["altText"]],
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
const termPattern = /(-?)(?:(\p{L}+|md5|sha256):)?(?:"([^"]*)(?:"|$)(\*?)|([^\s"]+))/gu;

/** The names that messages list; the others stand for one of them. */
const fieldNames =
  "label, description, originalName, camera, cameraMake, cameraModel, lens, keywords, altText, creator, rating";

/**
 * Whether something before a colon was meant as a field's name. A clock (`12:30`), an address (`http://…`), a drive
 * (`C:\\…`) and `std::vector` are not: a name has two letters or more, and its value begins as a word does.
 */
const isMeantAsField = (name: string, value: string) =>
  /^(?:[a-z]{2,}|md5|sha256)$/i.test(name) && /^[\p{L}\p{N}]/u.test(value);

/**
 * Reads what a person typed: words, prefix*, "a phrase", -not, field:value. Everything else counts as plain words.
 * @param argument what the API calls the text.
 * @throws {BadUserInputError} for more than 1000 characters or 64 terms, and for a field that there is not.
 */
export function parseSearch(search: string, argument = "search"): readonly Term[] {
  const length = charactersIn(search, lengthMax);
  if (length > lengthMax)
    throw new BadUserInputError(argument, `expected at most ${lengthMax} characters, got ${length}`);
  const terms: Term[] = [];
  for (const [whole, sign, name, phrase, star, word] of search.matchAll(termPattern)) {
    const columns = name == null ? null : (fields.get(name.toLowerCase()) ?? null);
    // Found nothing without a word, it would look like an answer.
    if (name != null && columns == null && isMeantAsField(name, phrase ?? word ?? ""))
      throw new BadUserInputError(
        argument,
        `there is no field "${name.slice(0, 40)}"; write one of ${fieldNames}, or put text with a colon in quotes`,
      );
    const prefix = name != null && columns == null ? `${name}:` : "";
    const text = prefix + (phrase ?? word?.replace(/\*+$/, "") ?? whole);
    const isPrefix = star === "*" || (word?.endsWith("*") ?? false);
    terms.push({ columns, text, isPrefix, isQuoted: phrase != null, isExcluded: sign === "-" });
  }
  if (terms.length > termsMax)
    throw new BadUserInputError(argument, `expected at most ${termsMax} terms, got ${terms.length}`);
  return terms;
}

const ratingPattern = /^rating:(.*)$/i;

/**
 * Takes `rating:4` out of a search: no word of it is in any text.
 * @param argument what the API calls the text.
 * @returns the rest, and the filters that stand for what was taken.
 * @throws {BadUserInputError} for a rating that there is not.
 */
export function takeRatings(search: string, argument = "search"): { rest: string; filters: EntityFilter[] } {
  const filters: EntityFilter[] = [];
  const rest = search.replace(termPattern, (whole: string, sign: string) => {
    const [, value] = ratingPattern.exec(whole.slice(sign.length)) ?? [];
    if (value == null) return whole;
    if (!/^(-1|[1-5])$/.test(value))
      throw new BadUserInputError(
        argument,
        `there is no rating "${value.slice(0, 40)}"; write rating:1 to rating:5, or rating:-1`,
      );
    const rated: EntityFilter = { rating: { equals: Number(value) } };
    filters.push(sign === "-" ? { NOT: [rated] } : rated);
    return "";
  });
  return { rest, filters };
}

/**
 * What the terms look for; those without a word count for nothing.
 * @returns null when nothing was asked for that has a word in it, such as "!!!" or "-!": no row matches.
 */
export function matchOf(terms: readonly Term[]): Match | null {
  const sought = (isExcluded: boolean) =>
    terms
      .filter((term) => term.isExcluded === isExcluded)
      .map((term) => soughtOf(term.text, { ...term, isPiece: !term.isQuoted && !term.isPrefix }))
      .filter((found) => found != null);
  const [every, none] = [sought(false), sought(true)];
  const isImpossible = every.length === 0 && none.length === 0 && terms.length > 0;
  return isImpossible ? null : { every, some: [], none };
}

/** Whether nothing is asked for that has a word in it. */
export const isEverything = ({ every, some, none }: Match): boolean =>
  every.length + some.length + none.length === 0;

/** Whether the index would find a row with these texts. */
export const isMatch = ({ every, some, none }: Match, texts: ReadTexts): boolean =>
  every.every((sought) => matches(sought, texts)) &&
  (some.length === 0 || some.some((sought) => matches(sought, texts))) &&
  !none.some((sought) => matches(sought, texts));
