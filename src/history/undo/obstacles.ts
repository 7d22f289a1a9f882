import { rowsOf } from "../../database/dialect.ts";
import type { EntityId } from "../../database/model/ids.ts";
import { sql, type Sql } from "../../database/sql.ts";
import type { PastState } from "../../database/versioning/past-state.ts";
import type { Deps } from "../../deps.ts";
import { listCycles, named, type Obstacle } from "./rules.ts";

type Reading = Pick<Deps["db"], "reader">;

const idsOf = async ({ reader }: Reading, query: Sql): Promise<EntityId[]> =>
  (await reader.all<{ id: EntityId }>(query)).map(({ id }) => id);

/** The first of the questions that finds something. */
async function firstOf(
  questions: readonly (readonly [() => Promise<EntityId[]>, (ids: EntityId[]) => string])[],
): Promise<Obstacle | undefined> {
  for (const [find, say] of questions) {
    const conflicts = await find();
    if (conflicts.length > 0) return { conflicts, why: say(conflicts) };
  }
  return undefined;
}

/** Finds a state that the database itself would refuse, or whose references are gone. */
export function findObstacle(tx: Reading, states: readonly PastState[]): Promise<Obstacle | undefined> {
  const pairs = states.map(({ id, version }) => [id, version]);
  const wanted = sql`
    WITH wanted("id", "version") AS MATERIALIZED (
      SELECT t."id", t."version" FROM ${rowsOf("t", ["id", "version"], pairs)})`;
  const past = sql`wanted w JOIN "EntityVersion" v ON v."entityId" = w."id" AND v."version" = w."version"`;
  const versionsGone = sql`${wanted} SELECT w."id" FROM wanted w WHERE NOT EXISTS (
    SELECT 1 FROM "EntityVersion" v WHERE v."entityId" = w."id" AND v."version" = w."version")`;
  const parentsGone = sql`${wanted} SELECT DISTINCT v."parentId" AS "id" FROM ${past}
    WHERE v."parentId" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "Entity" p WHERE p."id" = v."parentId") ORDER BY 1`;
  const fileHolders = sql`${wanted} SELECT h."id" FROM ${past} JOIN "Entity" h ON h."md5" = v."md5"
    WHERE h."id" NOT IN (SELECT "id" FROM wanted) ORDER BY 1`;
  return firstOf([
    [() => idsOf(tx, versionsGone), (ids) => `earlier versions of ${named("entity", ids)} are kept no more`],
    [
      () => idsOf(tx, parentsGone),
      (ids) => `${named("collection", ids)}, which held what would come back, were destroyed since`,
    ],
    [
      () => idsOf(tx, fileHolders),
      (ids) => `files that would come back belong to ${named("entity", ids)} now`,
    ],
  ]);
}

/** The entities that a transaction has moved to another collection, as far as that is known. */
export const listMoved = (tx: Reading, transactionId: number): Promise<EntityId[]> =>
  idsOf(
    tx,
    sql`
    SELECT e."id" FROM "Entity" e
    LEFT JOIN "EntityVersion" p ON p."entityId" = e."id" AND p."version" = e."version" - 1
    WHERE e."transactionId" = ${transactionId} AND e."parentId" IS DISTINCT FROM p."parentId"`,
  );

/**
 * Finds a cycle, or a live entity in a trashed collection, among the entities that the
 * transaction has written.
 */
export function findBrokenTree(tx: Reading, transactionId: number): Promise<Obstacle | undefined> {
  const written = sql`"Entity" e WHERE e."transactionId" = ${transactionId}`;
  const trashedParents = sql`
    SELECT DISTINCT p."id" FROM "Entity" e JOIN "Entity" p ON p."id" = e."parentId"
    WHERE e."transactionId" = ${transactionId} AND NOT e."isDeleted" AND p."isDeleted" ORDER BY 1`;
  const leftBehind = sql`
    SELECT c."id" FROM "Entity" e JOIN "Entity" c ON c."parentId" = e."id"
    WHERE e."transactionId" = ${transactionId} AND e."isDeleted" AND NOT c."isDeleted" ORDER BY 1`;
  const cycles = async () =>
    listCycles(
      new Map(
        (
          await tx.reader.all<{ id: EntityId; parentId: EntityId }>(
            sql`
            WITH RECURSIVE up("id", "parentId") AS (
              SELECT e."id", e."parentId" FROM ${written} AND e."isCollection" AND e."parentId" IS NOT NULL
              UNION
              SELECT p."id", p."parentId" FROM up JOIN "Entity" p ON p."id" = up."parentId" WHERE p."parentId" IS NOT NULL
            )
            SELECT "id", "parentId" FROM up`,
          )
        ).map(({ id, parentId }) => [id, parentId]),
      ),
    ).sort((a, b) => a - b);
  return firstOf([
    [
      () => idsOf(tx, trashedParents),
      (ids) => `${named("collection", ids)}, which held what would come back, went to the trash since`,
    ],
    [
      () => idsOf(tx, leftBehind),
      (ids) => `${named("entity", ids)} came into a collection that would go to the trash`,
    ],
    [cycles, (ids) => `${named("collection", ids)} would lie in themselves, after moves made since`],
  ]);
}
