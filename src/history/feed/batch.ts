import { thenJoin } from "../../database/dialect.ts";
import type { EntityVersion } from "../../database/generated/client.ts";
import { idMax, type EntityId } from "../../database/model/ids.ts";
import { entityVersionOf, versionColumns } from "../../database/model/rows.ts";
import { identifier, sql } from "../../database/sql.ts";
import type { Deps } from "../../deps.ts";
import { all, always, any, leaf, whereOf, type Condition } from "../../find/search/filters/conditions.ts";
import { filterCondition } from "../../find/search/filters/entity-filter.ts";
import type { EntityFilter } from "../../find/search/filters/filter.ts";
import { keywordedIn, live } from "../../find/search/source.ts";
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
  ...{ transactionId, entityId: idMax, version: 0 },
  destroyedId: idMax,
});

export interface Batch {
  readonly events: readonly EntityVersion[];
  readonly cursor: Cursor;
  /** Whether there was nothing more up to where it was read. */
  readonly isLast: boolean;
}

/** Rows of each kind read at once. */
const batchRows = 200;
/** Versions that a filter looks at in one step. */
export const lookedAtMax = 2_000;

/** Whether the version's entity was a member of the album just after the version's own transaction. */
const wasMember = (alias: string, album: EntityId) => sql`EXISTS (
  SELECT 1 FROM "AlbumMember" m
  WHERE m."albumId" = ${album} AND m."entityId" = ${identifier(alias)}."entityId"
    AND m."transactionId" <= ${identifier(alias)}."transactionId"
    AND m."untilTransactionId" > ${identifier(alias)}."transactionId")`;

/**
 * Selects the versions that concern a filter: those that match it, and those whose predecessor matched. A pruned
 * predecessor may have matched, so its successor is selected too: a mirror of the matching entities must learn of it.
 */
export function concerns(filter: EntityFilter | null | undefined): Condition {
  if (filter == null) return always;
  const as = (alias: string) =>
    filterCondition(filter, {
      ...live,
      alias,
      id: "entityId",
      around: () => always,
      keyworded: keywordedIn(alias),
      memberOf: (album) => leaf(wasMember(alias, album)),
    });
  const hadMet = all([leaf(sql`p."entityId" IS NOT NULL`), as("p")]);
  const mayHaveMet = leaf(sql`(p."entityId" IS NULL AND v."version" > 1)`);
  return any([as("v"), hadMet, mayHaveMet]);
}

const inOrder = sql`ORDER BY v."transactionId", v."entityId", v."version"`;

/** Versions after the cursor and up to the last transaction. */
const rangeOf = ({ transactionId, entityId, version }: Cursor, lastTransactionId: number) => sql`
  FROM "EntityVersion" v
  WHERE (v."transactionId", v."entityId", v."version") > (${transactionId}, ${entityId}, ${version})
    AND v."transactionId" <= ${lastTransactionId}`;

/** The versions found, and the cursor up to which the history was searched. */
interface Found {
  readonly versions: readonly EntityVersion[];
  /** The last version that was looked at; null when there are no more. */
  readonly edge: Place | null;
}

const listAll = async ({ db }: Needs, cursor: Cursor, lastTransactionId: number): Promise<EntityVersion[]> =>
  (
    await db.reader.all<Record<string, unknown>>(
      sql`SELECT ${versionColumns} ${rangeOf(cursor, lastTransactionId)} ${inOrder} LIMIT ${batchRows}`,
    )
  ).map(entityVersionOf);

/**
 * Searches the next piece of the history. A client's filter runs in a reader of its own, and may find nothing: each
 * step examines a limited number of versions, so that none of them takes long.
 * @throws {QueryTooComplexError} when a step takes too long, or the signal was aborted.
 */
async function listMatching(
  { db }: Needs,
  condition: Condition,
  cursor: Cursor,
  lastTransactionId: number,
  signal: AbortSignal,
): Promise<Found> {
  const range = sql`${rangeOf(cursor, lastTransactionId)} ${inOrder}`;
  // Mostly there is nothing, which costs no thread.
  if ((await db.reader.get(sql`SELECT 1 AS "one" ${range} LIMIT 1`)) == null)
    return { versions: [], edge: null };
  const edge = await db.reader.get<Omit<Place, "operation">>(
    sql`SELECT v."transactionId", v."entityId", v."version" ${range} LIMIT 1 OFFSET ${lookedAtMax - 1}`,
  );
  const rows = await db.reader.all<Record<string, unknown>>(
    sql`WITH span AS MATERIALIZED (SELECT v."entityId", v."version" ${range} LIMIT ${lookedAtMax})
        SELECT ${versionColumns} FROM span
        ${thenJoin} "EntityVersion" v ON v."entityId" = span."entityId" AND v."version" = span."version"
        LEFT JOIN "EntityVersion" p ON p."entityId" = v."entityId" AND p."version" = v."version" - 1
        WHERE ${whereOf(condition)} ${inOrder} LIMIT ${batchRows}`,
    { cost: "scan", signal },
  );
  const versions = rows.map(entityVersionOf);
  return { versions, edge: edge == null ? null : { ...edge, operation: "UPDATE" } };
}

type Place = Pick<EntityVersion, "transactionId" | "entityId" | "version" | "operation">;

/** In the order in which things happened; within a transaction versions first, by entity. */
function compare(one: Place, other: Place): number {
  const isGone = (event: Place) => (event.operation === "HARD_DELETE" ? 1 : 0);
  return (
    one.transactionId - other.transactionId ||
    isGone(one) - isGone(other) ||
    one.entityId - other.entityId ||
    one.version - other.version
  );
}

const lastTransactionId = async ({ db }: Needs): Promise<number> =>
  (await db.reader.get<{ id: number | null }>(sql`SELECT MAX("id") AS "id" FROM "Transaction"`))?.id ?? 0;

/** Just after everything there is. */
export const end = async (needs: Needs): Promise<Cursor> => afterTransaction(await lastTransactionId(needs));

/**
 * The versions after the cursor and up to the `last` transaction, in order, as far as they were read; a filter may
 * have found nothing so far.
 * @throws {QueryTooComplexError} when a filter takes too long, or the signal was aborted.
 */
export async function readBatch(
  needs: Needs,
  condition: Condition,
  cursor: Cursor,
  last: Cursor,
  signal: AbortSignal,
): Promise<Batch> {
  const { versions, edge }: Found =
    condition === always
      ? { versions: await listAll(needs, cursor, last.transactionId), edge: null }
      : await listMatching(needs, condition, cursor, last.transactionId, signal);
  const destroyed = (await listTombstones(needs, cursor.transactionId, cursor.destroyedId, batchRows)).filter(
    ({ transactionId }) => transactionId <= last.transactionId,
  );
  const isLookedAt = (event: Place) => edge == null || compare(event, edge) <= 0;
  // Beyond the end of a list that was cut, the other list may have what comes later.
  const ends = [versions, destroyed].flatMap((list) =>
    list.length === batchRows ? list.slice(-1).filter(isLookedAt) : [],
  );
  const events = [...versions, ...destroyed]
    .sort(compare)
    .filter((event) => isLookedAt(event) && ends.every((end) => compare(event, end) <= 0));
  const next = advance(cursor, events);
  if (ends.length > 0) return { events, cursor: next, isLast: false };
  if (edge != null) return { events, cursor: advance(next, [edge]), isLast: false };
  // Versions that do not concern the filter need not be examined again.
  return { events, cursor: next.transactionId > last.transactionId ? next : last, isLast: true };
}

function advance(cursor: Cursor, events: readonly Place[]): Cursor {
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
