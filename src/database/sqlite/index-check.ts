import type { Reader } from "../reader.ts";
import { identifier, join, sql } from "../sql.ts";
import { indexColumns, indexedTexts, textColumns, type Texts } from "../model/search-terms.ts";

interface Indexed extends Texts {
  readonly id: number;
  /** How many words each column has, as variable-length integers. @see https://sqlite.org/fts5.html#fts5_data_structures */
  readonly sizes: Uint8Array;
}

const lotRows = 2000;
const texts = join(textColumns.map((column) => sql`e.${identifier(column)}`));

/** SQLite's variable-length integers: seven bits a byte, the high bit where another one follows. */
function readSizes(bytes: Uint8Array): number[] {
  const sizes: number[] = [];
  let size = 0;
  for (const byte of bytes) {
    size = size * 128 + (byte & 0x7f);
    if ((byte & 0x80) === 0) {
      sizes.push(size);
      size = 0;
    }
  }
  return sizes;
}

const countWords = (text: string) => (text === "" ? 0 : text.split(" ").length);

/**
 * Entities of which the full-text index has another number of words than their strings have. The index stores no
 * strings, so one word in place of another is not seen. About 40 s for a million.
 */
export async function* findMisindexed(reader: Pick<Reader, "all">): AsyncGenerator<number> {
  let above = 0;
  let lot: Indexed[];
  do {
    lot = await reader.all<Indexed>(sql`
      SELECT e."id", ${texts}, d."sz" AS "sizes" FROM "Entity" e
      JOIN "Entity_fts_docsize" d ON d."id" = CASE WHEN e."isDeleted" THEN -e."id" ELSE e."id" END
      WHERE e."id" > ${above} ORDER BY e."id" LIMIT ${lotRows}`);
    for (const row of lot) {
      const sizes = readSizes(row.sizes);
      const words = indexedTexts(row).map(countWords);
      if (!indexColumns.every((_, index) => sizes[index] === words[index])) yield row.id;
    }
    above = lot.at(-1)?.id ?? above;
  } while (lot.length === lotRows);
}
