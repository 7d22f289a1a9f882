import type { EntityVersion } from "../db/generated/client.ts";
import { entityVersionOf, versionColumns } from "../db/rows.ts";
import { sql } from "../db/sql.ts";
import type { Deps } from "../deps.ts";
import { all, always, any, leaf, whereOf, type Condition } from "../search/filters/conditions.ts";
import { filterCondition } from "../search/filters/entity-filter.ts";
import type { EntityFilter } from "../search/filters/filter.ts";
import { live } from "../search/source.ts";
import { listTombstones } from "../transactions/service.ts";

type Needs = Pick<Deps, "db">;

/** How far a reader has come: everything up to here was delivered. Versions come before what was destroyed. */
export interface Cursor {
  readonly transactionId: number;
  /** The last of that transaction's versions; all of them for infinity. */
  readonly entityId: number;
  readonly version: number;
  /** The last of the entities that it destroyed. */
  readonly destroyedId: number;
}

export const afterTransaction = (transactionId: number): Cursor => ({
  ...{ transactionId, entityId: Number.MAX_SAFE_INTEGER, version: 0 },
  destroyedId: Number.MAX_SAFE_INTEGER,
});

export interface Batch {
  readonly events: readonly EntityVersion[];
  readonly cursor: Cursor;
  /** Whether there was nothing more up to where it was read. */
  readonly isLast: boolean;
}

/** Rows of each kind read at once. */
const batchRows = 200;

/**
 * What concerns a filter: what meets it after the change, or has met it before and left it with the change. Where
 * the version before was pruned it may have, and who mirrors what meets the filter must hear of it.
 */
export function concerns(filter: EntityFilter | null | undefined): Condition {
  if (filter == null) return always;
  const as = (alias: string) =>
    filterCondition(filter, { ...live, alias, id: "entityId", around: () => always });
  const hadMet = all([leaf(sql`p."entityId" IS NOT NULL`), as("p")]);
  const mayHaveMet = leaf(sql`(p."entityId" IS NULL AND v."version" > 1)`);
  return any([as("v"), hadMet, mayHaveMet]);
}

function listVersions(
  { db }: Needs,
  condition: Condition,
  cursor: Cursor,
  lastTransactionId: number,
): EntityVersion[] {
  const { transactionId, entityId, version } = cursor;
  return db.reader
    .all<Record<string, unknown>>(
      sql`SELECT ${versionColumns} FROM "EntityVersion" v
          LEFT JOIN "EntityVersion" p ON p."entityId" = v."entityId" AND p."version" = v."version" - 1
          WHERE (v."transactionId", v."entityId", v."version") > (${transactionId}, ${entityId}, ${version})
            AND v."transactionId" <= ${lastTransactionId} AND (${whereOf(condition)})
          ORDER BY v."transactionId", v."entityId", v."version" LIMIT ${batchRows}`,
    )
    .map(entityVersionOf);
}

/** In the order in which things happened; within a transaction versions first, by entity. */
function compare(one: EntityVersion, other: EntityVersion): number {
  const isGone = (event: EntityVersion) => (event.operation === "HARD_DELETE" ? 1 : 0);
  return (
    one.transactionId - other.transactionId ||
    isGone(one) - isGone(other) ||
    one.entityId - other.entityId ||
    one.version - other.version
  );
}

const lastTransactionId = ({ db }: Needs): number =>
  db.reader.get<{ id: number | null }>(sql`SELECT MAX("id") AS "id" FROM "Transaction"`)?.id ?? 0;

/** Just after everything there is. */
export const end = (needs: Needs): Cursor => afterTransaction(lastTransactionId(needs));

/** What came after the cursor and up to the `last` transaction, in order, as far as it was read. */
export function readBatch(needs: Needs, condition: Condition, cursor: Cursor, last: Cursor): Batch {
  const versions = listVersions(needs, condition, cursor, last.transactionId);
  const destroyed = listTombstones(needs, cursor.transactionId, cursor.destroyedId, batchRows).filter(
    ({ transactionId }) => transactionId <= last.transactionId,
  );
  // Beyond the end of a list that was cut, the other list may have what comes later.
  const ends = [versions, destroyed].flatMap((list) => (list.length === batchRows ? list.slice(-1) : []));
  const events = [...versions, ...destroyed]
    .sort(compare)
    .filter((event) => ends.every((end) => compare(event, end) <= 0));
  const next = advance(cursor, events);
  if (ends.length > 0) return { events, cursor: next, isLast: false };
  // What does not concern the filter need not be looked at again.
  return { events, cursor: next.transactionId > last.transactionId ? next : last, isLast: true };
}

function advance(cursor: Cursor, events: readonly EntityVersion[]): Cursor {
  let next = cursor;
  for (const { transactionId, entityId, version, operation } of events) {
    const same =
      next.transactionId === transactionId
        ? next
        : { transactionId, entityId: 0, version: 0, destroyedId: 0 };
    next = operation === "HARD_DELETE" ? { ...same, destroyedId: entityId } : { ...same, entityId, version };
  }
  return next;
}
