import type { Viewer } from "../../auth/viewer.ts";
import type { Tx } from "../../database/db.ts";
import type { Entity } from "../../database/generated/client.ts";
import type { EntityChange } from "../../database/versioning/change.ts";
import type { EntityId } from "../../database/model/ids.ts";
import type { Deps } from "../../deps.ts";
import type { DescribedEdit } from "../entities/described.ts";
import { checkIds, checkReason } from "../entities/rules.ts";
import { checkVersion, getEntities, getEntity } from "../entities/service.ts";
import { checkCycle, checkDepth, getParent } from "../entities/tree.ts";
import type { Edited, EditedMany } from "../../history/transactions/edited.ts";
import { changedColumns, checkEdit, type Edit, type EditedColumns } from "./rules.ts";

type Needs = Pick<Deps, "db" | "config">;

/**
 * @throws {NotFoundError} for the entity or the new parent
 * @throws {VersionConflictError}
 * @throws {NotACollectionError}
 * @throws {ParentCycleError} @throws {TreeTooDeepError}
 * @throws {BadUserInputError}
 */
export function updateEntity(
  { db }: Needs,
  viewer: Viewer,
  id: string,
  edit: Edit,
  { ifVersion, reason }: { ifVersion?: number | null | undefined; reason?: string | null | undefined },
): Promise<Edited> {
  const described = checkEdit(edit);
  const opening = { operation: "updateEntity", actor: viewer.actor, reason: checkReason(reason) };
  return db.transaction(opening, async (tx) => {
    const entity = await getEntity(tx, id);
    await checkVersion(tx, entity, ifVersion);
    const parentId = await resolveParent(tx, edit);
    const columns = await changeOf(tx, entity, edit, described, parentId);
    if (columns == null) return { entity, transactionId: null };
    await tx.prisma.entity.update({ where: { id: entity.id }, data: columns, select: { id: true } });
    await checkMove(tx, [entity.id], columns);
    return { entity: await getEntity(tx, entity.id), transactionId: tx.transactionId };
  });
}

/** The same change to all of them in one transaction; @returns the ids of those it changed. */
export function updateEntities(
  { db, config }: Needs,
  viewer: Viewer,
  ids: readonly string[],
  edit: Edit,
  reason: string | null | undefined,
): Promise<EditedMany> {
  const described = checkEdit(edit);
  const wanted = checkIds(ids, config.batchIdsMax);
  const opening = { operation: "updateEntities", actor: viewer.actor, reason: checkReason(reason) };
  return db.transaction(opening, async (tx) => {
    const parentId = await resolveParent(tx, edit);
    const changes: EntityChange[] = [];
    for (const entity of await getEntities(tx, wanted)) {
      const columns = await changeOf(tx, entity, edit, described, parentId);
      if (columns != null) changes.push({ id: entity.id, columns });
    }
    await tx.change(changes);
    const changed = changes.map(({ id }) => id);
    if (parentId != null) await checkDepth(tx, "input.parentId", changed);
    return { ids: changed, transactionId: tx.transactionId };
  });
}

/** undefined leaves the place as it is, null is the top. */
async function resolveParent(tx: Tx, { parentId }: Edit): Promise<EntityId | null | undefined> {
  return parentId == null ? parentId : (await getParent(tx, parentId)).id;
}

async function changeOf(
  tx: Tx,
  entity: Entity,
  edit: Edit,
  described: DescribedEdit,
  parentId: EntityId | null | undefined,
): Promise<EditedColumns | null> {
  if (parentId != null && entity.isCollection) await checkCycle(tx, entity.id, parentId);
  return changedColumns(entity, edit, described, parentId);
}

/** Their heights are known once they are where they shall be: one may have been below another. */
async function checkMove(tx: Tx, ids: readonly EntityId[], { parentId }: EditedColumns): Promise<void> {
  if (parentId != null) await checkDepth(tx, "input.parentId", ids);
}
