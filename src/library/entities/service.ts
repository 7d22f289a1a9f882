import { list } from "../../database/dialect.ts";
import type { Entity } from "../../database/generated/client.ts";
import { parseId, type EntityId } from "../../database/model/ids.ts";
import {
  entityColumns,
  entityColumnsOf,
  entityOf,
  entityWith,
  type Columns,
} from "../../database/model/rows.ts";
import { sql } from "../../database/sql.ts";
import type { Deps } from "../../deps.ts";
import { NotFoundError } from "../../errors.ts";
import type { Tx } from "../../database/db.ts";
import { VersionConflictError } from "./errors.ts";

type Needs = Pick<Deps, "db">;
type Reader = Tx["reader"];
type Row = Record<string, unknown>;

/** Tag values by group and tag name, as exiftool read them. */
export type Metadata = Readonly<Record<string, unknown>>;

async function readEntity(
  reader: Reader,
  id: EntityId,
  columns: Columns = "all",
): Promise<Entity | undefined> {
  const row = await reader.get<Row>(
    sql`SELECT ${entityColumnsOf(columns)} FROM "Entity" e WHERE e."id" = ${id}`,
  );
  return row == null ? undefined : entityWith(columns)(row);
}

/** @returns undefined when no entity has the id, or it was destroyed. */
export async function findEntity({ db }: Needs, id: string, columns?: Columns): Promise<Entity | undefined> {
  const parsed = parseId(id);
  return parsed == null ? undefined : await readEntity(db.reader, parsed, columns);
}

/**
 * The entity as the transaction sees it.
 * @throws {NotFoundError}
 */
export async function getEntity({ reader }: Pick<Tx, "reader">, id: string | EntityId): Promise<Entity> {
  const parsed = typeof id === "number" ? id : parseId(id);
  const entity = parsed == null ? undefined : await readEntity(reader, parsed);
  if (entity == null) throw new NotFoundError("Entity", String(id));
  return entity;
}

/**
 * Facts that the server has read from the file since then are no conflict: they overwrite nothing that the client saw.
 * @throws {VersionConflictError} when a viewer changed the entity since the version that the client saw.
 */
export async function checkVersion(
  { reader }: Pick<Tx, "reader">,
  { id, version }: Pick<Entity, "id" | "version">,
  ifVersion: number | null | undefined,
): Promise<void> {
  if (ifVersion == null || ifVersion === version) return;
  const { readings } = (await reader.get<{ readings: number }>(sql`
    SELECT COUNT(*) AS "readings" FROM "EntityVersion"
    WHERE "entityId" = ${id} AND "version" > ${ifVersion} AND "operation" = 'READ_FACTS'`)) ?? {
    readings: 0,
  };
  if (ifVersion < 1 || ifVersion + readings !== version)
    throw new VersionConflictError(id, ifVersion, version);
}

/**
 * The same for many, in their order; one statement for all of them.
 * @throws {NotFoundError} for the first that does not exist.
 */
export async function getEntities({ reader }: Pick<Tx, "reader">, ids: readonly string[]): Promise<Entity[]> {
  const parsed = ids.map((id) => parseId(id));
  const found = await readEntities(
    reader,
    parsed.filter((id) => id != null),
  );
  return parsed.map((id, index) => {
    const entity = id == null ? undefined : found.get(id);
    if (entity == null) throw new NotFoundError("Entity", String(ids[index]));
    return entity;
  });
}

/** Those of the ids that exist, live or deleted. */
export function listEntitiesById({ db }: Needs, ids: readonly EntityId[]): Promise<Map<EntityId, Entity>> {
  return readEntities(db.reader, ids);
}

export async function readEntities(reader: Reader, ids: readonly EntityId[]): Promise<Map<EntityId, Entity>> {
  // One value however many ids: the statement is prepared once, and no limit on variables is met.
  const rows = await reader.all<Row>(sql`
    SELECT ${entityColumns} FROM "Entity" e WHERE e."id" IN (${list(ids)})`);
  return new Map(rows.map((row) => entityOf(row)).map((entity) => [entity.id, entity]));
}

/** The entities with these ids and every collection above them; each is read once, however many chains it is in. */
export async function listWithAncestors(
  { db }: Needs,
  ids: readonly EntityId[],
): Promise<Map<EntityId, Entity>> {
  const rows = await db.reader.all<{ id: EntityId }>(sql`
    WITH RECURSIVE up("id") AS (
      ${list(ids)}
      UNION
      SELECT e."parentId" FROM up JOIN "Entity" e ON e."id" = up."id" WHERE e."parentId" IS NOT NULL
    )
    SELECT "id" FROM up`);
  return readEntities(
    db.reader,
    rows.map(({ id }) => id),
  );
}

/** How many bytes the tags of each original have, by its id. */
export async function readMetadataBytes(
  { db }: Needs,
  originalIds: readonly number[],
): Promise<Map<number, number>> {
  const rows = await db.reader.all<{ id: number; bytes: number }>(sql`
    SELECT "id", octet_length("metadata") AS "bytes" FROM "Original"
    WHERE "id" IN (${list(originalIds)})`);
  return new Map(rows.map(({ id, bytes }) => [id, bytes]));
}

/** Tags by the id of the original they were read from. */
export async function readMetadata(
  { db }: Needs,
  originalIds: readonly number[],
): Promise<Map<number, Metadata>> {
  const rows = await db.reader.all<{ id: number; metadata: string }>(sql`
    SELECT "id", "metadata" FROM "Original" WHERE "id" IN (${list(originalIds)})`);
  // Written by the ingest as an object of groups.
  return new Map(rows.map(({ id, metadata }) => [id, JSON.parse(metadata) as Metadata]));
}

/** Only the named groups, in any case; all of them for null. */
export function selectGroups(metadata: Metadata, groups: readonly string[] | null): Metadata {
  if (groups == null) return metadata;
  const wanted = new Set(groups.map((group) => group.toLowerCase()));
  return Object.fromEntries(Object.entries(metadata).filter(([group]) => wanted.has(group.toLowerCase())));
}
