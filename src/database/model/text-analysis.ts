import { fold } from "./fold.ts";

/** A word as the index has it, and the piece of the text that it stands for, in UTF-16 units. */
export interface Token {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Of a script without spaces, where the first of its two letters ends; `end` for every other one. */
  readonly firstEnd: number;
}

/**
 * The kind of one letter with its marks, or of one emoji:
 * - `word`: part of a word that ends at the next thing of another kind;
 * - `dense`: of a script that is written without spaces between words;
 * - `emoji`: a word by itself;
 * - `none`: a separator of words.
 */
interface Letter {
  readonly kind: "word" | "dense" | "emoji" | "none";
  /** Without case and accents. */
  readonly folded: string;
}

interface PlacedLetter extends Letter {
  readonly start: number;
  readonly end: number;
}

/** A flag; a Korean syllable written in its parts; anything else with the marks it carries. */
const cluster =
  /\p{RI}{2}|[\u1100-\u115f\ua960-\ua97c]+[\u1160-\u11a7\ud7b0-\ud7c6]*[\u11a8-\u11ff\ud7cb-\ud7fb]*\p{M}*|[^][\p{M}\uff9e\uff9f]*/gu;
const wordLetter = /^[\p{L}\p{N}\p{Co}]/u;
const onlyWordLetters = /^[\p{L}\p{N}\p{M}\p{Co}]+$/u;
const denseLetter =
  /^[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]/u;
/** Skin tones are to emoji what accents are to letters; Unicode counts ©, ® and ™, and arrows, as pictures; people do not. */
const emoji = /^(?![©®™\u2190-\u21ff\p{EMod}])(?:\p{RI}{1,2}|\p{ExtPict}|\p{EPres})/u;

/** Which of its pictures a sign is shown with. */
const variants = /[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]/gu;

const none: Letter = { kind: "none", folded: "" };

function readLetter(text: string): Letter {
  if (!wordLetter.test(text)) {
    const [picture] = emoji.exec(text) ?? [];
    return picture == null ? none : { kind: "emoji", folded: picture };
  }
  const folded = fold(text.replace(variants, ""));
  return {
    kind: denseLetter.test(text) ? "dense" : "word",
    // `½` would become three things, and `ﷺ` four words.
    folded: onlyWordLetters.test(folded) ? folded : text.toLowerCase(),
  };
}

const known = new Map<string, Letter>();
const knownMax = 20_000;

function letterOf(text: string): Letter {
  let letter = known.get(text);
  if (letter == null) {
    if (known.size >= knownMax) known.clear();
    // A page of marks on one letter is not worth its memory.
    letter = readLetter(text);
    if (text.length < 16) known.set(text, letter);
  }
  return letter;
}

/** The letters of a string in their order, without gaps. */
function lettersOf(text: string): PlacedLetter[] {
  const letters: PlacedLetter[] = [];
  let start = 0;
  for (const found of text.match(cluster) ?? []) {
    const { kind, folded } = letterOf(found);
    letters.push({ kind, folded, start, end: start + found.length });
    start += found.length;
  }
  return letters;
}

const isAscii = (text: string) => !/[^\0-\x7f]/.test(text);

function asciiTokens(text: string): Token[] {
  const tokens: Token[] = [];
  for (const { 0: word, index: start } of text.matchAll(/[a-z0-9]+/gi)) {
    const end = start + word.length;
    tokens.push({ text: word.toLowerCase(), start, end, firstEnd: end });
  }
  return tokens;
}

/**
 * The words of a string, without case and accents, in their order. In scripts without spaces each letter begins a
 * word, of it and the next one, so that any part of the string is a phrase: 東京都 is 東京, 京都, 都.
 */
export function tokensOf(text: string): Token[] {
  if (isAscii(text)) return asciiTokens(text);
  const tokens: Token[] = [];
  const letters = lettersOf(text);
  let at = 0;
  for (let first = letters[at]; first != null; first = letters[at]) {
    at++;
    if (first.kind === "none") continue;
    const { kind, start } = first;
    let { folded, end } = first;
    const firstEnd = end;
    let next = letters[at];
    for (; kind === "word" && next?.kind === "word"; next = letters[++at]) {
      folded += next.folded;
      end = next.end;
    }
    if (kind !== "dense" || next?.kind !== "dense") tokens.push({ text: folded, start, end, firstEnd: end });
    else tokens.push({ text: folded + next.folded, start, end: next.end, firstEnd });
  }
  return tokens;
}

/** Whether a word is one letter of a script without spaces, which any word that begins with it has in it. */
export const isSingleDense = ({ start, end, firstEnd }: Token, text: string): boolean =>
  end === firstEnd && letterOf(text.slice(start, end)).kind === "dense";

/** Stands for any separator of words in a plain name. */
export const gap = "·";

/** A letter of a plain name, and the piece of the name that it stands for, in UTF-16 units. */
export interface NamePlace {
  readonly start: number;
  readonly end: number;
}

/**
 * A file's name without case and accents, with one `gap` for each separator between its words and one at each
 * end: ·img·2041·jpg·. Empty for a name without a word.
 * @param isWhole whether the string is a name and not a part of one: then its ends are ends of words.
 * @returns places, one for each UTF-16 unit of the plain name, too.
 */
export function plainName(name: string, isWhole = true): { plain: string; places: readonly NamePlace[] } {
  let plain = "";
  const places: NamePlace[] = [];
  const add = (text: string, start: number, end: number) => {
    plain += text;
    for (let unit = 0; unit < text.length; unit++) places.push({ start, end });
  };
  let isInGap = false;
  let hasWord = false;
  if (isWhole) {
    add(gap, 0, 0);
    isInGap = true;
  }
  for (const { kind, folded, start, end } of lettersOf(name)) {
    if (kind === "none") {
      if (!isInGap) add(gap, start, end);
      isInGap = true;
    } else {
      add(folded, start, end);
      isInGap = false;
      hasWord = true;
    }
  }
  if (isWhole && !isInGap) add(gap, name.length, name.length);
  return hasWord ? { plain, places } : { plain: "", places: [] };
}
