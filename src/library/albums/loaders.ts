import { list } from "../../database/dialect.ts";
import type { Entity } from "../../database/generated/client.ts";
import { membersAt } from "../../database/model/album-members.ts";
import type { EntityId } from "../../database/model/ids.ts";
import { entityColumns, entityOf } from "../../database/model/rows.ts";
import { sql } from "../../database/sql.ts";
import type { Deps } from "../../deps.ts";
import { perRevision } from "../../graphql/context.ts";
import { batched } from "../entities/loaders.ts";

/** The live albums of each entity, the newest first, by the entity's id. */
async function listAlbums(
  { db }: Pick<Deps, "db">,
  ids: readonly EntityId[],
): Promise<Map<EntityId, Entity[]>> {
  const rows = await db.reader.all<Record<string, unknown> & { memberId: EntityId }>(sql`
    SELECT m."entityId" AS "memberId", ${entityColumns}
    FROM "AlbumMember" m JOIN "Entity" e ON e."id" = m."albumId"
    WHERE m."entityId" IN (${list(ids)}) AND m.${membersAt("now")} AND e."isDeleted" = FALSE
    ORDER BY e."id" DESC`);
  const albums = new Map<EntityId, Entity[]>();
  for (const { memberId, ...row } of rows) {
    const own = albums.get(memberId) ?? [];
    own.push(entityOf(row));
    albums.set(memberId, own);
  }
  return albums;
}

export const albumLoader = perRevision((context) =>
  batched<EntityId, Entity[]>((ids) => listAlbums(context, ids), []),
);
