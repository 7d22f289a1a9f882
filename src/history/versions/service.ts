import { rowsOf } from "../../database/dialect.ts";
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
    SELECT ${versionColumns} FROM ${rowsOf("t", ["id", "above", "last"], ranges)} JOIN "EntityVersion" v
      ON v."entityId" = t."id" AND v."version" > t."above" AND v."version" <= t."last"
    ORDER BY v."entityId", v."version" DESC`);
  return byEntity(rows.map(entityVersionOf));
}

/** How many versions of each entity are kept, by its id. */
export async function countVersions(
  { db }: Needs,
  entities: readonly Versioned[],
): Promise<Map<EntityId, number>> {
  const rows = await db.reader.all<{ id: number; count: number }>(sql`
    SELECT t."id", t."version" + 1 - (
      SELECT MIN(v."version") FROM "EntityVersion" v WHERE v."entityId" = t."id"
    ) AS "count" FROM ${rowsOf(
      "t",
      ["id", "version"],
      entities.map(({ id, version }) => [id, version]),
    )}`);
  return new Map(rows.map(({ id, count }) => [id, count]));
}

/** By their names; those that there are. */
export async function findVersions(
  { db }: Needs,
  keys: readonly VersionKey[],
): Promise<Map<string, EntityVersion>> {
  const pairs = keys.map(({ entityId, version }) => [entityId, version]);
  const rows = await db.reader.all<Row>(sql`
    SELECT ${versionColumns} FROM ${rowsOf("t", ["id", "version"], pairs)} JOIN "EntityVersion" v
      ON v."entityId" = t."id" AND v."version" = t."version"`);
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
