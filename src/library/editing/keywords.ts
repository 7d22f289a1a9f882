import type { Viewer } from "../../auth/viewer.ts";
import { fold } from "../../database/model/fold.ts";
import type { EntityId } from "../../database/model/ids.ts";
import { keywordsOf, keywordsToText, normalKeywords, stepMark } from "../../database/model/keywords.ts";
import { sql } from "../../database/sql.ts";
import type { Deps } from "../../deps.ts";
import { keywordIs } from "../../find/search/source.ts";
import type { EditedMany } from "../../history/transactions/edited.ts";
import { checkKeyword, describedColumns, editOf } from "../entities/described.ts";
import { checkReason } from "../entities/rules.ts";
import { readEntities } from "../entities/service.ts";

type Needs = Pick<Deps, "db">;

/** Entities in one transaction: other writers wait for so many, well under a second. */
const batchEntities = 1_000;

/** The keyword after the renaming; what is below a path goes along. */
function renamer(from: string, to: string): (keyword: string) => string {
  const folded = fold(from);
  const steps = from.split(stepMark).length;
  return (keyword) => {
    const own = fold(keyword);
    if (own === folded) return to;
    if (!own.startsWith(folded + stepMark)) return keyword;
    return [to, ...keyword.split(stepMark).slice(steps)].join(stepMark);
  };
}

const withKeywords = (keywords: readonly string[]) =>
  editOf({ keywords: { value: keywordsToText(normalKeywords(keywords)) } });

/**
 * Renames a keyword on both sides of the trash. Where an entity has the new one already, the two become one.
 * @returns the last of its transactions: each has some of the entities, so that others can write in between.
 * @throws {BadUserInputError} for a keyword, or one below it, that cannot be stored; nothing is written then.
 */
export async function renameKeyword(
  { db }: Needs,
  viewer: Viewer,
  given: { readonly from: string; readonly to: string },
  reason: string | null | undefined,
): Promise<EditedMany> {
  const [from, to] = [checkKeyword("from", given.from), checkKeyword("to", given.to)];
  const rename = renamer(from, to);
  const condition = keywordIs(fold(from), "or below");
  const opening = { operation: "renameKeyword", actor: viewer.actor, reason: checkReason(reason) };
  const known = await db.reader.all<{ keyword: string }>(
    sql`SELECT DISTINCT "keyword" FROM "EntityKeyword" WHERE ${condition}`,
    { cost: "scan" },
  );
  for (const { keyword } of known) checkKeyword("to", rename(keyword));

  const ids: EntityId[] = [];
  let transactionId: number | null = null;
  let above = 0;
  for (let isOver = false; !isOver;) {
    const batch = await db.transaction(opening, async (tx) => {
      const rows = await tx.reader.all<{ id: EntityId }>(sql`
        SELECT DISTINCT "entityId" AS "id" FROM "EntityKeyword" WHERE ${condition} AND "entityId" > ${above}
        ORDER BY 1 LIMIT ${batchEntities}`);
      const wanted = rows.map(({ id }) => id);
      const entities = await readEntities(tx.reader, wanted);
      const changes = wanted.flatMap((id) => {
        const entity = entities.get(id);
        if (entity == null) return [];
        const renamed = keywordsOf(entity.keywords).map(rename);
        // The new name comes first: its spelling is the one that is asked for.
        const keywords = renamed.includes(to) ? [to, ...renamed] : renamed;
        const columns = describedColumns(entity, withKeywords(keywords));
        return "keywords" in columns ? [{ id, columns }] : [];
      });
      await tx.change(changes);
      return { wanted, changed: changes.map(({ id }) => id), transactionId: tx.transactionId };
    });
    ids.push(...batch.changed);
    transactionId = batch.transactionId ?? transactionId;
    above = batch.wanted.at(-1) ?? above;
    isOver = batch.wanted.length < batchEntities;
  }
  return { ids, transactionId };
}
