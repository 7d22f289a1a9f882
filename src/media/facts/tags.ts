/**
 * exiftool's answer for one file: `Group:Tag` → value. Values are hostile: any JSON, any length.
 * Built by `JSON.parse`, so names such as `__proto__` are plain own properties of it.
 */
export type Tags = Readonly<Record<string, unknown>>;

function valueOf(tags: Tags, name: string): unknown {
  const value = Object.hasOwn(tags, name) ? tags[name] : undefined;
  // exiftool answers with a list where a file repeats a tag; the first is the file's own.
  return Array.isArray(value) ? (value as unknown[])[0] : value;
}

/** exiftool writes what looks like a number as a number, so a camera named "350" comes as one. */
const asText = (value: unknown): string | null =>
  typeof value === "string" ? value : typeof value === "number" ? String(value) : null;

/** The tag as trimmed text; null when it is absent, blank or not a scalar. */
export function readText(tags: Tags, name: string): string | null {
  const text = asText(valueOf(tags, name))?.trim();
  return text == null || text === "" ? null : text;
}

/** The number a tag begins with ("24.0 mm" is 24); null when it is absent or not finite. */
export function readNumber(tags: Tags, name: string): number | null {
  const text = readText(tags, name);
  // Longer text is no number, and not worth a regular expression.
  if (text == null || text.length > 100) return null;
  const match = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?/i.exec(text);
  const number = match ? Number(match[0]) : NaN;
  return Number.isFinite(number) ? number : null;
}

/** Every text of a tag that may be single or a list; empty when it is absent. */
export function readList(tags: Tags, name: string): string[] {
  const value = Object.hasOwn(tags, name) ? tags[name] : undefined;
  const values: unknown[] = Array.isArray(value) ? value : [value];
  return values.flatMap((entry) => asText(entry) ?? []);
}

/** The answer of `read` for the first name that has one. */
export function firstOf<T>(
  tags: Tags,
  names: readonly string[],
  read: (tags: Tags, name: string) => T | null,
) {
  for (const name of names) {
    const value = read(tags, name);
    if (value != null) return value;
  }
  return null;
}
