import { cleanLine, cleanText } from "../types/clean-text.ts";
import { firstOf, readList, readNumber, readText, type Tags } from "./tags.ts";

/** What the file says of itself in words, and how it was rated; null for what it does not say. */
export interface Description {
  /** -1 (rejected), 1 to 5. */
  rating: number | null;
  altText: string | null;
  /** Several are joined by `; `, as EXIF does. */
  creator: string | null;
  copyright: string | null;
}

const textCharsMax = 10_000;
const creatorCharsMax = 500;

/** XMP's 0 means that nobody has rated it. */
function readRating(tags: Tags, name: string): number | null {
  const rating = Math.round(readNumber(tags, name) ?? 0);
  return rating === -1 || (rating >= 1 && rating <= 5) ? rating : null;
}

function readLong(tags: Tags, name: string): string | null {
  const text = cleanText(readText(tags, name) ?? "", textCharsMax)
    .normalize("NFC")
    .trim();
  return text === "" ? null : text;
}

function readNames(tags: Tags, name: string): string | null {
  const names = readList(tags, name).flatMap((one) => cleanLine(one, creatorCharsMax) ?? []);
  const line = cleanLine([...new Set(names)].join("; "), creatorCharsMax)?.normalize("NFC") ?? "";
  return line === "" ? null : line;
}

/** XMP first, in which people's programs write what is newer; then IPTC and EXIF. */
export const readDescription = (tags: Tags): Description => ({
  rating: firstOf(tags, ["XMP:Rating", "EXIF:Rating"], readRating),
  altText: firstOf(tags, ["XMP:AltTextAccessibility"], readLong),
  creator: firstOf(tags, ["XMP:Creator", "IPTC:By-line", "EXIF:Artist"], readNames),
  copyright: firstOf(tags, ["XMP:Rights", "IPTC:CopyrightNotice", "EXIF:Copyright"], readLong),
});
