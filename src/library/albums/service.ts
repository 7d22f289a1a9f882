import { generateNKeysBetween } from "fractional-indexing";
import type { Viewer } from "../../auth/viewer.ts";
import type { Tx } from "../../database/db.ts";
import { list, rowsOf } from "../../database/dialect.ts";
import type { Entity } from "../../database/generated/client.ts";
import { membersAt } from "../../database/model/album-members.ts";
import { parseId, type EntityId } from "../../database/model/ids.ts";
import { sql } from "../../database/sql.ts";
import type { Opening } from "../../database/versioning/recorder.ts";
import type { Deps } from "../../deps.ts";
import { BadUserInputError } from "../../errors.ts";
import { checkIds, checkReason } from "../entities/rules.ts";
import { checkVersion, getEntities, getEntity } from "../entities/service.ts";
import { placeOf, readPlaces } from "./places.ts";

type Needs = Pick<Deps, "db" | "config">;

/** An album after a change; the transaction is null when nothing had to change. */
export interface EditedAlbum {
  readonly album: Entity;
  readonly transactionId: number | null;
}

export interface AlbumOptions {
  readonly ifVersion?: number | null | undefined;
  readonly reason?: string | null | undefined;
}

export interface Placed extends AlbumOptions {
  /** A member before which they come; at the end when left out. */
  readonly before?: string | null | undefined;
}

async function getAlbum(tx: Tx, id: string): Promise<Entity> {
  const album = await getEntity(tx, id);
  if (album.kind !== "ALBUM")
    throw new BadUserInputError("id", `entity ${album.id} is ${describe(album)}, not an album`);
  return album;
}

const describe = ({ isCollection }: Entity): string => (isCollection ? "another collection" : "a file");

/** @throws {BadUserInputError} for collections, and for what is in the trash. */
async function getNewMembers(tx: Tx, ids: readonly string[]): Promise<Entity[]> {
  const entities = await getEntities(tx, ids);
  entities.forEach(({ id, isCollection, isDeleted }, index) => {
    const field = `entityIds.${index}`;
    if (isCollection)
      throw new BadUserInputError(field, `entity ${id} is a collection; albums have files as members`);
    if (isDeleted) throw new BadUserInputError(field, `entity ${id} is in the trash; restore it first`);
  });
  return entities;
}

/** Gives the album its next version, in which members change. @returns the transaction's id. */
async function openMembers(tx: Tx, { id }: Entity): Promise<number> {
  const membersChangedIn = await tx.record();
  await tx.prisma.entity.update({ where: { id }, data: { membersChangedIn }, select: { id: true } });
  return membersChangedIn;
}

const endPlaces = (tx: Tx, albumId: EntityId, ids: readonly EntityId[], transactionId: number) =>
  tx.write(sql`
    UPDATE "AlbumMember" SET "untilTransactionId" = ${transactionId}
    WHERE "albumId" = ${albumId} AND "entityId" IN (${list(ids)}) AND ${membersAt("now")}`);

const addPlaces = (tx: Tx, albumId: EntityId, places: readonly (readonly [EntityId, string])[], id: number) =>
  tx.write(sql`
    INSERT INTO "AlbumMember" ("albumId", "entityId", "position", "transactionId")
    SELECT CAST(${albumId} AS INTEGER), t."id", t."position", CAST(${id} AS INTEGER)
    FROM ${rowsOf("t", ["id", "position"], places)}`);

const editAlbum = (
  { db }: Needs,
  opening: Opening,
  { id, ifVersion }: { readonly id: string; readonly ifVersion?: number | null | undefined },
  /** Resolves with false when nothing has to change. */
  edit: (tx: Tx, album: Entity) => Promise<boolean>,
): Promise<EditedAlbum> =>
  db.transaction(opening, async (tx) => {
    const album = await getAlbum(tx, id);
    await checkVersion(tx, album, ifVersion);
    if (!(await edit(tx, album))) return { album, transactionId: null };
    return { album: await getEntity(tx, album.id), transactionId: tx.transactionId };
  });

const openingOf = (operation: string, viewer: Viewer, { reason }: AlbumOptions): Opening => ({
  ...{ operation, actor: viewer.actor, reason: checkReason(reason) },
});

const withPositions = (
  ids: readonly EntityId[],
  { after, before }: { readonly after: string | null; readonly before: string | null },
) => {
  const positions = generateNKeysBetween(after, before, ids.length);
  // As many positions as ids.
  return ids.map((id, index) => [id, positions[index] ?? ""] as const);
};

/**
 * Adds files to an album, all of them or none, as one version of it. Those that are members already keep their places.
 * @throws {NotFoundError} @throws {VersionConflictError}
 * @throws {BadUserInputError} for another collection than an album, for members that are collections or in the trash, and
 *   for a `before` that is no member.
 */
export function addToAlbum(
  needs: Needs,
  viewer: Viewer,
  { id, entityIds }: { readonly id: string; readonly entityIds: readonly string[] },
  options: Placed,
): Promise<EditedAlbum> {
  const wanted = checkIds(entityIds, needs.config.batchIdsMax, "entityIds");
  const opening = openingOf("addToAlbum", viewer, options);
  return editAlbum(needs, opening, { id, ...options }, async (tx, album) => {
    const entities = await getNewMembers(tx, wanted);
    const present = await readPlaces(
      tx,
      album.id,
      entities.map((entity) => entity.id),
    );
    const added = entities.flatMap((entity) => (present.has(entity.id) ? [] : [entity.id]));
    const place = await placeOf(tx, album.id, options.before);
    if (added.length === 0) return false;
    const transactionId = await openMembers(tx, album);
    await addPlaces(tx, album.id, withPositions(added, place), transactionId);
    return true;
  });
}

/**
 * Takes members out of an album; ids of others, gone ones among them, change nothing.
 * @throws {NotFoundError} for the album @throws {VersionConflictError} @throws {BadUserInputError}
 */
export function removeFromAlbum(
  needs: Needs,
  viewer: Viewer,
  { id, entityIds }: { readonly id: string; readonly entityIds: readonly string[] },
  options: AlbumOptions,
): Promise<EditedAlbum> {
  const wanted = checkIds(entityIds, needs.config.batchIdsMax, "entityIds");
  const opening = openingOf("removeFromAlbum", viewer, options);
  return editAlbum(needs, opening, { id, ...options }, async (tx, album) => {
    const ids = wanted.map(parseId).filter((one) => one != null);
    const present = [...(await readPlaces(tx, album.id, ids)).keys()];
    if (present.length === 0) return false;
    await endPlaces(tx, album.id, present, await openMembers(tx, album));
    return true;
  });
}

/**
 * Members come before another one, or at the end, in the order in which they are given.
 * @throws {NotFoundError} for the album @throws {VersionConflictError}
 * @throws {BadUserInputError} for what is no member, and for a `before` that is no other member.
 */
export function moveInAlbum(
  needs: Needs,
  viewer: Viewer,
  { id, entityIds }: { readonly id: string; readonly entityIds: readonly string[] },
  options: Placed,
): Promise<EditedAlbum> {
  const wanted = checkIds(entityIds, needs.config.batchIdsMax, "entityIds");
  const opening = openingOf("moveInAlbum", viewer, options);
  return editAlbum(needs, opening, { id, ...options }, async (tx, album) => {
    const ids = wanted.map(parseId);
    const places = await readPlaces(
      tx,
      album.id,
      ids.filter((one) => one != null),
    );
    const members = ids.map((one, index) => {
      if (one == null || !places.has(one))
        throw new BadUserInputError(
          `entityIds.${index}`,
          `${String(wanted[index])} is no member of album ${album.id}`,
        );
      return one;
    });
    const place = await placeOf(tx, album.id, options.before, members);
    if (members.length === 0 || isThere(members, places, place)) return false;
    const transactionId = await openMembers(tx, album);
    await endPlaces(tx, album.id, members, transactionId);
    await addPlaces(tx, album.id, withPositions(members, place), transactionId);
    return true;
  });
}

/** Whether they stand there already, in this order: between the two places there are no others. */
const isThere = (
  members: readonly EntityId[],
  places: ReadonlyMap<EntityId, string>,
  { after, before }: { readonly after: string | null; readonly before: string | null },
): boolean => {
  const positions = [after, ...members.map((id) => places.get(id) ?? null), before].filter(
    (one) => one != null,
  );
  return positions.every((position, index) => index === 0 || (positions[index - 1] ?? "") < position);
};
