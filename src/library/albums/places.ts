import type { Tx } from "../../database/db.ts";
import { list, rowsOf } from "../../database/dialect.ts";
import { membersAt } from "../../database/model/album-members.ts";
import { parseId, type EntityId } from "../../database/model/ids.ts";
import { sql } from "../../database/sql.ts";
import type { PastState } from "../../database/versioning/past-state.ts";
import { BadUserInputError } from "../../errors.ts";

type Reading = Pick<Tx, "reader">;

/** The positions of those entities that are members of the album, live or in the trash. */
export async function readPlaces(
  { reader }: Reading,
  albumId: EntityId,
  ids: readonly EntityId[],
): Promise<Map<EntityId, string>> {
  const rows = await reader.all<{ id: EntityId; position: string }>(sql`
    SELECT "entityId" AS "id", "position" FROM "AlbumMember"
    WHERE "albumId" = ${albumId} AND "entityId" IN (${list(ids)}) AND ${membersAt("now")}`);
  return new Map(rows.map(({ id, position }) => [id, position]));
}

/** Positions between which something is to be put; null is the beginning, or the end. */
export interface Place {
  readonly after: string | null;
  readonly before: string | null;
}

/**
 * The place before a member, or at the end.
 * @param besides members that are taken from their places, so that none of them is before or after it.
 * @throws {BadUserInputError} when `before` is no member, or one of those.
 */
export async function placeOf(
  { reader }: Reading,
  albumId: EntityId,
  before: string | null | undefined,
  besides: readonly EntityId[] = [],
): Promise<Place> {
  const id = before == null ? null : parseId(before);
  const end = id == null ? undefined : (await readPlaces({ reader }, albumId, [id])).get(id);
  if (before != null && end == null)
    throw new BadUserInputError("before", `${before} is no member of album ${albumId}`);
  if (id != null && besides.includes(id))
    throw new BadUserInputError("before", `${id} is one of those that are to be moved; name another member`);
  const row = await reader.get<{ last: string | null }>(sql`
    SELECT MAX("position") AS "last" FROM "AlbumMember"
    WHERE "albumId" = ${albumId} AND ${membersAt("now")} AND "entityId" NOT IN (${list(besides)})
      ${end == null ? sql`` : sql`AND "position" < ${end}`}`);
  return { after: row?.last ?? null, before: end ?? null };
}

/** Albums among entities that have just got earlier states have the members of then, in their order. */
export async function restoreMembers(
  tx: Tx,
  states: readonly PastState[],
  transactionId: number,
): Promise<void> {
  const albums = await tx.reader.all<{ id: EntityId; at: number }>(sql`
    SELECT v."entityId" AS "id", v."transactionId" AS "at"
    FROM ${rowsOf(
      "t",
      ["id", "version"],
      states.map(({ id, version }) => [id, version]),
    )} JOIN "EntityVersion" v ON v."entityId" = t."id" AND v."version" = t."version" WHERE v."kind" = 'ALBUM'`);
  for (const { id, at } of albums) {
    await tx.write(sql`
      UPDATE "AlbumMember" AS m SET "untilTransactionId" = ${transactionId}
      WHERE "albumId" = ${id} AND ${membersAt("now")} AND NOT EXISTS (
        SELECT 1 FROM "AlbumMember" o
        WHERE o."albumId" = ${id} AND o."entityId" = m."entityId" AND o."position" = m."position"
          AND o."transactionId" <= ${at} AND o."untilTransactionId" > ${at})`);
    await tx.write(sql`
      INSERT INTO "AlbumMember" ("albumId", "entityId", "position", "transactionId")
      SELECT o."albumId", o."entityId", o."position", CAST(${transactionId} AS INTEGER) FROM "AlbumMember" o
      WHERE o."albumId" = ${id} AND o."transactionId" <= ${at} AND o."untilTransactionId" > ${at} AND NOT EXISTS (
        SELECT 1 FROM "AlbumMember" c WHERE c."albumId" = ${id} AND c."entityId" = o."entityId" AND c.${membersAt("now")})`);
  }
}
