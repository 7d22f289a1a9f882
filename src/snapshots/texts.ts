import { fold } from "../db/fold.ts";
import type { EntityId } from "../db/ids.ts";
import { identifier, join, sql } from "../db/sql.ts";
import { openTextMatching, type TextRow } from "../db/text-matching.ts";
import type { Deps } from "../deps.ts";
import { all, any, leaf, whereOf, type Condition } from "../search/filters/conditions.ts";
import type { Moment } from "../versions/moment.ts";
import { textColumns, type Term, type TextColumn, type Wanted } from "../search/text.ts";

type Needs = Pick<Deps, "db">;

/** Columns that are kept without case and accents as well. */
const foldedColumns: ReadonlySet<TextColumn> = new Set<TextColumn>([
  "label",
  "description",
  "originalName",
  "cameraMake",
  "cameraModel",
]);

/** Rows in one lot: a megabyte or so. */
const lotRows = 2000;

const isAscii = (text: string) => /^[\x20-\x7e]*$/.test(text);

/** Roughly the words the index would make of a text. */
const wordsOf = (text: string) => text.normalize("NFC").match(/[\p{L}\p{N}\p{Co}]+/gu) ?? [];

/**
 * What every text with this word in it meets, and few others. Words that are the same to the index are the
 * same when folded; so a word that folds to ASCII stands in the folded text, and any other one only in
 * a text that is not all ASCII.
 */
function mayHave(column: TextColumn, word: string): Condition {
  const plain = sql`v.${identifier(column)}`;
  const folded = fold(word);
  const isForeign = leaf(sql`length(${plain}) <> length(CAST(${plain} AS BLOB))`);
  if (!isAscii(folded)) return isForeign;
  if (foldedColumns.has(column)) return leaf(sql`instr(v.${identifier(`${column}Folded`)}, ${folded}) > 0`);
  return any([leaf(sql`instr(lower(${plain}), ${folded}) > 0`), isForeign]);
}

const mayMatch = ({ columns, text }: Term): Condition =>
  any((columns ?? textColumns).map((column) => all(wordsOf(text).map((word) => mayHave(column, word)))));

type Texts = Record<TextColumn, string | null>;
interface Replaced extends Texts {
  readonly isDeleted: number;
  /** UTC milliseconds. */
  readonly addedAt: number;
  readonly entityId: EntityId;
}

const columns = join(
  ["isDeleted", "addedAt", "entityId", ...textColumns].map((column) => sql`v.${identifier(column)}`),
);

/**
 * Versions that held at the moment and do not any more, lot by lot. They come in the order of the index of
 * arrivals, which has the interval too: only the rows of such versions are looked at.
 */
function* listReplaced(
  { db }: Needs,
  { transactionId, at }: Moment,
  candidates: Condition,
): Generator<readonly Replaced[]> {
  const found = whereOf(candidates);
  let last = { isDeleted: 0, addedAt: 0, entityId: 0 };
  let rows: readonly Replaced[];
  do {
    rows = db.reader.all<Replaced>(sql`
      SELECT ${columns} FROM "EntityVersion" v
      WHERE (v."isDeleted", v."addedAt", v."entityId") > (${last.isDeleted}, ${last.addedAt}, ${last.entityId})
        AND +v."addedAt" <= ${at} AND +v."transactionId" <= ${transactionId}
        AND v."untilTransactionId" > ${transactionId} AND (${found})
      ORDER BY v."isDeleted", v."addedAt", v."entityId" LIMIT ${lotRows}`);
    yield rows;
    last = rows.at(-1) ?? last;
  } while (rows.length === lotRows);
}

/**
 * Entities whose version of then has been replaced since, and matched. No index holds the texts of those, so
 * the cost grows with how many there are: narrowed down in SQL first, then compared by the index's own rules.
 */
export function listReplacedMatches(
  needs: Needs,
  moment: Moment,
  { expression, terms, by }: Wanted,
): EntityId[] {
  const candidates = (by === "every" ? all : any)(terms.map(mayMatch));
  const matching = openTextMatching(textColumns, expression);
  try {
    const found: EntityId[] = [];
    for (const rows of listReplaced(needs, moment, candidates))
      found.push(
        ...matching.match(
          rows.map((row): TextRow => [row.entityId, ...textColumns.map((column) => row[column])]),
        ),
      );
    return found;
  } finally {
    matching.close();
  }
}
