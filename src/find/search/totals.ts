import { fold } from "../../database/model/fold.ts";
import { parseId } from "../../database/model/ids.ts";
import { sql, type Sql } from "../../database/sql.ts";
import type { TrashScope } from "../../database/text-search.ts";
import type { Asking, Deps } from "../../deps.ts";
import type { EntityFilter, StringFilter } from "./filters/filter.ts";
import type { Source } from "./source.ts";

type Needs = Pick<Deps, "db">;

/** Totals that triggers keep, by name. */
export async function readCounters({
  db,
}: {
  readonly db: Pick<Deps["db"], "reader">;
}): Promise<Readonly<Record<string, number>>> {
  const rows = await db.reader.all<{ name: string; value: number }>(
    sql`SELECT "name", "value" FROM "Counter"`,
  );
  const counters: Record<string, number> = {};
  for (const { name, value } of rows) counters[name] = value;
  return counters;
}

const kinds = ["media", "collections"] as const;

/** Media files and collections, or one of the two, without walking them. */
export async function countLibrary(
  needs: Needs,
  trash: TrashScope,
  only: readonly (typeof kinds)[number][] = kinds,
) {
  const counters = await readCounters(needs);
  let total = 0;
  for (const kind of only) {
    if (trash !== "TRASHED") total += counters[`${kind}.live`] ?? 0;
    if (trash !== "LIVE") total += counters[`${kind}.trashed`] ?? 0;
  }
  return total;
}

/** A value that triggers count the entities of, as the table of tallies names it. */
export interface Tallied {
  readonly field: "type" | "mimeType" | "extension" | "parentId";
  readonly value: string;
}

export async function countTallied(
  { db }: Needs,
  trash: TrashScope,
  { field, value }: Tallied,
): Promise<number> {
  const rows = await db.reader.all<{ isDeleted: number; count: number }>(
    sql`SELECT "isDeleted", "count" FROM "Tally" WHERE "isDeleted" IN (FALSE, TRUE) AND "field" = ${field} AND "value" = ${value}`,
  );
  return rows
    .filter(({ isDeleted }) => trash === "ANY" || isDeleted === (trash === "TRASHED" ? 1 : 0))
    .reduce((total, { count }) => total + count, 0);
}

/** The one thing an object asks for; undefined when it asks for more than that, or for nothing. */
function soleEntry(object: object): readonly [key: string, value: unknown] | undefined {
  const given = Object.entries(object).filter(([, value]) => value != null);
  return given.length === 1 ? given[0] : undefined;
}

/** The value of a filter that is nothing but one `equals`. */
function soleEquals(filter: object): unknown {
  const [operator, value] = soleEntry(filter) ?? [];
  return operator === "equals" ? value : undefined;
}

/** These columns are lower-case ASCII, so that only what is asked for is folded. */
function textEquals({ mode, ...filter }: StringFilter): string | undefined {
  const value = soleEquals(filter);
  if (typeof value !== "string") return undefined;
  return mode === "SENSITIVE" ? value : fold(value);
}

/** The collection whose direct children are asked for, and nothing else; undefined for any other filter. */
export function soleParent(filter: EntityFilter): string | undefined {
  const [field] = soleEntry(filter) ?? [];
  const value = field === "parentId" && filter.parentId != null ? soleEquals(filter.parentId) : undefined;
  return typeof value === "string" ? value : undefined;
}

function talliedBy(filter: EntityFilter): Tallied | undefined {
  const [field] = soleEntry(filter) ?? [];
  if (field === "type" && filter.type != null) {
    const value = soleEquals(filter.type);
    return typeof value === "string" ? { field, value } : undefined;
  }
  if (field === "mimeType" || field === "extension") {
    const value = textEquals(filter[field] ?? {});
    return value == null ? undefined : { field, value };
  }
  return undefined;
}

/** How many entities a filter of one equality finds, in constant time; undefined for any other filter. */
export async function countFiltered(
  needs: Needs,
  trash: TrashScope,
  filter: EntityFilter,
): Promise<number | undefined> {
  const [field, value] = soleEntry(filter) ?? [];
  if (field === "isCollection")
    return await countLibrary(needs, trash, value === true ? ["collections"] : ["media"]);
  const parent = soleParent(filter);
  if (parent != null) {
    const id = parseId(parent);
    return id == null ? 0 : await countTallied(needs, trash, { field: "parentId", value: String(id) });
  }
  const tallied = talliedBy(filter);
  return tallied == null ? undefined : await countTallied(needs, trash, tallied);
}

/**
 * Counted by walking, once for all who ask before the next commit. Prisma's count() wraps a subselect, which costs
 * five times as much.
 */
export async function countRows(
  { db, signal }: Needs & Asking,
  { from }: Source,
  condition: Sql,
): Promise<number> {
  const [row] = await db.reader.all<{ count: number }>(
    sql`SELECT COUNT(*) AS "count" FROM ${from} WHERE ${condition}`,
    { cost: "repeated", signal },
  );
  return row?.count ?? 0;
}
