import { setTimeout as delay } from "node:timers/promises";
import type { Tx } from "../../database/db.ts";
import { list, rowsOf, thenJoin } from "../../database/dialect.ts";
import type { EntityId } from "../../database/model/ids.ts";
import { sql, type Sql } from "../../database/sql.ts";
import type { Deps } from "../../deps.ts";
import {
  forgetOriginals,
  listUnusedOriginals,
  removeForgottenFiles,
} from "../../library/originals/service.ts";
import { findMoment } from "../versions/moment.ts";
import { describeLimits, keepsEverything, keptSince } from "./rules.ts";

type Needs = Pick<Deps, "config" | "clock" | "db" | "storage" | "derivativeStore" | "fileLocks">;

/** The counts of a pruning, done or planned. */
export interface Pruned {
  readonly versions: number;
  /** Files that no version refers to. */
  readonly originals: number;
  /** Bytes of those files. */
  readonly bytes: number;
}

const nothing: Pruned = { versions: 0, originals: 0, bytes: 0 };
const sum = (one: Pruned, other: Pruned): Pruned => ({
  versions: one.versions + other.versions,
  originals: one.originals + other.originals,
  bytes: one.bytes + other.bytes,
});

/** Versions in one transaction: some tens of milliseconds, in which writers wait. */
const batchVersions = 500;
/** Entities looked at by one statement: some milliseconds, in which nothing else runs. */
const lotEntities = 2000;

/**
 * Which versions "v" of entities "e" may go. Both limits take the oldest first, so what stays of an entity is without
 * gaps; and neither goes beyond the current version, which is never replaced and always among the newest. As a bound on
 * the number it is a range of the primary key: versions that stay are not read, but for one of each entity.
 */
async function prunable({ config, clock, db }: Needs): Promise<Sql> {
  const { historyVersionsMax } = config;
  const since = keptSince(config, clock.now());
  const newestFrom = historyVersionsMax === 0 ? sql`0` : sql`e."version" - ${historyVersionsMax} + 1`;
  // Times of transactions grow with their ids; so a version that had ended by then ended in this one or before.
  const last = since == null ? undefined : await findMoment({ db }, new Date(since.getTime() - 1));
  const recentFrom =
    last == null
      ? sql`0`
      : sql`(SELECT w."version" FROM "EntityVersion" w
             WHERE w."entityId" = e."id" AND COALESCE(w."untilTransactionId" > ${last.transactionId}, TRUE)
             ORDER BY w."version" LIMIT 1)`;
  return sql`e."version" > 1 AND (v."version" < ${newestFrom} OR v."version" < ${recentFrom})`;
}

/** Counts the versions that would be pruned now. One statement that reads every old version: for a command, not for a server at work. */
export async function surveyHistory(needs: Needs): Promise<Pruned> {
  if (keepsEverything(needs.config)) return nothing;
  const { reader } = needs.db;
  const goes = await prunable(needs);
  const versions = await reader.get<Pick<Pruned, "versions">>(sql`
    SELECT COUNT(*) AS "versions"
    FROM "Entity" e ${thenJoin} "EntityVersion" v ON v."entityId" = e."id" AND ${goes}`);
  const files = await reader.get<Omit<Pruned, "versions">>(sql`
    SELECT COUNT(*) AS "originals", COALESCE(SUM(o."fileSize"), 0) AS "bytes" FROM "Original" o
    WHERE NOT EXISTS (
      SELECT 1 FROM "EntityVersion" v JOIN "Entity" e ON e."id" = v."entityId"
      WHERE v."originalId" = o."id" AND NOT (${goes}))`);
  return { ...nothing, ...versions, ...files };
}

/** Entities with ids from `after`, exclusive, to `to`, inclusive. */
interface Lot {
  readonly after: EntityId;
  readonly to: EntityId;
}

async function findLot({ db }: Needs, after: EntityId): Promise<Lot | undefined> {
  const row = await db.reader.get<{ to: EntityId | null }>(sql`
    SELECT MAX("id") AS "to" FROM (SELECT "id" FROM "Entity" WHERE "id" > ${after} ORDER BY "id" LIMIT ${lotEntities}) e`);
  return row?.to == null ? undefined : { after, to: row.to };
}

interface Going {
  readonly entityId: EntityId;
  readonly version: number;
  readonly originalId: number | null;
}

/** The next versions to go, each entity's oldest first, so that a break after any batch leaves no gap. */
const listGoing = (
  { reader }: Pick<Tx, "reader">,
  { after, to }: Lot,
  goes: Sql,
  limit: number,
): Promise<Going[]> =>
  reader.all<Going>(sql`
    SELECT v."entityId", v."version", v."originalId"
    FROM "Entity" e ${thenJoin} "EntityVersion" v ON v."entityId" = e."id" AND ${goes}
    WHERE e."id" > ${after} AND e."id" <= ${to}
    ORDER BY e."id", v."version" LIMIT ${limit}`);

interface Running {
  /** Stops it after the transaction under way. */
  readonly signal: AbortSignal;
  /** How long it rests after each step, as a multiple of the step's time, so that other work gets its turn. */
  readonly restFactor: number;
}

/**
 * Destroys the versions outside the settings' limits, and the files that nothing refers to afterwards: in many
 * small transactions, between which others can write. When stopped it leaves the rest to the next run.
 * @throws {StorageFullError}
 */
export async function pruneHistory(needs: Needs, { signal, restFactor }: Running): Promise<Pruned> {
  if (keepsEverything(needs.config)) return nothing;
  const goes = await prunable(needs);
  const isStopped = () => signal.aborted;
  let pruned = nothing;
  let startedAt = performance.now();
  const rest = async () => {
    const restMs = (performance.now() - startedAt) * restFactor;
    await delay(restMs, undefined, { signal, ref: restFactor === 0 }).catch(() => undefined);
    startedAt = performance.now();
  };
  for (let lot = await findLot(needs, 0); lot != null && !isStopped(); lot = await findLot(needs, lot.to)) {
    // Looks outside of a transaction first: usually there is nothing, and no writer has to wait.
    while (!isStopped() && (await listGoing(needs.db, lot, goes, 1)).length > 0) {
      pruned = sum(pruned, await pruneBatch(needs, lot, goes));
      // The commit comes first: a crash here leaves files without rows, which the next start removes.
      await removeForgottenFiles(needs, signal);
      await rest();
    }
    await rest();
  }
  return pruned;
}

/** Places in albums that no version has any more. */
async function forgetPlaces(tx: Tx, going: readonly Going[]): Promise<void> {
  const ids = list([...new Set(going.map(({ entityId }) => entityId))]);
  await tx.write(sql`
    DELETE FROM "AlbumMember" WHERE "albumId" IN (${ids}) AND "untilTransactionId" <= (
      SELECT MIN(v."transactionId") FROM "EntityVersion" v WHERE v."entityId" = "AlbumMember"."albumId")`);
}

function pruneBatch({ db, config }: Needs, lot: Lot, goes: Sql): Promise<Pruned> {
  const opening = { operation: "prune", actor: null, reason: describeLimits(config) };
  return db.transaction(opening, async (tx) => {
    const going = await listGoing(tx, lot, goes, batchVersions);
    if (going.length === 0) return nothing;
    await tx.record();
    const pairs = going.map(({ entityId, version }) => [entityId, version]);
    // Prisma would spell five hundred pairs out.
    await tx.write(sql`
      DELETE FROM "EntityVersion" WHERE ("entityId", "version") IN (
        SELECT t."entityId", t."version" FROM ${rowsOf("t", ["entityId", "version"], pairs)})`);
    await forgetPlaces(tx, going);
    const originalIds = going.flatMap(({ originalId }) => (originalId == null ? [] : [originalId]));
    const originals = await listUnusedOriginals(tx, originalIds);
    await forgetOriginals(tx, originals);
    const bytes = originals.reduce((total, { fileSize }) => total + fileSize, 0);
    return { versions: going.length, originals: originals.length, bytes };
  });
}
