import { bitsBetween, thenJoin } from "../../database/dialect.ts";
import type { Entity } from "../../database/generated/client.ts";
import type { EntityId } from "../../database/model/ids.ts";
import { sql } from "../../database/sql.ts";
import type { Asking, Deps } from "../../deps.ts";
import { BadUserInputError } from "../../errors.ts";
import { getEntity, listEntitiesById } from "../../library/entities/service.ts";

type Needs = Pick<Deps, "db"> & Asking;

/** An entity whose picture looks like another one's. */
export interface SimilarEntity {
  readonly entity: Entity;
  /** Bits of the hashes that differ, 0 to 64. */
  readonly distance: number;
}

const bitsMax = 64;
const limitMax = 100;

function checkRange(field: string, value: number, [from, to]: readonly [number, number]): void {
  if (value < from || value > to)
    throw new BadUserInputError(field, `expected ${from} to ${to}, got ${value}`);
}

/**
 * Live entities whose pictures look like this one's, the most similar first: every hash is compared. None for what cannot
 * be seen, or has not been looked at yet.
 * @throws {NotFoundError} @throws {BadUserInputError} for a number out of range
 */
export async function listSimilar(
  { db, signal }: Needs,
  id: string,
  { maxDistance, limit }: { readonly maxDistance: number; readonly limit: number },
): Promise<SimilarEntity[]> {
  checkRange("maxDistance", maxDistance, [0, bitsMax]);
  checkRange("limit", limit, [1, limitMax]);
  const { id: ownId, originalId } = await getEntity(db, id);
  const own = await db.reader.get<{ high: number | null; low: number | null }>(sql`
    SELECT "hashHigh" AS "high", "hashLow" AS "low" FROM "Picture" WHERE "originalId" = ${originalId ?? 0}`);
  if (own?.high == null || own.low == null) return [];
  const { high, low } = own;
  const rows = await db.reader.all<{ id: EntityId; distance: number }>(
    sql`
      SELECT e."id", p."distance" FROM (
        SELECT "originalId", ${bitsBetween(sql`"hashHigh"`, high)} + ${bitsBetween(sql`"hashLow"`, low)} AS "distance"
        FROM "Picture" WHERE "hashHigh" IS NOT NULL) p
      ${thenJoin} "Entity" e ON e."originalId" = p."originalId"
      WHERE p."distance" <= ${maxDistance}
        AND e."isDeleted" = FALSE AND e."id" <> ${ownId}
      ORDER BY p."distance", e."id" LIMIT ${limit}`,
    { cost: "repeated", signal },
  );
  const entities = await listEntitiesById(
    { db },
    rows.map((row) => row.id),
  );
  return rows.flatMap(({ id: one, distance }) => {
    const entity = entities.get(one);
    return entity == null ? [] : [{ entity, distance }];
  });
}
