import { setImmediate } from "node:timers/promises";
import { contains, isBeyondAscii, unindexed } from "../../database/dialect.ts";
import { foldedColumns } from "../../database/model/entity-state.ts";
import type { EntityId } from "../../database/model/ids.ts";
import { identifier, join, sql } from "../../database/sql.ts";
import { gap } from "../../database/model/text-analysis.ts";
import {
  readTexts,
  textColumns,
  type Match,
  type Sought,
  type TextColumn,
  type Texts,
} from "../../database/model/search-terms.ts";
import type { Asking, Deps } from "../../deps.ts";
import { all, any, leaf, whereOf, type Condition } from "../../find/search/filters/conditions.ts";
import { isMatch } from "../../find/search/text.ts";
import type { Moment } from "../versions/moment.ts";

type Needs = Pick<Deps, "db"> & Asking;

/** Rows in one lot: half a megabyte or so, and a few milliseconds to compare. */
const lotRows = 1000;

const isAscii = (text: string) => /^[\x20-\x7e]*$/.test(text);

/**
 * A condition that every string with this word meets, and few others: an ASCII word stands in the folded string, and
 * any other one only in a string that is not all ASCII.
 */
function mayHave(column: TextColumn, word: string): Condition {
  const plain = sql`v.${identifier(column)}`;
  const isForeign = leaf(isBeyondAscii(plain));
  if (!isAscii(word)) return isForeign;
  const folded = foldedColumns.get(column);
  if (folded != null) return leaf(contains(sql`v.${identifier(folded)}`, word));
  return any([leaf(contains(sql`lower(${plain})`, word)), isForeign]);
}

const mayHaveAll = (column: TextColumn, words: readonly string[]): Condition =>
  all(words.map((word) => mayHave(column, word)));

const mayMatch = ({ columns, words, namePart }: Sought): Condition =>
  any([
    ...(columns ?? textColumns).map((column) => mayHaveAll(column, words)),
    ...(namePart == null ? [] : [mayHaveAll("originalName", namePart.split(gap).filter(Boolean))]),
  ]);

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
 * Versions that were current at the moment and are not now, in batches. They come in the order of the index of
 * arrivals, which has the interval too: only the rows of such versions are looked at.
 */
async function* listReplaced(
  { db, signal }: Needs,
  { transactionId, at }: Moment,
  candidates: Condition,
): AsyncGenerator<readonly Replaced[]> {
  const found = whereOf(candidates);
  let last: Pick<Replaced, "isDeleted" | "addedAt" | "entityId"> = { isDeleted: 0, addedAt: 0, entityId: 0 };
  let rows: readonly Replaced[];
  do {
    const next = sql`
      SELECT ${columns} FROM "EntityVersion" v
      WHERE (v."isDeleted", v."addedAt", v."entityId") > (${last.isDeleted === 1}, ${new Date(last.addedAt)}, ${last.entityId})
        AND ${unindexed(sql`v."addedAt"`)} <= ${new Date(at)} AND ${unindexed(sql`v."transactionId"`)} <= ${transactionId}
        AND v."untilTransactionId" > ${transactionId} AND (${found})
      ORDER BY v."isDeleted", v."addedAt", v."entityId" LIMIT ${lotRows}`;
    rows = await db.reader.all<Replaced>(next, { cost: "scan", signal });
    yield rows;
    last = rows.at(-1) ?? last;
  } while (rows.length === lotRows);
}

/**
 * Entities whose version at the moment has been replaced since, and matched. No index contains the strings of those, so
 * the cost grows with how many there are: narrowed down in SQL first, then compared as the index compares.
 * Other requests are answered between two batches.
 * @throws {QueryTooComplexError} when the client has left
 */
export async function listReplacedMatches(needs: Needs, moment: Moment, match: Match): Promise<EntityId[]> {
  const found: EntityId[] = [];
  const candidates = all([
    ...match.every.map(mayMatch),
    ...(match.some.length === 0 ? [] : [any(match.some.map(mayMatch))]),
  ]);
  for await (const rows of listReplaced(needs, moment, candidates)) {
    found.push(...rows.filter((row) => isMatch(match, readTexts(row))).map(({ entityId }) => entityId));
    await setImmediate();
  }
  return found;
}
