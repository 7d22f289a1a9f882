import { join, sql, type Sql } from "../db/sql.ts";
import { BadUserInputError } from "../errors.ts";
import { columnOf, type Source } from "./source.ts";

export type SortOrder = "ASC" | "DESC";

/** What entities can be ordered by; a client gives exactly one key in each step. */
export interface EntityOrderBy {
  id?: SortOrder | null | undefined;
  label?: SortOrder | null | undefined;
  addedAt?: SortOrder | null | undefined;
  updatedAt?: SortOrder | null | undefined;
  capturedAt?: SortOrder | null | undefined;
  fileSize?: SortOrder | null | undefined;
  duration?: SortOrder | null | undefined;
  originalName?: SortOrder | null | undefined;
}

interface OrderColumn {
  readonly name: string;
  readonly isNullable: boolean;
}

/** Texts are ordered without case and accents, as people look them up. */
const columns: { readonly [K in keyof EntityOrderBy]-?: OrderColumn } = {
  id: { name: "id", isNullable: false },
  label: { name: "labelFolded", isNullable: true },
  addedAt: { name: "addedAt", isNullable: false },
  updatedAt: { name: "updatedAt", isNullable: false },
  capturedAt: { name: "capturedAt", isNullable: true },
  fileSize: { name: "fileSize", isNullable: true },
  duration: { name: "duration", isNullable: true },
  originalName: { name: "originalNameFolded", isNullable: true },
};

interface Step {
  readonly column: OrderColumn;
  readonly direction: SortOrder;
}

const newestFirst: readonly Step[] = [{ column: columns.addedAt, direction: "DESC" }];

function stepOf(orderBy: EntityOrderBy, index: number): Step {
  const given = Object.entries(orderBy).filter(([, direction]) => direction != null);
  const [key, direction] = given[0] ?? [];
  if (given.length !== 1 || key == null || direction == null)
    throw new BadUserInputError(
      `orderBy.${index}`,
      `expected exactly one key, got ${given.length}; write one object for each key`,
    );
  // The input type has these keys and values only.
  return { column: columns[key as keyof EntityOrderBy], direction: direction as SortOrder };
}

/**
 * An ORDER BY list: nulls last, ties broken by id in the direction of the last step, newest first when
 * nothing is asked for.
 * @throws {BadUserInputError} unless each step has exactly one key.
 */
export function orderClause(
  orderBy: readonly EntityOrderBy[] | null | undefined,
  source: Pick<Source, "alias" | "id">,
): Sql {
  const given = orderBy ?? [];
  if (given.length > Object.keys(columns).length)
    throw new BadUserInputError(
      "orderBy",
      `expected at most ${Object.keys(columns).length} steps, got ${given.length}`,
    );
  const steps = given.length === 0 ? newestFirst : given.map(stepOf);
  const last = steps.at(-1)?.direction ?? "DESC";
  const complete = [...steps, { column: columns.id, direction: last }];
  return join(
    complete.map(({ column, direction }) => {
      const name = columnOf(source, column === columns.id ? source.id : column.name);
      if (direction === "DESC") return sql`${name} DESC NULLS LAST`;
      return column.isNullable ? sql`${name} ASC NULLS LAST` : sql`${name} ASC`;
    }),
  );
}
