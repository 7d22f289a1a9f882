import { checkPermission, type Viewer } from "../../auth/viewer.ts";
import type { Tx } from "../../database/db.ts";
import type { Entity, EntityVersion } from "../../database/generated/client.ts";
import { parseId, parseTransactionId, transactionIdText, type EntityId } from "../../database/model/ids.ts";
import { entityColumns, entityOf } from "../../database/model/rows.ts";
import { sql } from "../../database/sql.ts";
import type { PastState } from "../../database/versioning/past-state.ts";
import type { Deps } from "../../deps.ts";
import { restoreMembers } from "../../library/albums/places.ts";
import { checkReason } from "../../library/entities/rules.ts";
import { checkVersion, getEntity, readEntities } from "../../library/entities/service.ts";
import { checkCycle, checkDepth, listDeletedTogether, listLiveSubtree } from "../../library/entities/tree.ts";
import { BadUserInputError, NotFoundError } from "../../errors.ts";
import { DuplicateFileError } from "../../library/originals/errors.ts";
import type { Edited } from "../transactions/edited.ts";
import { findUndos } from "../transactions/service.ts";
import { setDeleted } from "../../library/trash/service.ts";
import { findVersion } from "../versions/service.ts";
import { ParentGoneError, ParentTrashedError, UndoConflictError } from "./errors.ts";
import { findBrokenTree, findObstacle, listMoved } from "./obstacles.ts";
import { findChangedSince, isSameState, type Change, type Obstacle } from "./rules.ts";

type Needs = Pick<Deps, "db">;
type Reason = string | null | undefined;

/**
 * State and file of an earlier version become a new one. Into the trash and out of it a collection goes as by a
 * soft delete or a restore: with everything live below it, or with what was deleted together with it.
 * @throws {NotFoundError} for the entity or the version
 * @throws {VersionConflictError}
 * @throws {ParentGoneError} @throws {ParentTrashedError} @throws {ParentCycleError} @throws {TreeTooDeepError}
 * @throws {DuplicateFileError} when the file belongs to another entity now
 */
export function revertEntity(
  needs: Needs,
  viewer: Viewer,
  id: string,
  toVersion: number,
  { ifVersion, reason }: { ifVersion?: number | null | undefined; reason?: Reason },
): Promise<Edited> {
  const parsed = parseId(id);
  if (parsed == null) throw new NotFoundError("Entity", id);
  const opening = {
    ...{ operation: "revertEntity", actor: viewer.actor, reason: checkReason(reason) },
    ...({ change: "REVERT", changeOf: parsed } as const),
  };
  return needs.db.transaction(opening, async (tx) => {
    const entity = await getEntity(tx, parsed);
    await checkVersion(tx, entity, ifVersion);
    const version = await findVersion(needs, entity.id, toVersion);
    if (version == null) throw new NotFoundError("Version", `${entity.id}@${toVersion}`);
    if (isSameState(entity, version)) return { entity, transactionId: null };
    await checkPlace(tx, entity, version);
    await checkFile(tx, entity, version);
    const others = await listCompanions(tx, entity, version);
    const state = { id: entity.id, version: version.version };
    await tx.restore([state], "now");
    await restoreMembers(tx, [state], await tx.record());
    if (version.parentId !== entity.parentId) await checkDepth(tx, "toVersion", [entity.id]);
    await setDeleted(tx, others, version.isDeleted);
    return { entity: await getEntity(tx, entity.id), transactionId: tx.transactionId };
  });
}

/** A kind never changes and an id is never used again: what was a collection then is one, or is gone. */
async function checkPlace(
  tx: Tx,
  { id, isCollection }: Entity,
  { parentId, isDeleted }: EntityVersion,
): Promise<void> {
  if (parentId == null) return;
  const parent = (await readEntities(tx.reader, [parentId])).get(parentId);
  if (parent == null) throw new ParentGoneError(id, parentId);
  if (parent.isDeleted && !isDeleted) throw new ParentTrashedError(id, parentId);
  if (isCollection) await checkCycle(tx, id, parentId);
}

async function checkFile({ reader }: Tx, { id }: Entity, { md5 }: EntityVersion): Promise<void> {
  if (md5 == null) return;
  const row = await reader.get<Record<string, unknown>>(
    sql`SELECT ${entityColumns} FROM "Entity" e WHERE e."md5" = ${md5} AND e."id" <> ${id}`,
  );
  if (row != null) throw new DuplicateFileError(entityOf(row), "destroy that one first");
}

/** The entities that are trashed or restored together with a collection. */
async function listCompanions(
  tx: Tx,
  { id, isDeleted }: Entity,
  version: EntityVersion,
): Promise<EntityId[]> {
  if (isDeleted === version.isDeleted) return [];
  const together = version.isDeleted ? await listLiveSubtree(tx, [id]) : await listDeletedTogether(tx, [id]);
  return together.filter((other) => other !== id);
}

/** A transaction taken back by another one. */
export interface Undone {
  readonly ids: readonly EntityId[];
  readonly transactionId: number;
}

/**
 * Each entity that a transaction changed gets the state it had before, all of them in one transaction or none;
 * what the transaction created goes to the trash. Undoing an undo does it again.
 * @throws {NotFoundError}
 * @throws {ForbiddenError} for a transaction of another viewer, without the permission `admin`
 * @throws {BadUserInputError} for a transaction that destroyed something, or changed nothing
 * @throws {TreeTooDeepError}
 * @throws {UndoConflictError} when something that happened since stands in the way
 */
export function undoTransaction({ db }: Needs, viewer: Viewer, id: string, reason: Reason): Promise<Undone> {
  const undoOf = parseTransactionId(id);
  if (undoOf == null) throw new NotFoundError("Transaction", id);
  const opening = {
    ...{ operation: "undoTransaction", actor: viewer.actor, reason: checkReason(reason) },
    ...({ change: "UNDO", undoOf } as const),
  };
  const refuse = (obstacle: Obstacle | undefined) => {
    if (obstacle != null) throw new UndoConflictError(undoOf, obstacle.conflicts, obstacle.why);
  };
  return db.transaction(opening, async (tx) => {
    const entityCount = await checkUndoable(tx, viewer, undoOf);
    const changes = await listChanges(tx, undoOf);
    refuse(findChangedSince(changes, entityCount, (await findUndos({ db }, [undoOf])).get(undoOf)));
    const states = changes.flatMap((change) => (change.version === 1 ? [] : [pastOf(change)]));
    refuse(await findObstacle(tx, states));
    await tx.restore(states, "then");
    await restoreMembers(tx, states, await tx.record());
    const created = changes.flatMap((change) => (change.version === 1 ? [change.id] : []));
    await setDeleted(tx, created, true);
    const transactionId = await tx.record();
    refuse(await findBrokenTree(tx, transactionId));
    await checkDepth(tx, "id", await listMoved(tx, transactionId));
    return { ids: changes.map((change) => change.id), transactionId };
  });
}

/** Facts that were read from the file in the meantime are not part of anyone's change, and stay. */
const pastOf = ({ id, version, factsVersion }: Change): PastState => ({
  ...{ id, version: version - 1 },
  ...(factsVersion != null && { factsVersion }),
});

/** @returns how many entities the transaction changed. */
async function checkUndoable({ reader }: Tx, viewer: Viewer, id: number): Promise<number> {
  const row = await reader.get<{ actor: string | null; entityCount: number; destroyed: number }>(sql`
    SELECT "actor", "entityCount", (SELECT COUNT(*) FROM "Tombstone" WHERE "transactionId" = ${id}) AS "destroyed"
    FROM "Transaction" WHERE "id" = ${id}`);
  if (row == null) throw new NotFoundError("Transaction", transactionIdText(id));
  // A transaction of an anonymous viewer counts as another viewer's.
  if (row.actor == null || row.actor !== viewer.actor) checkPermission(viewer, "admin");
  if (row.destroyed > 0)
    throw new BadUserInputError(
      "id",
      `transaction ${transactionIdText(id)} destroyed what nothing brings back; it cannot be undone`,
    );
  if (row.entityCount === 0)
    throw new BadUserInputError(
      "id",
      `transaction ${transactionIdText(id)} changed no entity; there is nothing to undo`,
    );
  return row.entityCount;
}

/**
 * The version that an undo wrote is a copy of an earlier one, which may be such a copy itself: two versions of one
 * origin are the same state. So a change that was undone again is none, and undos can be taken one after another.
 * Reading facts changes nothing that people did, so it stands in the way of no undo but that of another reading.
 */
async function listChanges({ reader }: Tx, transactionId: number): Promise<Change[]> {
  const rows = await reader.all<Omit<Change, "isInForce"> & { isInForce: 0 | 1 }>(sql`
    WITH RECURSIVE changed("id", "version", "last", "isReading") AS MATERIALIZED (
      SELECT "entityId", MIN("version"), MAX("version"), MAX(CASE WHEN "operation" = 'READ_FACTS' THEN 1 ELSE 0 END) FROM "EntityVersion"
      WHERE "transactionId" = ${transactionId} GROUP BY "entityId"
    ), origin("id", "isNow", "version") AS (
      SELECT c."id", 0, c."last" FROM changed c JOIN "Entity" e ON e."id" = c."id" AND e."version" <> c."last"
      UNION ALL
      SELECT e."id", 1, e."version" FROM changed c JOIN "Entity" e ON e."id" = c."id" AND e."version" <> c."last"
      UNION ALL
      -- One step for both kinds: PostgreSQL allows one recursive term.
      SELECT o."id", o."isNow", CASE WHEN v."operation" = 'UNDO' THEN (
        SELECT MIN(w."version") - 1 FROM "EntityVersion" w
        WHERE w."transactionId" = t."undoOfId" AND w."entityId" = o."id") ELSE o."version" - 1 END
      FROM origin o
      JOIN changed c ON c."id" = o."id"
      JOIN "EntityVersion" v ON v."entityId" = o."id" AND v."version" = o."version"
        AND (v."operation" = 'UNDO' OR v."operation" = 'READ_FACTS' AND c."isReading" = 0)
      JOIN "Transaction" t ON t."id" = v."transactionId"
    ), found("id", "then", "now") AS (
      -- What an undo put into the trash because it had not been there before is a copy of nothing: version 0.
      SELECT "id", MIN("version") FILTER (WHERE "isNow" = 0 AND "version" > 0), MIN("version") FILTER (WHERE "isNow" = 1 AND "version" > 0)
      FROM origin GROUP BY "id"
    )
    SELECT c."id", c."version", e."transactionId" AS "currentTransactionId",
      e."version" = c."last" OR COALESCE(f."then" = f."now", FALSE) AS "isInForce",
      (SELECT e."version" FROM "EntityVersion" p
       WHERE p."entityId" = e."id" AND p."version" = c."version" - 1 AND p."originalId" = e."originalId"
         AND EXISTS (
           SELECT 1 FROM "EntityVersion" r
           WHERE r."entityId" = e."id" AND r."version" > c."last" AND r."operation" = 'READ_FACTS')) AS "factsVersion"
    FROM changed c JOIN "Entity" e ON e."id" = c."id" LEFT JOIN found f ON f."id" = c."id" ORDER BY c."id"`);
  return rows.map((row) => ({ ...row, isInForce: row.isInForce === 1 }));
}
