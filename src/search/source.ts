import type { EntityId } from "../db/ids.ts";
import { entityColumns } from "../db/rows.ts";
import { identifier, sql, type Sql } from "../db/sql.ts";
import type { PageArgs } from "../graphql/pagination.ts";
import { all, always, leaf, not, type Condition } from "./filters/conditions.ts";
import type { Match, Wanted } from "./text.ts";

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
  /** A page's rows, with all their columns. */
  select(rows: Rows): Sql;
  /** Which rows of the table count at all. */
  readonly holds: Condition;
  /** A subselect of ids: the collection and every collection below it. */
  inside(top: EntityId): Sql;
  /** Rows whose texts match. */
  found(wanted: Wanted): Condition;
}

/** Which rows, and which of them in their order. */
export interface Rows extends PageArgs {
  readonly condition: Sql;
  readonly order: Sql;
}

export const columnOf = ({ alias }: Pick<Source, "alias">, name: string): Sql =>
  sql`${identifier(alias)}.${identifier(name)}`;

/** A subselect of the ids that the full-text index of the live library finds. */
export const indexed = (expression: string): Sql =>
  sql`SELECT rowid FROM "Entity_fts" WHERE "Entity_fts" MATCH ${expression}`;

/** The library as it is now. */
export const live: Source = {
  from: sql`"Entity" e`,
  alias: "e",
  id: "id",
  select: ({ condition, order, limit, offset }) => sql`
    SELECT ${entityColumns} FROM "Entity" e WHERE ${condition} ORDER BY ${order} LIMIT ${limit} OFFSET ${offset}`,
  holds: always,
  inside: (top) => sql`
    WITH RECURSIVE inside("id") AS (
      SELECT ${top}
      UNION
      SELECT c."id" FROM "Entity" c JOIN inside ON c."parentId" = inside."id" WHERE c."isCollection"
    )
    SELECT "id" FROM inside`,
  found: ({ expression }) => leaf(sql`e."id" IN (${indexed(expression)})`),
};

/** Rows of a source that match what was searched for. */
export const matchCondition = (source: Source, { required, excluded }: Match): Condition =>
  all([
    ...(required == null ? [] : [source.found(required)]),
    ...(excluded == null ? [] : [not(source.found(excluded))]),
  ]);
