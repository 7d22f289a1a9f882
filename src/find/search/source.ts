import { contains, idsInBoxes, text, type Box } from "../../database/dialect.ts";
import { membersAt } from "../../database/model/album-members.ts";
import type { EntityId } from "../../database/model/ids.ts";
import { entityColumnsOf, type Columns } from "../../database/model/rows.ts";
import { keywordIn, pathIn } from "../../database/model/keywords.ts";
import { identifier, sql, type Sql } from "../../database/sql.ts";
import type { PageArgs } from "../../graphql/pagination.ts";
import { always, any, leaf, selective, type Condition } from "./filters/conditions.ts";
import type { Match } from "../../database/model/search-terms.ts";

/**
 * Where a question looks: the library as it is, or as it stood. Filters, orders, text and trash mean the same
 * in each; what the tables call things, and which of their rows count, is the source's to say.
 */
export interface Source {
  /** The table and its alias, as FROM takes them. */
  readonly from: Sql;
  readonly alias: string;
  /** The column of the entity's id. */
  readonly id: string;
  /** A page's rows. */
  select(rows: Rows): Sql;
  /** Which rows of the table count at all. */
  readonly holds: Condition;
  /** What every row in one of the boxes meets, as an index finds them: some more rows may, never fewer. */
  around(boxes: readonly Box[]): Condition;
  /** Rows with a keyword, or with one below it as a path; folded. */
  keyworded(folded: string, how: "itself" | "or below"): Condition;
  /** Rows that are members of this album. */
  memberOf(album: EntityId): Condition;
  /** A subselect of ids: the collection and every collection below it. */
  inside(top: EntityId): Sql;
  /** A comparison of a row under this alias: whether the collection it lies in is in the trash. */
  isParentDeleted(alias: string): Sql;
  /** Rows whose texts match; what has to be looked for in the texts themselves stops with the signal. */
  found(match: Match, signal: AbortSignal | undefined): Condition | Promise<Condition>;
}

/** Which rows, and which of them in their order. */
export interface Rows extends PageArgs {
  readonly condition: Sql;
  readonly order: Sql;
  readonly columns: Columns;
}

export const columnOf = ({ alias }: Pick<Source, "alias">, name: string): Sql =>
  sql`${identifier(alias)}.${identifier(name)}`;

/** Rows of a table whose keywords no index has one by one. */
export function keywordedIn(alias: string): Source["keyworded"] {
  const column = columnOf({ alias }, "keywordsFolded");
  return (folded, how) =>
    any([
      leaf(contains(column, keywordIn(folded))),
      ...(how === "itself" ? [] : [leaf(contains(column, pathIn(folded)))]),
    ]);
}

/** Of `EntityKeyword`: the path itself and what is below it; `}` comes after `|`. */
export const keywordIs = (folded: string, how: "itself" | "or below"): Sql =>
  how === "itself"
    ? sql`"folded" = ${folded}`
    : sql`("folded" = ${folded} OR ("folded" >= ${`${folded}|`} AND "folded" < ${`${folded}}`}))`;

/** A subselect of an album's members, now or just after a transaction. */
export const memberIds = (album: EntityId, at: number | "now"): Sql =>
  sql`SELECT "entityId" FROM "AlbumMember" WHERE "albumId" = ${album} AND ${membersAt(at)}`;

/** In degrees of latitude and longitude. */
const townSize = 2;

/** So small that the index finds fewer rows than another one would have to walk. */
const isTown = ({ north, south, east, west }: Box) => north - south <= townSize && east - west <= townSize;

/** The library as it is now. */
export const live: Source = {
  from: sql`"Entity" e`,
  alias: "e",
  id: "id",
  select: ({ condition, order, columns, limit, offset }) => sql`
    SELECT ${entityColumnsOf(columns)} FROM "Entity" e WHERE ${condition} ORDER BY ${order} LIMIT ${limit} OFFSET ${offset}`,
  holds: always,
  around: (boxes) => {
    const comparison = sql`e."id" IN (${idsInBoxes(boxes)})`;
    return boxes.every(isTown) ? selective(comparison) : leaf(comparison);
  },
  keyworded: (folded, how) =>
    leaf(sql`e."id" IN (SELECT "entityId" FROM "EntityKeyword" WHERE ${keywordIs(folded, how)})`),
  memberOf: (album) => leaf(sql`e."id" IN (${memberIds(album, "now")})`),
  inside: (top) => sql`
    WITH RECURSIVE inside("id") AS (
      SELECT CAST(${top} AS INTEGER)
      UNION
      SELECT c."id" FROM "Entity" c JOIN inside ON c."parentId" = inside."id" WHERE c."isCollection"
    )
    SELECT "id" FROM inside`,
  isParentDeleted: (alias) =>
    sql`EXISTS (SELECT 1 FROM "Entity" up WHERE up."id" = ${identifier(alias)}."parentId" AND up."isDeleted" = TRUE)`,
  found: (match) => leaf(sql`e."id" IN (${text.found({ match })})`),
};
