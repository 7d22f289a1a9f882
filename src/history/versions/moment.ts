import { list, unindexed } from "../../database/dialect.ts";
import type { EntityVersion } from "../../database/generated/client.ts";
import type { EntityId } from "../../database/model/ids.ts";
import { entityVersionOf, versionColumns } from "../../database/model/rows.ts";
import { sql } from "../../database/sql.ts";
import type { Deps } from "../../deps.ts";

type Needs = Pick<Deps, "db">;

/** A point of the library's history: just after this transaction, and until the next one. */
export interface Moment {
  readonly transactionId: number;
  /** UTC milliseconds: when the transaction was written. */
  readonly at: number;
}

/**
 * The last transaction at or before an instant; undefined before the first one. Of several in one
 * millisecond it is the last one. Transactions' times never fall as their ids grow, even if the clock does
 * (see the recorder), so the greatest time not after the instant is also the greatest id.
 */
export const findMoment = ({ db }: Needs, instant: Date): Promise<Moment | undefined> =>
  db.reader.get<Moment>(sql`
    SELECT "id" AS "transactionId", "at" FROM "Transaction" WHERE "at" <= ${instant}
    ORDER BY "at" DESC, "id" DESC LIMIT 1`);

/**
 * The versions that were current just after a transaction, by entity; without those of entities that were not there
 * yet, or are destroyed.
 */
export async function findVersionsAsOf(
  { db }: Needs,
  ids: readonly EntityId[],
  transactionId: number,
): Promise<Map<EntityId, EntityVersion>> {
  const rows = await db.reader.all<Record<string, unknown>>(sql`
    SELECT ${versionColumns} FROM (${list(ids)}) t JOIN "EntityVersion" v ON v."entityId" = t."value"
    WHERE ${unindexed(sql`v."transactionId"`)} <= ${transactionId}
      AND (v."untilTransactionId" IS NULL OR v."untilTransactionId" > ${transactionId})`);
  return new Map(rows.map(entityVersionOf).map((version) => [version.entityId, version]));
}

/** One entity's. */
export const findVersionAsOf = async (
  needs: Needs,
  entityId: EntityId,
  transactionId: number,
): Promise<EntityVersion | undefined> =>
  (await findVersionsAsOf(needs, [entityId], transactionId)).get(entityId);
