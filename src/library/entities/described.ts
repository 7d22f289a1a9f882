import { charactersIn } from "../../characters.ts";
import { describedNames, withWords, type Said, type Words } from "../../database/model/described.ts";
import { fold } from "../../database/model/fold.ts";
import { keywordsOf, keywordsToText, normalKeywords, stepMark } from "../../database/model/keywords.ts";
import { BadUserInputError } from "../../errors.ts";
import { checkCorrected, type CapturedInput, type GeoPointInput } from "./corrected.ts";
import { checkText } from "./rules.ts";

type Maybe<T> = T | null | undefined;

export interface KeywordsInput {
  set?: Maybe<readonly string[]>;
  add?: Maybe<readonly string[]>;
  remove?: Maybe<readonly string[]>;
}

/** What people say of an entity: absent leaves it, null gives back what the file says. */
export interface DescribedInput {
  keywords?: Maybe<KeywordsInput>;
  rating?: Maybe<number>;
  altText?: Maybe<string>;
  creator?: Maybe<string>;
  copyright?: Maybe<string>;
  captured?: Maybe<CapturedInput>;
  location?: Maybe<GeoPointInput>;
}

/** The same, checked. */
export interface DescribedEdit {
  readonly words: Words;
  readonly add: readonly string[];
  /** Folded. */
  readonly remove: ReadonlySet<string>;
  /** The argument with the keywords. */
  readonly at: string;
}

const keywordsMax = 500;
const keywordCharsMax = 200;

/** A keyword as it is stored; undefined where a step of its path is empty. */
function tidy(keyword: string): string | undefined {
  const steps = keyword
    .normalize("NFC")
    .split(stepMark)
    .map((step) => step.trim().replace(/\s+/g, " "));
  return steps.every((step) => fold(step) !== "") ? steps.join(stepMark) : undefined;
}

/** Folding writes out ligatures; an index has room for so many letters. */
const isLong = (keyword: string): boolean =>
  [keyword, fold(keyword)].some((text) => charactersIn(text, keywordCharsMax) > keywordCharsMax);

/** A keyword that is looked for, as the index has it. */
export const foldSought = (keyword: string): string => fold(tidy(keyword) ?? keyword.trim());

/** @throws {BadUserInputError} */
export function checkKeyword(field: string, keyword: string): string {
  checkText(field, keyword, "keyword");
  const tidied = tidy(keyword);
  if (tidied == null)
    throw new BadUserInputError(
      field,
      "is empty, or has an empty step; write a word, or a path such as Places|Italy",
    );
  if (isLong(tidied))
    throw new BadUserInputError(field, `expected at most ${keywordCharsMax} characters, got more`);
  return tidied;
}

/** The keywords of a file as they are stored: what is empty or too long is left out. */
export const tidyKeywords = (keywords: readonly string[]): string | null =>
  keywordsToText(
    normalKeywords(
      keywords.flatMap((keyword) => {
        const steps = keyword.split(stepMark).filter((step) => fold(step.trim()) !== "");
        const tidied = tidy(steps.join(stepMark));
        return tidied == null || isLong(tidied) ? [] : [tidied];
      }),
    ).slice(0, keywordsMax),
  );

function checkKeywords(field: string, keywords: readonly string[]): string[] {
  if (keywords.length > keywordsMax)
    throw new BadUserInputError(field, `expected at most ${keywordsMax} keywords, got ${keywords.length}`);
  return keywords.map((keyword, index) => checkKeyword(`${field}.${index}`, keyword));
}

function checkRating(field: string, rating: number): number {
  if (rating === -1 || (rating >= 1 && rating <= 5)) return rating;
  throw new BadUserInputError(field, `expected 1 to 5, or -1 for rejected, got ${rating}; null for none`);
}

const textFields = ["altText", "creator", "copyright"] as const;

/** A blank one says that there is none. */
function checkWords(field: string, text: string, kind: (typeof textFields)[number]): string | null {
  checkText(field, text, kind);
  const trimmed = text.normalize("NFC").trim();
  return trimmed === "" ? null : trimmed;
}

/** @param at the argument with the input, such as `inputs.2`. @throws {BadUserInputError} */
export function checkDescribed(at: string, input: DescribedInput): DescribedEdit {
  const { keywords, rating } = input;
  const words: { -readonly [F in keyof Words]: Words[F] } = checkCorrected(at, input);
  if (rating !== undefined)
    words.rating = rating == null ? null : { value: checkRating(`${at}.rating`, rating) };
  for (const field of textFields) {
    const text = input[field];
    if (text !== undefined)
      words[field] = text == null ? null : { value: checkWords(`${at}.${field}`, text, field) };
  }
  const field = `${at}.keywords`;
  if (keywords === null) words.keywords = null;
  const { set, add, remove } = keywords ?? {};
  if (set != null && (add != null || remove != null))
    throw new BadUserInputError(field, "expected set alone, or add and remove");
  if (set != null)
    words.keywords = { value: keywordsToText(normalKeywords(checkKeywords(`${field}.set`, set))) };
  return {
    words,
    add: checkKeywords(`${field}.add`, add ?? []),
    remove: new Set(checkKeywords(`${field}.remove`, remove ?? []).map(fold)),
    at: field,
  };
}

/** Added ones come last: a spelling that is there stays. */
function editedKeywords(text: string | null, { add, remove, at }: DescribedEdit): string | null {
  const before = keywordsOf(text);
  const left = remove.size === 0 ? before : before.filter((keyword) => !remove.has(fold(keyword)));
  const keywords = normalKeywords([...left, ...add]);
  if (keywords.length > keywordsMax && keywords.length > before.length)
    throw new BadUserInputError(
      `${at}.add`,
      `expected at most ${keywordsMax} keywords, it would have ${keywords.length}`,
    );
  return keywordsToText(keywords);
}

const columns = [...describedNames, "fileValues"] as const;

const plain = (value: unknown): unknown => (value instanceof Date ? value.getTime() : value);

/** An edit that is nothing but these words. */
export const editOf = (words: Words): DescribedEdit => ({ words, add: [], remove: new Set(), at: "" });

/** The columns that get another value by it. @throws {BadUserInputError} for too many keywords. */
export function describedColumns(said: Said, edit: DescribedEdit): Partial<Said> {
  const keywords = editedKeywords(said.keywords, edit);
  // Nothing added or removed is no word about the keywords.
  const words = keywords === said.keywords ? edit.words : { ...edit.words, keywords: { value: keywords } };
  const next = withWords(said, words);
  return Object.fromEntries(
    columns
      .filter((column) => plain(next[column]) !== plain(said[column]))
      .map((column) => [column, next[column]]),
  );
}
