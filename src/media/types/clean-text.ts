// C0 but tab and line ends, DEL, C1: they forge log lines and terminals, and NUL ends strings in databases.
const controls = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;
// Half of a pair cannot be written as UTF-8: JSON.stringify escapes it, and databases refuse it.
const loneSurrogates = /\p{Surrogate}/gu;

/** Well-formed text without control characters but tab and line ends; `charsMax` in UTF-16 units. */
export function cleanText(text: string, charsMax: number): string {
  // Half a character at the end would be taken for a broken one.
  const cut =
    text.length > charsMax ? text.slice(0, charsMax - 1).replace(/[\ud800-\udbff]$/, "") + "…" : text;
  return cut.replace(controls, "").replace(loneSurrogates, "\uFFFD");
}

/** One trimmed line for people, such as a camera's name; null when nothing is left. */
export function cleanLine(text: string, charsMax: number): string | null {
  const line = cleanText(text.trim().replace(/\s+/g, " "), charsMax).trim();
  return line === "" ? null : line;
}
