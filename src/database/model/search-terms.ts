import type { StateColumn } from "./entity-state.ts";
import { isSingleDense, plainName, tokensOf } from "./text-analysis.ts";

/**
 * To be raised whenever a text becomes other words than before, here or in the analysis: an index of another
 * revision is made again at the next start.
 */
export const indexRevision = 3;

/** Columns whose texts are searched, in the index's order. */
export const textColumns = [
  "label",
  "description",
  "originalName",
  "cameraMake",
  "cameraModel",
  "cameraLens",
  "keywords",
  "altText",
  "creator",
] as const satisfies readonly StateColumn[];
export type TextColumn = (typeof textColumns)[number];
export type Texts = Readonly<Record<TextColumn, string | null>>;

/** The index's columns: the texts' own, and the pieces of the file's name. */
export const indexColumns = [...textColumns, "parts"] as const;

/** Marks pieces of names, so that no word is taken for one; it is no letter, thus in no text's words. */
const mark = "¦";
/** In every row's `parts`: what finds everything. */
export const everything = mark + mark;
/** Letters (code points) in a piece of a name. */
const pieceLetters = 8;

/** Cameras and keywords come again and again. */
const repeated = new Map<string, string>();
const repeatedMax = 5000;
const repeatedLength = 64;

const joinWords = (text: string): string =>
  tokensOf(text)
    .map((token) => token.text)
    .join(" ");

function wordsOf(text: string | null): string {
  if (text == null || text.length > repeatedLength) return text == null ? "" : joinWords(text);
  let words = repeated.get(text);
  if (words == null) {
    if (repeated.size >= repeatedMax) repeated.clear();
    repeated.set(text, (words = joinWords(text)));
  }
  return words;
}

/** One piece at each letter, as long as there is name left: what stands anywhere in a name begins one of them. */
function piecesOf(plain: string): string[] {
  const letters = Array.from(plain);
  const pieces: string[] = [];
  for (let at = 0; at < letters.length - 1; at++)
    pieces.push(mark + letters.slice(at, at + pieceLetters).join(""));
  return pieces;
}

/** What the index holds of a row, in the order of its columns. */
export const indexedTexts = (texts: Texts): readonly string[] => [
  ...textColumns.map((column) => wordsOf(texts[column])),
  [everything, ...piecesOf(plainName(texts.originalName ?? "").plain)].join(" "),
];

/** What one term of a search looks for. */
export interface Sought {
  /** Columns to look in; null for all. */
  readonly columns: readonly TextColumn[] | null;
  /** Words that follow each other. */
  readonly words: readonly string[];
  /** Whether the last of them may be only the beginning of a word. */
  readonly isPrefix: boolean;
  /** A piece of a plain name that does as well as the words; null for none. */
  readonly namePart: string | null;
}

/** Fewer letters stand in too many names. */
const namePartLettersMin = 3;

/**
 * @param isPiece whether the text does as well anywhere inside a file's name.
 * @returns null for a text without a word.
 */
export function soughtOf(
  text: string,
  options: { columns: readonly TextColumn[] | null; isPrefix: boolean; isPiece: boolean },
): Sought | null {
  const tokens = tokensOf(text);
  const last = tokens.at(-1);
  if (last == null) return null;
  const { columns, isPrefix, isPiece } = options;
  const isLoneLetter = isSingleDense(last, text);
  // 東京都 is the phrase 東京, 京都: whether the text goes on after that does not matter.
  const before = tokens.at(-2);
  const isCovered = isLoneLetter && before?.end === last.end;
  const mayPiece = isPiece && (columns == null || columns.includes("originalName"));
  const { plain } = plainName(mayPiece ? text : "", false);
  return {
    columns,
    words: (isCovered ? tokens.slice(0, -1) : tokens).map((token) => token.text),
    isPrefix: !isCovered && (isPrefix || isLoneLetter),
    namePart: Array.from(plain).length >= namePartLettersMin ? plain : null,
  };
}

/** A row's texts, each read when it is first asked for, for any number of terms. */
export interface ReadTexts {
  words(column: TextColumn): readonly string[];
  plainName(): string;
}

export function readTexts(texts: Texts): ReadTexts {
  const read = new Map<TextColumn, readonly string[]>();
  let name: string | undefined;
  return {
    words: (column) => {
      let words = read.get(column);
      if (words == null) {
        const text = wordsOf(texts[column]);
        read.set(column, (words = text === "" ? [] : text.split(" ")));
      }
      return words;
    },
    plainName: () => (name ??= plainName(texts.originalName ?? "").plain),
  };
}

/** Where the words stand in others: the index of the first of them, -1 for nowhere. */
export function indexOfWords(
  { words, isPrefix }: Pick<Sought, "words" | "isPrefix">,
  among: readonly string[],
  from = 0,
): number {
  const last = words.length - 1;
  for (let at = from; at + last < among.length; at++) {
    const isThere = words.every((word, index) =>
      isPrefix && index === last
        ? (among[at + index]?.startsWith(word) ?? false)
        : among[at + index] === word,
    );
    if (isThere) return at;
  }
  return -1;
}

/** Whether the index would find the row by it. */
export const matches = (sought: Sought, texts: ReadTexts): boolean =>
  (sought.columns ?? textColumns).some((column) => indexOfWords(sought, texts.words(column)) >= 0) ||
  (sought.namePart != null && texts.plainName().includes(sought.namePart));

/** A piece of a name as pieces of the index: where they follow each other, it stands. Only a shorter one is a prefix. */
export function piecesSought(part: string): {
  readonly pieces: readonly string[];
  readonly isPrefix: boolean;
} {
  const letters = Array.from(part);
  const pieces = Array.from(
    { length: Math.max(1, letters.length - pieceLetters + 1) },
    (_, at) => mark + letters.slice(at, at + pieceLetters).join(""),
  );
  return { pieces, isPrefix: letters.length < pieceLetters };
}

/** The columns a term is looked for in, of those given; undefined for anywhere. */
export function columnsSought({ columns }: Sought, within: readonly TextColumn[] | undefined) {
  return within == null ? columns : (columns ?? textColumns).filter((column) => within.includes(column));
}

/** What a row must have all of, some of (unless that is empty), and none of. */
export interface Match {
  readonly every: readonly Sought[];
  readonly some: readonly Sought[];
  readonly none: readonly Sought[];
}
