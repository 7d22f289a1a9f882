import type { EntityVersion } from "../db/generated/client.ts";
import type { EntityId } from "../db/ids.ts";
import { entityVersionOf, versionColumns } from "../db/rows.ts";
import { sql } from "../db/sql.ts";
import type { Deps } from "../deps.ts";

type Needs = Pick<Deps, "db">;

/** A point of the library's history: just after this transaction, and until the next one. */
export interface Moment {
  readonly transactionId: number;
  /** UTC milliseconds: when the transaction was written. */
  readonly at: number;
}

/**
 * What was last written at or before an instant; undefined before the first transaction. Of several in one
 * millisecond it is the last one. Transactions' times never fall as their ids grow, whatever the clock did
 * (see the recorder), so the greatest time not after the instant is also the greatest id.
 */
export const findMoment = ({ db }: Needs, instant: Date): Moment | undefined =>
  db.reader.get<Moment>(sql`
    SELECT "id" AS "transactionId", "at" FROM "Transaction" WHERE "at" <= ${instant.getTime()}
    ORDER BY "at" DESC, "id" DESC LIMIT 1`);

/** The version that was current just after a transaction; undefined when the entity was not there yet, or is destroyed. */
export function findVersionAsOf(
  { db }: Needs,
  entityId: EntityId,
  transactionId: number,
): EntityVersion | undefined {
  // The versions of an entity follow each other without a gap: the last one begun is the one that holds, if it is
  // kept at all.
  const row = db.reader.get<Record<string, unknown>>(sql`
    SELECT ${versionColumns} FROM "EntityVersion" v
    WHERE v."entityId" = ${entityId} AND +v."transactionId" <= ${transactionId}
      AND (v."untilTransactionId" IS NULL OR v."untilTransactionId" > ${transactionId})
    ORDER BY v."version" DESC LIMIT 1`);
  return row == null ? undefined : entityVersionOf(row);
}
