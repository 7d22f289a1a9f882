import type { Tx } from "../../database/db.ts";
import { list } from "../../database/dialect.ts";
import type { Entity } from "../../database/generated/client.ts";
import type { EntityId } from "../../database/model/ids.ts";
import { sql } from "../../database/sql.ts";
import { BadUserInputError, NotFoundError } from "../../errors.ts";
import { NotACollectionError, ParentCycleError, treeDepthMax, TreeTooDeepError } from "./errors.ts";
import { getEntity } from "./service.ts";

type Reading = Pick<Tx, "reader">;

/**
 * The collection that is to contain an entity.
 * @param field the argument that names it.
 * @throws {NotFoundError}
 * @throws {NotACollectionError}
 * @throws {BadUserInputError} when it is in the trash: its content would be live and yet unreachable.
 */
export async function getParent(tx: Reading, parentId: string, field = "input.parentId"): Promise<Entity> {
  const parent = await findParent(tx, parentId);
  if (!parent.isCollection) throw new NotACollectionError(parent.id);
  if (parent.kind != null)
    throw new BadUserInputError(
      field,
      `collection ${parent.id} is an album, in which nothing lies; put it into a folder, and add files with addToAlbum`,
    );
  if (parent.isDeleted)
    throw new BadUserInputError(field, `collection ${parent.id} is in the trash; restore it first`);
  return parent;
}

/**
 * The same for something that is not there yet.
 * @throws {TreeTooDeepError} when the collection is on the lowest level already, and as above.
 */
export async function getParentOfNew(
  tx: Reading,
  parentId: string,
  field = "input.parentId",
): Promise<Entity> {
  const parent = await getParent(tx, parentId, field);
  const depth = (await depthOf(tx, parent.id)) + 1;
  if (depth > treeDepthMax) throw new TreeTooDeepError(field, depth);
  return parent;
}

function findParent(tx: Reading, parentId: string): Promise<Entity> {
  try {
    return getEntity(tx, parentId);
  } catch (error) {
    throw error instanceof NotFoundError
      ? new NotFoundError("Collection", parentId, { cause: error })
      : error;
  }
}

/** @throws {ParentCycleError} when the parent is the entity itself or is inside it. */
export async function checkCycle({ reader }: Reading, id: EntityId, parentId: EntityId): Promise<void> {
  const hit = await reader.get(sql`
    WITH RECURSIVE up("id") AS (
      SELECT CAST(${parentId} AS INTEGER)
      UNION
      SELECT e."parentId" FROM up JOIN "Entity" e ON e."id" = up."id" WHERE e."parentId" IS NOT NULL
    )
    SELECT 1 AS "hit" FROM up WHERE "id" = ${id}`);
  if (hit != null) throw new ParentCycleError(id, parentId);
}

/** The level that an entity is on, from 1. */
const depthOf = async ({ reader }: Reading, id: EntityId): Promise<number> =>
  (
    await reader.get<{ depth: number }>(sql`
    WITH RECURSIVE up("id", "depth") AS (
      SELECT CAST(${id} AS INTEGER), 1
      UNION ALL
      SELECT e."parentId", up."depth" + 1 FROM up JOIN "Entity" e ON e."id" = up."id" WHERE e."parentId" IS NOT NULL
    )
    SELECT MAX("depth") AS "depth" FROM up`)
  )?.depth ?? 1;

const idsOf = (rows: readonly { id: EntityId }[]) => rows.map(({ id }) => id);

/** The most levels that one of the entities and everything below it has; what is in the trash may come back. */
const heightOf = async ({ reader }: Reading, ids: readonly EntityId[]): Promise<number> =>
  (
    await reader.get<{ height: number }>(sql`
    WITH RECURSIVE down("id", "height") AS (
      SELECT t."value", 1 FROM (${list(ids)}) t
      UNION ALL
      SELECT c."id", down."height" + 1 FROM down JOIN "Entity" c ON c."parentId" = down."id" AND c."isCollection"
    )
    SELECT MAX("height" + CASE WHEN EXISTS (SELECT 1 FROM "Entity" f WHERE f."parentId" = down."id") THEN 1 ELSE 0 END) AS "height"
    FROM down`)
  )?.height ?? 1;

/**
 * After entities were given these parents, once it is known that none is in itself. A move to the top is never
 * refused, so that a tree from before there was a limit can be taken apart.
 * @throws {TreeTooDeepError} when something is lower than the tree may reach now.
 */
export async function checkDepth(tx: Reading, field: string, ids: readonly EntityId[]): Promise<void> {
  const rows = await tx.reader.all<{ id: EntityId; parentId: EntityId }>(sql`
    SELECT "id", "parentId" FROM "Entity" WHERE "id" IN (${list(ids)}) AND "parentId" IS NOT NULL`);
  const moved = new Map<EntityId, EntityId[]>();
  for (const { id, parentId } of rows) {
    const children = moved.get(parentId);
    if (children == null) moved.set(parentId, [id]);
    else children.push(id);
  }
  for (const [parentId, children] of moved) {
    const depth = (await depthOf(tx, parentId)) + (await heightOf(tx, children));
    if (depth > treeDepthMax) throw new TreeTooDeepError(field, depth);
  }
}

/** The entities and everything below them, top down. */
export async function listSubtree({ reader }: Reading, ids: readonly EntityId[]): Promise<EntityId[]> {
  return idsOf(
    await reader.all(sql`
      WITH RECURSIVE inside("id") AS (
        ${list(ids)}
        UNION
        SELECT c."id" FROM inside JOIN "Entity" c ON c."parentId" = inside."id"
      )
      SELECT "id" FROM inside`),
  );
}

/** The live ones of the entities and everything live below those, top down. */
export async function listLiveSubtree({ reader }: Reading, ids: readonly EntityId[]): Promise<EntityId[]> {
  return idsOf(
    await reader.all(sql`
      WITH RECURSIVE inside("id") AS (
        SELECT "id" FROM "Entity" WHERE "id" IN (${list(ids)}) AND NOT "isDeleted"
        UNION
        SELECT c."id" FROM inside JOIN "Entity" c ON c."parentId" = inside."id" WHERE NOT c."isDeleted"
      )
      SELECT "id" FROM inside`),
  );
}

/** The deleted ones of the entities, and the entities below each that were deleted together with it. */
export async function listDeletedTogether(
  { reader }: Reading,
  ids: readonly EntityId[],
): Promise<EntityId[]> {
  return idsOf(
    await reader.all(sql`
      WITH RECURSIVE inside("id", "deletedIn") AS (
        SELECT "id", "deletedIn" FROM "Entity"
        WHERE "id" IN (${list(ids)}) AND "isDeleted"
        UNION
        SELECT c."id", c."deletedIn" FROM inside JOIN "Entity" c ON c."parentId" = inside."id"
        WHERE c."isDeleted" AND c."deletedIn" = inside."deletedIn"
      )
      SELECT DISTINCT "id" FROM inside`),
  );
}
