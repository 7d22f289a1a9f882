/** Combining marks that are accents; vowel signs of Indic scripts or Japanese voicing marks are letters and stay. */
const accents = /[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]/g;

/**
 * A text without case and accents, so that `Čapek` = `capek`, `STRASSE` = `Straße`, `ﬁ` = `fi`.
 *
 * Unicode's compatibility decomposition (UAX 15) and full case folding in spirit: upper-casing writes `ß`
 * as `SS`, but leaves `ẞ`, which has to be `ß` before; and the one context-dependent letter, the Greek
 * final sigma, is made plain.
 */
export function fold(text: string): string {
  return text
    .normalize("NFKD")
    .replace(accents, "")
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .replaceAll("ς", "σ")
    .normalize("NFC");
}
