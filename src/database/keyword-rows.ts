import type { EntityId } from "./model/ids.ts";
import { fold } from "./model/fold.ts";
import { foldKeywords, keywordsOf, keywordsToText, normalKeywords } from "./model/keywords.ts";

/** An entity whose keywords are written into the table by which they are found. */
export interface Keyworded {
  readonly id: EntityId;
  readonly isDeleted: number;
  readonly keywords: string | null;
}

/** Keywords come again and again. */
const known = new Map<string, string>();
const knownMax = 20_000;

function foldKnown(keyword: string): string {
  let folded = known.get(keyword);
  if (folded == null) {
    if (known.size >= knownMax) known.clear();
    known.set(keyword, (folded = fold(keyword)));
  }
  return folded;
}

/** A row of `EntityKeyword`: folded, entity, side of the trash, as it was written. */
export type KeywordRow = readonly [folded: string, entityId: EntityId, isDeleted: number, keyword: string];

export const keywordRowsOf = (entities: readonly Keyworded[]): KeywordRow[] =>
  entities.flatMap(({ id, isDeleted, keywords }) => {
    const own = new Map(keywordsOf(keywords).map((keyword) => [foldKnown(keyword), keyword] as const));
    own.delete("");
    return [...own].map(([folded, keyword]) => [folded, id, isDeleted, keyword] as const);
  });

/** Keywords of a row that an earlier program wrote, in the order of the file: as they are written now. */
export function refoldedKeywords(text: string): { keywords: string | null; keywordsFolded: string | null } {
  const keywords = keywordsToText(normalKeywords(keywordsOf(text)));
  return { keywords, keywordsFolded: keywords == null ? null : foldKeywords(keywords) };
}
