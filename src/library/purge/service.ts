import type { Viewer } from "../../auth/viewer.ts";
import type { Tx } from "../../database/db.ts";
import { list } from "../../database/dialect.ts";
import type { EntityId } from "../../database/model/ids.ts";
import { sql } from "../../database/sql.ts";
import type { Deps } from "../../deps.ts";
import { checkIds } from "../entities/rules.ts";
import { getEntities } from "../entities/service.ts";
import { listSubtree } from "../entities/tree.ts";
import { forgetOriginals, listOriginalsOfOnly, removeForgottenFilesOrLater } from "../originals/service.ts";
import { CollectionNotEmptyError } from "./errors.ts";

type Needs = Pick<Deps, "db" | "storage" | "derivativeStore" | "fileLocks" | "config" | "log">;

export interface Destroyed {
  readonly deletedIds: readonly EntityId[];
  /** Bytes of originals that went from the disk. */
  readonly freedBytes: number;
  /** Null when there was nothing to destroy. */
  readonly transactionId: number | null;
}

/**
 * Row, versions and files go for good; the transaction stays as a tombstone. Nothing is written for no ids.
 * @throws {NotFoundError}
 * @throws {CollectionNotEmptyError} unless `recursive`.
 */
export function hardDeleteEntities(
  needs: Needs,
  viewer: Viewer,
  operation: "hardDeleteEntity" | "hardDeleteEntities",
  ids: readonly string[],
  recursive: boolean,
): Promise<Destroyed> {
  const wanted = checkIds(ids, needs.config.batchIdsMax);
  return destroy(needs, viewer, operation, async (tx) => {
    const entities = (await getEntities(tx, wanted)).map(({ id }) => id);
    const subtree = await listSubtree(tx, entities);
    if (!recursive && subtree.length > entities.length) await refuseNotEmpty(tx, entities);
    return subtree;
  });
}

async function refuseNotEmpty({ reader }: Tx, ids: readonly EntityId[]): Promise<never> {
  const parent = await reader.get<{ id: EntityId; count: number }>(sql`
    SELECT "parentId" AS "id", COUNT(*) AS "count" FROM "Entity"
    WHERE "parentId" IN (${list(ids)}) AND "id" NOT IN (${list(ids)})
    GROUP BY "parentId" ORDER BY "parentId" LIMIT 1`);
  throw new CollectionNotEmptyError(parent?.id ?? 0, parent?.count ?? 0);
}

/** Everything in the trash that was deleted before the instant; all of it for null. */
export function emptyTrash(needs: Needs, viewer: Viewer, deletedBefore: Date | null): Promise<Destroyed> {
  return destroy(needs, viewer, "emptyTrash", async (tx) => {
    const before = deletedBefore == null ? sql`TRUE` : sql`"deletedAt" < ${deletedBefore}`;
    const rows = await tx.reader.all<{ id: EntityId }>(
      sql`SELECT "id" FROM "Entity" WHERE "isDeleted" AND ${before}`,
    );
    return await listSubtree(
      tx,
      rows.map(({ id }) => id),
    );
  });
}

async function destroy(
  needs: Needs,
  viewer: Viewer,
  operation: string,
  choose: (tx: Tx) => Promise<EntityId[]>,
): Promise<Destroyed> {
  const opening = { operation, actor: viewer.actor, reason: null };
  const destroyed = await needs.db.transaction(opening, async (tx) => {
    const deletedIds = await choose(tx);
    if (deletedIds.length === 0) return { deletedIds, freedBytes: 0, transactionId: null };
    // Destroying leaves no version behind, and is recorded all the same.
    const transactionId = await tx.record();
    const originals = await listOriginalsOfOnly(tx, deletedIds);
    // Bottom up: a long list goes in parts, and no part may leave a child without its parent.
    await tx.prisma.entity.deleteMany({ where: { id: { in: deletedIds.toReversed() } } });
    await forgetOriginals(tx, originals);
    const freedBytes = originals.reduce((sum, { fileSize }) => sum + fileSize, 0);
    return { deletedIds, freedBytes, transactionId };
  });
  // The commit comes first: a crash here leaves files without rows, which the next start removes.
  await removeForgottenFilesOrLater(needs);
  return destroyed;
}
