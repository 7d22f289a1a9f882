import { fold } from "./fold.ts";

/** Keywords stand in a column one a line; none has a line end. */
const lineEnd = "\n";

/** Separates the steps of a path: `Places|Italy|Rome`. */
export const stepMark = "|";

export const keywordsOf = (text: string | null): string[] => (text == null ? [] : text.split(lineEnd));

export const keywordsToText = (keywords: readonly string[]): string | null =>
  keywords.length === 0 ? null : keywords.join(lineEnd);

const inOrder = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0);

/** In their order without case and accents; of those that differ in nothing else the first one stays. */
export function normalKeywords(keywords: Iterable<string>): string[] {
  const known = new Map<string, string>();
  for (const keyword of keywords) {
    const folded = fold(keyword);
    if (!known.has(folded)) known.set(folded, keyword);
  }
  return [...known].sort(([one], [other]) => inOrder(one, other)).map(([, keyword]) => keyword);
}

/** A column of keywords without case and accents: each of them between two line ends. */
export const foldKeywords = (text: string): string => `${lineEnd}${fold(text)}${lineEnd}`;

/** What the folded column has somewhere of an entity with this keyword. */
export const keywordIn = (folded: string): string => `${lineEnd}${folded}${lineEnd}`;
/** The same for one with a keyword below this path. */
export const pathIn = (folded: string): string => `${lineEnd}${folded}${stepMark}`;

/** How `Tally` names a keyword: folded, so that equal ones stand together, and as it was written. */
export const foldedOfTally = (value: string): string => value.slice(0, value.indexOf(lineEnd));
export const keywordOfTally = (value: string): string => value.slice(value.indexOf(lineEnd) + 1);
