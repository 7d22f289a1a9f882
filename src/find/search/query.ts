import type { Entity } from "../../database/generated/client.ts";
import type { EntityId } from "../../database/model/ids.ts";
import type { Columns } from "../../database/model/rows.ts";
import type { TrashScope } from "../../database/text-search.ts";
import type { Page, PageArgs } from "../../graphql/pagination.ts";
import type { EntityFilter } from "./filters/filter.ts";
import type { EntityOrderBy } from "./order.ts";

/** Which entities, and in which order. */
export interface EntityList {
  readonly filter?: EntityFilter | null | undefined;
  readonly search?: string | null | undefined;
  readonly orderBy?: readonly EntityOrderBy[] | null | undefined;
  readonly trash: TrashScope;
  /** Only direct children of this collection. */
  readonly parentId?: EntityId | undefined;
  /** The columns to read; all when left out. */
  readonly columns?: Columns;
}

export interface EntityQuery extends EntityList, PageArgs {
  /** Whether the total will be asked for: where it costs little, it is there then. */
  readonly isTotalAsked?: boolean;
}

/** A page that knows what was asked for, so that others can ask more about it. */
export interface EntityPage extends Page<Entity> {
  readonly query: EntityQuery;
}
