import { cleanLine } from "../types/clean-text.ts";
import { readList, type Tags } from "./tags.ts";

const keywordsMax = 500;
const keywordCharsMax = 200;

/** The words people filed the picture under; a hierarchical one keeps its path (`Places|Italy|Rome`). */
export function readKeywords(tags: Tags): string[] {
  const texts = [
    ...readList(tags, "IPTC:Keywords"),
    ...readList(tags, "XMP:Subject"),
    ...readList(tags, "XMP:HierarchicalSubject"),
    // Windows joins its keywords with semicolons.
    ...readList(tags, "EXIF:XPKeywords").flatMap((text) => text.split(";")),
  ];
  const keywords = new Set<string>();
  for (const text of texts) {
    const keyword = cleanLine(text, keywordCharsMax);
    if (keyword != null) keywords.add(keyword);
    if (keywords.size >= keywordsMax) break;
  }
  return [...keywords];
}
