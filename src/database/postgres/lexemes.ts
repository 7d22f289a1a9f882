import { indexedTexts, textColumns, type TextColumn, type Texts } from "../model/search-terms.ts";

/** Bytes of a lexeme: https://www.postgresql.org/docs/current/textsearch-limitations.html */
const bytesMax = 2046;
/** A position beyond is clamped, so that words further on follow each other no more. */
const positionMax = 16_383;
/** Positions that a lexeme has. */
const positionsMax = 255;

/** Marks a word of one column: it is no letter, thus in no word. */
const marks = Object.fromEntries(
  textColumns.map((column, index) => [column, `${String(index)}·`]),
) as Readonly<Record<TextColumn, string>>;

/** What a word counts for by its column: tsvector's A to D. */
const weights: Readonly<Record<TextColumn, "A" | "B" | "C" | "D">> = {
  label: "A",
  originalName: "B",
  description: "C",
  cameraMake: "D",
  cameraModel: "D",
  cameraLens: "D",
  keywords: "D",
  altText: "C",
  creator: "D",
};

/** A word that is longer than a lexeme can be is found by its beginning. */
function clip(word: string): string {
  const bytes = Buffer.from(word);
  return bytes.length <= bytesMax
    ? word
    : bytes
        .subarray(0, bytesMax)
        .toString()
        .replace(/\uFFFD+$/, "");
}

const quoted = (word: string): string => `'${clip(word).replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;

/** A word as a query names it. @param column where it is to stand; null for anywhere. */
export const lexemeOf = (word: string, column: TextColumn | null): string =>
  quoted(column == null ? word : marks[column] + word);

class Vector {
  readonly #positions = new Map<string, string[]>();

  add(lexeme: string, position: number, weight = "D"): void {
    if (position > positionMax) {
      this.#note(lexeme);
      return;
    }
    const known = this.#positions.get(lexeme);
    const place = weight === "D" ? String(position) : `${position}${weight}`;
    if (known == null) this.#positions.set(lexeme, [place]);
    else if (known.length < positionsMax) known.push(place);
  }

  #note(lexeme: string): void {
    if (!this.#positions.has(lexeme)) this.#positions.set(lexeme, [String(positionMax)]);
  }

  toString(): string {
    return [...this.#positions].map(([lexeme, places]) => `${lexeme}:${places.join()}`).join(" ");
  }
}

/**
 * What is searched of a row, as a tsvector in text form: each word twice, by itself and with its column's mark, and the
 * pieces of the file's name. Between two columns a position is left free, so that no phrase goes across.
 */
export function vectorOf(texts: Texts): string {
  const vector = new Vector();
  const written = indexedTexts(texts);
  let position = 0;
  textColumns.forEach((column, index) => {
    const words = written[index] === "" ? [] : (written[index] ?? "").split(" ");
    position++;
    words.forEach((word, place) => {
      vector.add(lexemeOf(word, null), ++position, weights[column]);
      vector.add(lexemeOf(word, column), place + 1);
    });
  });
  (written[textColumns.length] ?? "").split(" ").forEach((piece, place) => {
    vector.add(lexemeOf(piece, null), place + 1);
  });
  return vector.toString();
}
