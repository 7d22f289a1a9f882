import type { Entity } from "../db/generated/client.ts";
import { entityColumns, entityOf } from "../db/rows.ts";
import { sql } from "../db/sql.ts";
import type { Deps } from "../deps.ts";
import { checkPage, page, type Page, type PageArgs } from "../graphql/pagination.ts";
import { all, always, leaf, never, not, whereOf, type Condition } from "./filters/conditions.ts";
import { filterCondition } from "./filters/entity-filter.ts";
import type { EntityFilter } from "./filters/filter.ts";
import { orderClause, type EntityOrderBy } from "./order.ts";
import { matchOf, parseSearch } from "./text.ts";
import { countEntities, countLibrary } from "./totals.ts";

type Needs = Pick<Deps, "db">;

export type TrashScope = "LIVE" | "TRASHED" | "ANY";

export interface EntityQuery extends PageArgs {
  readonly filter?: EntityFilter | null | undefined;
  readonly search?: string | null | undefined;
  readonly orderBy?: readonly EntityOrderBy[] | null | undefined;
  readonly trash: TrashScope;
  /** Only direct children of this collection. */
  readonly parentId?: number;
}

const trashConditions: Readonly<Record<TrashScope, Condition>> = {
  LIVE: leaf(sql`e."isDeleted" = 0`),
  TRASHED: leaf(sql`e."isDeleted" = 1`),
  ANY: always,
};

/** Rows of "Entity" e that the full-text index finds. */
export function searchCondition(search: string): Condition {
  const { required, excluded, isImpossible } = matchOf(parseSearch(search));
  if (isImpossible) return never;
  const found = (expression: string) =>
    leaf(sql`e."id" IN (SELECT rowid FROM "Entity_fts" WHERE "Entity_fts" MATCH ${expression})`);
  return all([
    ...(required == null ? [] : [found(required)]),
    ...(excluded == null ? [] : [not(found(excluded))]),
  ]);
}

function conditionOf({ filter, search, trash, parentId }: EntityQuery): Condition {
  const conditions = [trashConditions[trash]];
  if (parentId != null) conditions.push(leaf(sql`e."parentId" = ${parentId}`));
  if (filter != null) conditions.push(filterCondition(filter, "e"));
  if (search != null && search.trim() !== "") conditions.push(searchCondition(search));
  return all(conditions);
}

/**
 * One page of the entities that match everything that is given.
 * @throws {BadUserInputError} for a page, filter, order or search text out of range
 * @throws {QueryTooComplexError}
 */
export function listEntities(needs: Needs, query: EntityQuery): Page<Entity> {
  const args = checkPage(query);
  const { limit, offset } = args;
  const condition = whereOf(conditionOf(query));
  const order = orderClause(query.orderBy, "e");
  const isWhole = query.filter == null && query.parentId == null && (query.search ?? "").trim() === "";
  const rows = needs.db.reader.all<Record<string, unknown>>(sql`
    SELECT ${entityColumns} FROM "Entity" e WHERE ${condition} ORDER BY ${order} LIMIT ${limit} OFFSET ${offset}`);
  const count = () => (isWhole ? countLibrary(needs, query.trash) : countEntities(needs, condition));
  return page(args, rows.map(entityOf), count);
}
