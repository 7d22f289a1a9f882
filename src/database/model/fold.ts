/** Combining marks that are accents; vowel signs of Indic scripts or Japanese voicing marks are letters and stay. */
const accents = /[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]/g;

/** Letters that Unicode does not take apart, whose stroke, hook or ligature people leave out as they do accents. */
const letters: Readonly<Record<string, string>> = {
  ...{ ł: "l", ø: "o", đ: "d", ħ: "h", ŧ: "t", æ: "ae", œ: "oe", þ: "th", ð: "d" },
  ...{ ŋ: "n", ĸ: "k", ƀ: "b", ɓ: "b", ȼ: "c", ƈ: "c", ɖ: "d", ɗ: "d", ɇ: "e" },
  ...{ ƒ: "f", ǥ: "g", ɠ: "g", ɨ: "i", ɉ: "j", ƙ: "k", ƚ: "l", ɲ: "n", ɵ: "o" },
  ...{ ƥ: "p", ɍ: "r", ƭ: "t", ⱦ: "t", ʉ: "u", ʋ: "v", ɏ: "y", ƴ: "y", ƶ: "z" },
  ...{ ⱥ: "a" },
};
const letter = new RegExp(`[${Object.keys(letters).join("")}]`, "g");

/**
 * A string without case and accents, so that `Čapek` = `capek`, `Łódź` = `lodz`, `Øresund` = `oresund`, `STRASSE` = `Straße`, `ﬁ` = `fi`.
 *
 * Unicode's compatibility decomposition (UAX 15) and full case folding in spirit: upper-casing writes `ß`
 * as `SS`, but leaves `ẞ`, which has to be `ß` before; and the one context-dependent letter, the Greek
 * final sigma, is made plain. After a change of the result, raise `indexRevision` and fold the columns again in a migration.
 */
export function fold(text: string): string {
  return text
    .normalize("NFKD")
    .replace(accents, "")
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .replaceAll("ς", "σ")
    .replace(letter, (found) => letters[found] ?? found)
    .normalize("NFC");
}
