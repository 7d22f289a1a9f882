import type { Entity, EntityVersion } from "../../database/generated/client.ts";
import type { EntityId } from "../../database/model/ids.ts";
import { entityVersionOf, versionColumns } from "../../database/model/rows.ts";
import { sql } from "../../database/sql.ts";
import type { Deps } from "../../deps.ts";
import type { PageArgs } from "../../graphql/pagination.ts";
import { changesBetween, type FieldChange } from "./diff.ts";

type Needs = Pick<Deps, "db">;
type Row = Record<string, unknown>;

/** Whose versions: the entity, and which is its current one. */
export type Versioned = Pick<Entity, "id" | "version">;

/** Which version. */
export interface VersionKey {
  readonly entityId: EntityId;
  readonly version: number;
}

export const nameOfVersion = ({ entityId, version }: VersionKey): string => `${entityId}@${version}`;

function byEntity<T extends { entityId: EntityId }>(rows: readonly T[]): Map<EntityId, T[]> {
  const groups = new Map<EntityId, T[]>();
  for (const row of rows) {
    const group = groups.get(row.entityId);
    if (group == null) groups.set(row.entityId, [row]);
    else group.push(row);
  }
  return groups;
}

/**
 * The same page of each entity's versions, newest first. They are numbered without gaps, and the oldest may be gone:
 * a page is a range of numbers.
 */
export async function listVersionPages(
  { db }: Needs,
  entities: readonly Versioned[],
  { offset, limit }: PageArgs,
): Promise<Map<EntityId, EntityVersion[]>> {
  const ranges = entities.map(({ id, version }) => [id, version - offset - limit, version - offset]);
  const rows = await db.reader.all<Row>(sql`
    SELECT ${versionColumns} FROM json_each(${JSON.stringify(ranges)}) t JOIN "EntityVersion" v
      ON v."entityId" = t.value ->> 0 AND v."version" > t.value ->> 1 AND v."version" <= t.value ->> 2
    ORDER BY v."entityId", v."version" DESC`);
  return byEntity(rows.map(entityVersionOf));
}

/** How many versions of each entity are kept, by its id. */
export async function countVersions(
  { db }: Needs,
  entities: readonly Versioned[],
): Promise<Map<EntityId, number>> {
  const rows = await db.reader.all<{ id: number; count: number }>(sql`
    SELECT t.value ->> 0 AS "id", (t.value ->> 1) + 1 - (
      SELECT MIN(v."version") FROM "EntityVersion" v WHERE v."entityId" = t.value ->> 0
    ) AS "count" FROM json_each(${JSON.stringify(entities.map(({ id, version }) => [id, version]))}) t`);
  return new Map(rows.map(({ id, count }) => [id, count]));
}

/** By their names; those that there are. */
export async function findVersions(
  { db }: Needs,
  keys: readonly VersionKey[],
): Promise<Map<string, EntityVersion>> {
  const pairs = JSON.stringify(keys.map(({ entityId, version }) => [entityId, version]));
  const rows = await db.reader.all<Row>(sql`
    SELECT ${versionColumns} FROM json_each(${pairs}) t JOIN "EntityVersion" v
      ON v."entityId" = t.value ->> 0 AND v."version" = t.value ->> 1`);
  return new Map(rows.map(entityVersionOf).map((version) => [nameOfVersion(version), version]));
}

export const findVersion = async (
  needs: Needs,
  entityId: EntityId,
  version: number,
): Promise<EntityVersion | undefined> =>
  (await findVersions(needs, [{ entityId, version }])).get(nameOfVersion({ entityId, version }));

/**
 * The changes of a version against the one before. Empty if that one was pruned: the changes are unknown then,
 * and calling every field new would attribute other viewers' changes to this version's author.
 */
export function changesSince(before: EntityVersion | undefined, state: EntityVersion): FieldChange[] {
  if (state.operation === "HARD_DELETE") return [];
  return before == null && state.version > 1 ? [] : changesBetween(before, state);
}
