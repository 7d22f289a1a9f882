import type { EntityOrderBy } from "./generated/graphql.ts";
import type { ListArgs } from "./membership.ts";

/** One step where a list stands, as GraphQL takes it. */
const stepsOf = (orderBy: ListArgs["orderBy"] | EntityOrderBy): readonly EntityOrderBy[] =>
  orderBy == null ? [] : [orderBy].flat();

/** The order of ids in a list; null for an order that only the server knows, such as by label. */
export function idOrder({ orderBy, text }: ListArgs): "ASC" | "DESC" | null {
  if (text != null) return null;
  const [step] = stepsOf(orderBy);
  // Newest arrivals first.
  if (step == null) return "DESC";
  // Ids and times of arrival only grow, together.
  return step.id ?? step.addedAt ?? null;
}

/** Whether a change of these fields may move an entity within the list. */
export const ordersBy = ({ orderBy, text }: ListArgs, changed: ReadonlySet<string>): boolean =>
  text != null ||
  stepsOf(orderBy).some((step) =>
    // Of the time of deletion changes do not tell.
    Object.keys(step).some((field) => changed.has(field === "deletedAt" ? "isDeleted" : field)),
  );

/**
 * The place of an entity in a list, between two that are held and stand next to each other: a list that was fetched
 * after it came would have it there.
 * @param ids those of the items that are held, nothing where none was fetched
 * @returns undefined where that cannot be decided
 */
export function placeIn(
  ids: readonly (string | undefined)[],
  total: number | null,
  id: string,
  order: "ASC" | "DESC",
): number | undefined {
  const comesBefore = (one: string, other: string) =>
    order === "ASC" ? Number(one) < Number(other) : Number(one) > Number(other);
  const next = ids.findIndex((held) => held != null && comesBefore(id, held));
  const place = next >= 0 ? next : total;
  if (place == null) return undefined;
  return place === 0 || ids[place - 1] != null ? place : undefined;
}
