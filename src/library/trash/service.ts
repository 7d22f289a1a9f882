import type { Viewer } from "../../auth/viewer.ts";
import type { Tx } from "../../database/db.ts";
import type { Entity } from "../../database/generated/client.ts";
import type { EntityId } from "../../database/model/ids.ts";
import type { Deps } from "../../deps.ts";
import { checkIds, checkReason } from "../entities/rules.ts";
import { checkVersion, getEntities, getEntity, readEntities } from "../entities/service.ts";
import { listDeletedTogether, listLiveSubtree } from "../entities/tree.ts";
import type { Edited, EditedMany } from "../../history/transactions/edited.ts";
import { ParentDeletedError } from "./errors.ts";

type Needs = Pick<Deps, "db" | "config">;
type Reason = string | null | undefined;

/**
 * To the trash; a collection takes everything live below it along, in one transaction.
 * @throws {NotFoundError}
 * @throws {VersionConflictError}
 */
export function softDeleteEntity(
  { db }: Needs,
  viewer: Viewer,
  id: string,
  { ifVersion, reason }: { ifVersion?: number | null | undefined; reason?: Reason },
): Promise<Edited> {
  const opening = { operation: "softDeleteEntity", actor: viewer.actor, reason: checkReason(reason) };
  return db.transaction(opening, async (tx) => {
    const entity = await getEntity(tx, id);
    await checkVersion(tx, entity, ifVersion);
    await setDeleted(tx, await listLiveSubtree(tx, [entity.id]), true);
    return { entity: await getEntity(tx, entity.id), transactionId: tx.transactionId };
  });
}

/** All of them or, when one does not exist, none. @throws {NotFoundError} */
export function softDeleteEntities(
  { db, config }: Needs,
  viewer: Viewer,
  ids: readonly string[],
  reason: Reason,
): Promise<EditedMany> {
  const wanted = checkIds(ids, config.batchIdsMax);
  const opening = { operation: "softDeleteEntities", actor: viewer.actor, reason: checkReason(reason) };
  return db.transaction(opening, async (tx) => {
    const entities = await getEntities(tx, wanted);
    const changed = await listLiveSubtree(
      tx,
      entities.map((entity) => entity.id),
    );
    await setDeleted(tx, changed, true);
    return { ids: changed, transactionId: tx.transactionId };
  });
}

/**
 * Back from the trash, with everything below that was deleted together with it.
 * @throws {NotFoundError}
 * @throws {ParentDeletedError}
 */
export function restoreEntity({ db }: Needs, viewer: Viewer, id: string, reason: Reason): Promise<Edited> {
  const opening = { operation: "restoreEntity", actor: viewer.actor, reason: checkReason(reason) };
  return db.transaction(opening, async (tx) => {
    const entity = await getEntity(tx, id);
    await restoreInside(tx, [entity]);
    return { entity: await getEntity(tx, entity.id), transactionId: tx.transactionId };
  });
}

/** All of them or none. @throws {NotFoundError} @throws {ParentDeletedError} */
export function restoreEntities(
  { db, config }: Needs,
  viewer: Viewer,
  ids: readonly string[],
  reason: Reason,
): Promise<EditedMany> {
  const wanted = checkIds(ids, config.batchIdsMax);
  const opening = { operation: "restoreEntities", actor: viewer.actor, reason: checkReason(reason) };
  return db.transaction(opening, async (tx) => {
    const entities = await getEntities(tx, wanted);
    const changed = await restoreInside(tx, entities);
    return { ids: changed, transactionId: tx.transactionId };
  });
}

/** Part of a transaction that does more; @returns the ids of what came back. @throws {ParentDeletedError} */
export async function restoreInside(tx: Tx, entities: readonly Entity[]): Promise<EntityId[]> {
  const restored = await listDeletedTogether(
    tx,
    entities.map(({ id }) => id),
  );
  const coming = new Set(restored);
  const deleted = entities.filter(({ isDeleted }) => isDeleted);
  const parents = await readEntities(
    tx.reader,
    deleted.flatMap(({ parentId }) => (parentId == null || coming.has(parentId) ? [] : [parentId])),
  );
  for (const { id, parentId } of deleted) {
    const parent = parentId == null ? undefined : parents.get(parentId);
    if (parent?.isDeleted === true) throw new ParentDeletedError(id, parent.id);
  }
  await setDeleted(tx, restored, false);
  return restored;
}

/** Into the trash or out of it, just these; what is deleted together comes back together. */
export async function setDeleted({ prisma }: Tx, ids: EntityId[], isDeleted: boolean): Promise<void> {
  if (ids.length === 0) return;
  await prisma.entity.updateMany({ where: { id: { in: ids } }, data: { isDeleted } });
}
