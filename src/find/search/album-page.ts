import { thenJoin } from "../../database/dialect.ts";
import { membersAt } from "../../database/model/album-members.ts";
import type { EntityId } from "../../database/model/ids.ts";
import { entityColumnsOf, entityWith } from "../../database/model/rows.ts";
import { sql } from "../../database/sql.ts";
import type { Asking, Deps } from "../../deps.ts";
import { checkPage, page, type PageArgs } from "../../graphql/pagination.ts";
import { whereOf } from "./filters/conditions.ts";
import type { Row } from "./listing.ts";
import type { EntityPage, EntityQuery } from "./query.ts";
import { conditionOf, listEntities } from "./service.ts";
import { live } from "./source.ts";
import { countRows } from "./totals.ts";

type Needs = Pick<Deps, "db"> & Asking;

/** So near the beginning no other way is shorter. */
const nearRows = 1_000;

/** The members of an album as any other list of entities. */
function asList(album: EntityId, query: EntityQuery): EntityQuery {
  const members = { inCollection: String(album) };
  return { ...query, filter: query.filter == null ? members : { AND: [members, query.filter] } };
}

/**
 * One page of an album's members, in their own order where no other one is asked for.
 * @throws {BadUserInputError} for a page, filter or order out of range
 * @throws {QueryTooComplexError}
 */
export async function listAlbum(needs: Needs, album: EntityId, asked: EntityQuery): Promise<EntityPage> {
  const query = asList(album, asked);
  if (asked.orderBy != null && asked.orderBy.length > 0) return listEntities(needs, query);
  const args = checkPage(query);
  const condition = whereOf(await conditionOf(needs, live, asked));
  const members = sql`m."albumId" = ${album} AND m.${membersAt("now")}`;
  const whole = sql`"AlbumMember" m ${thenJoin} "Entity" e ON e."id" = m."entityId"`;
  const where = sql`${members} AND (${condition})`;
  const count = () => countRows(needs, { ...live, from: whole }, where);
  const { columns = "all" } = query;

  const pieceOf = async ({ offset, limit }: PageArgs, isReversed: boolean): Promise<Row[]> => {
    const by = isReversed
      ? sql`ORDER BY "position" DESC, "entityId" DESC`
      : sql`ORDER BY "position", "entityId"`;
    const isPlain = offset > nearRows && asked.filter == null && (await count()) === (await countMembers());
    const from = isPlain ? sql`"AlbumMember" m WHERE ${members}` : sql`${whole} WHERE ${where}`;
    const isShort = asked.filter == null && offset <= nearRows;
    return needs.db.reader.all<Row>(
      sql`
        SELECT ${entityColumnsOf(columns)} FROM (
          SELECT m."entityId", m."position" FROM ${from} ${by} LIMIT ${limit} OFFSET ${offset}) m
        JOIN "Entity" e ON e."id" = m."entityId" ${by}`,
      isShort ? {} : { cost: "scan", signal: needs.signal },
    );
  };
  const countMembers = () => countRows(needs, { ...live, from: sql`"AlbumMember" m` }, members);

  const { offset, limit } = args;
  const total = offset > nearRows ? await count() : 0;
  if (offset < total && offset > total / 2) {
    const size = Math.min(limit, total - offset);
    const rows = await pieceOf({ offset: total - offset - size, limit: size }, true);
    return { ...page(args, rows.reverse().map(entityWith(columns)), () => total), query };
  }
  const rows = await pieceOf(args, false);
  return { ...page(args, rows.map(entityWith(columns)), count), query };
}
