import {
  indexOfWords,
  textColumns,
  type Sought,
  type TextColumn,
  type Texts,
} from "../../database/model/search-terms.ts";
import { gap, plainName, tokensOf, type Token } from "../../database/model/text-analysis.ts";

/** An excerpt of a searched string, safe to be put into HTML. */
export interface Highlight {
  /** Which text, as the API calls it. */
  readonly field: TextColumn;
  /**
   * Found words stand between « and »; `&`, `<`, `>`, quotes, and any « or » of the string itself, are character
   * references. An ellipsis marks where the string goes on.
   */
  readonly fragment: string;
}

/** A part of a string, in UTF-16 units. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/** Longest fragment, in UTF-16 units of the text. */
const fragmentLength = 160;
/** How much of a fragment stands before what was found. */
const leadLength = 50;
/** Characters of a string that are searched for words to mark; later occurrences are not shown. */
const lookedLength = 10_000;

function spanOf(tokens: readonly Token[], isPrefix: boolean): Span {
  const [first, last] = [tokens[0], tokens.at(-1)];
  if (first == null || last == null) return { start: 0, end: 0 };
  // 都 was found in 都市, of which it is the first letter.
  return { start: first.start, end: isPrefix ? last.firstEnd : last.end };
}

function wordSpans(text: string, sought: readonly Sought[]): Span[] {
  const tokens = tokensOf(text);
  const among = tokens.map((token) => token.text);
  const spans: Span[] = [];
  for (const one of sought)
    for (let at = indexOfWords(one, among); at >= 0; at = indexOfWords(one, among, at + 1))
      spans.push(spanOf(tokens.slice(at, at + one.words.length), one.isPrefix));
  return spans;
}

function nameSpans(name: string, sought: readonly Sought[]): Span[] {
  const { plain, places } = plainName(name);
  const spans: Span[] = [];
  for (const { namePart } of sought) {
    if (namePart == null) continue;
    const lead = namePart.startsWith(gap) ? gap.length : 0;
    const length = namePart.length - (namePart.endsWith(gap) ? gap.length : 0);
    for (let at = plain.indexOf(namePart); at >= 0; at = plain.indexOf(namePart, at + 1))
      spans.push({ start: places[at + lead]?.start ?? 0, end: places[at + length - 1]?.end ?? 0 });
  }
  return spans;
}

/** In their order; those that touch are one. */
function merged(spans: readonly Span[]): Span[] {
  const result: Span[] = [];
  for (const span of spans.toSorted((one, other) => one.start - other.start)) {
    const last = result.at(-1);
    if (last != null && span.start <= last.end)
      result[result.length - 1] = { start: last.start, end: Math.max(last.end, span.end) };
    else result.push(span);
  }
  return result;
}

/** Characters that belong to the one before: marks, joiners, skin tones, halves of flags, final Korean jamo. */
const continues = /^[\p{M}\p{EMod}\p{RI}\u200d\u1160-\u11ff\uff9e\uff9f]/u;

function mayCut(text: string, at: number): boolean {
  if (at <= 0 || at >= text.length) return true;
  const before = text.charAt(at - 1);
  const isPairCut = /[\ud800-\udbff]/.test(before) && /[\udc00-\udfff]/.test(text.charAt(at));
  return !isPairCut && before !== "\u200d" && !continues.test(text.slice(at, at + 2));
}

/** Marks can be piled up without end; then there is no good place. */
const cutSearchMax = 100;

/** The nearest place to cut at, at `at` or `step` after `step` away from it. */
function cutNear(text: string, at: number, step: 1 | -1): number {
  for (let moved = 0; moved < cutSearchMax; moved++)
    if (mayCut(text, at + moved * step)) return Math.min(Math.max(at + moved * step, 0), text.length);
  return step < 0 ? 0 : text.length;
}

const references: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  "«": "&laquo;",
  "»": "&raquo;",
};
const escape = (text: string) =>
  text.replace(/[&<>"'«»]/g, (character) => references[character] ?? character);

function fragmentOf(text: string, spans: readonly Span[]): string {
  const [first] = spans;
  const from = (first?.start ?? 0) + leadLength <= fragmentLength ? 0 : (first?.start ?? 0) - leadLength;
  const start = cutNear(text, from, 1);
  const end = cutNear(text, start + fragmentLength, -1);
  let fragment = start > 0 ? "…" : "";
  let at = start;
  for (const span of spans) {
    if (span.start >= end) break;
    // A word longer than the fragment is shown as far as it goes.
    const stop = Math.min(span.end, end);
    fragment += `${escape(text.slice(at, span.start))}«${escape(text.slice(span.start, stop))}»`;
    at = stop;
  }
  return `${fragment}${escape(text.slice(at, end))}${end < text.length ? "…" : ""}`;
}

/** One fragment of each text that has something of what was looked for, around the first of it. */
export function highlightsOf(texts: Texts, sought: readonly Sought[]): Highlight[] {
  return textColumns.flatMap((field) => {
    const text = texts[field];
    if (text == null) return [];
    const here = sought.filter(({ columns }) => columns == null || columns.includes(field));
    const looked = text.slice(0, cutNear(text, lookedLength, -1));
    const spans = wordSpans(looked, here);
    if (field === "originalName") spans.push(...nameSpans(looked, here));
    return spans.length === 0 ? [] : [{ field, fragment: fragmentOf(text, merged(spans)) }];
  });
}
