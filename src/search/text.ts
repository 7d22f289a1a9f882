import type { StateColumn } from "../db/state.ts";
import { BadUserInputError } from "../errors.ts";

/** Longest search text, in UTF-16 units, and most terms in it. */
const lengthMax = 1000;
const termsMax = 64;

/** Columns of the full-text index, in its order. */
export const textColumns = [
  "label",
  "description",
  "originalName",
  "cameraMake",
  "cameraModel",
  "cameraLens",
  "keywords",
] as const satisfies readonly StateColumn[];
export type TextColumn = (typeof textColumns)[number];

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
  readonly isExcluded: boolean;
}

/** `-field:"a phrase"`, `field:word*`, `"a phrase"`, `word`: sign, field, phrase or word. An unclosed quote ends with the text. */
const termPattern = /(-?)(?:(\p{L}+):)?(?:"([^"]*)(?:"|$)(\*?)|([^\s"]+))/gu;

/** What the index's tokenizer keeps (https://sqlite.org/fts5.html#unicode61_tokenizer): letters, numbers, private use. */
const hasWord = /[\p{L}\p{N}\p{Co}]/u;

/**
 * Reads what a person typed: words, prefix*, "a phrase", -not, field:value. Whatever is none of these
 * counts as plain words, so no text is wrong.
 * @throws {BadUserInputError} for more than 1000 characters or 64 terms.
 */
export function parseSearch(search: string): readonly Term[] {
  if (search.length > lengthMax)
    throw new BadUserInputError("search", `expected at most ${lengthMax} characters, got ${search.length}`);
  const terms: Term[] = [];
  for (const [whole, sign, name, phrase, star, word] of search.matchAll(termPattern)) {
    const columns = name == null ? null : (fields.get(name.toLowerCase()) ?? null);
    // An unknown field is no field: "IMG:2041" is two words of a name.
    const prefix = name != null && columns == null ? `${name}:` : "";
    const text = prefix + (phrase ?? word?.replace(/\*+$/, "") ?? whole);
    const isPrefix = star === "*" || (word?.endsWith("*") ?? false);
    terms.push({ columns, text, isPrefix, isExcluded: sign === "-" });
  }
  if (terms.length > termsMax)
    throw new BadUserInputError("search", `expected at most ${termsMax} terms, got ${terms.length}`);
  return terms;
}

/** Terms that go together. */
export interface Wanted {
  /** FTS5 expression for them. */
  readonly expression: string;
  readonly terms: readonly Term[];
  /** Whether a row matches by every one of them or by any. */
  readonly by: "every" | "any";
}

export interface Match {
  /** What a row must match; null when any row does. */
  readonly required: Wanted | null;
  /** What a row must not match; null when there is nothing. */
  readonly excluded: Wanted | null;
  /** Something was asked for that the index cannot hold, such as "!!!" alone: no row matches. */
  readonly isImpossible: boolean;
}

/** As an FTS5 string nothing in it is an operator; a quote is doubled (https://sqlite.org/fts5.html#fts5_strings). */
function expressionOf({ columns, text, isPrefix }: Term): string {
  // The tokenizer takes accents from Latin letters only. A Korean or Japanese name that came decomposed, as
  // macOS writes them, is other words to it than the same name composed.
  const forms = new Set([text.normalize("NFC"), text.normalize("NFD")]);
  const quoted = [...forms].map(
    (form) => `"${form.replaceAll('"', '""').replaceAll("\0", " ")}"${isPrefix ? " *" : ""}`,
  );
  const expression = quoted.length === 1 ? quoted.join() : `(${quoted.join(" OR ")})`;
  return columns == null ? expression : `{${columns.join(" ")}} : ${expression}`;
}

const wanted = (terms: readonly Term[], by: Wanted["by"]): Wanted | null =>
  terms.length === 0
    ? null
    : { expression: terms.map(expressionOf).join(by === "every" ? " AND " : " OR "), terms, by };

/** The full-text index's own expressions for the terms. */
export function matchOf(terms: readonly Term[]): Match {
  const words = terms.filter(({ text }) => hasWord.test(text));
  return {
    required: wanted(
      words.filter(({ isExcluded }) => !isExcluded),
      "every",
    ),
    excluded: wanted(
      words.filter(({ isExcluded }) => isExcluded),
      "any",
    ),
    isImpossible: words.length === 0 && terms.some(({ isExcluded }) => !isExcluded),
  };
}
