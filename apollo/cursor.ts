import type { ChangeFragment } from "./generated/graphql.ts";

type Value = string | number | null;

/** Where a list's edge stands: what the order's columns hold, the id last. */
interface Place {
  /** The cursors' version, the order and the list, as the server wrote them. */
  readonly head: readonly [number, string, string];
  readonly values: readonly Value[];
}

/** The format that is understood here; a place in a cursor of another one is known to the server only. */
const version = 1;

const timeOf = (at: string | null | undefined): number | null => (at == null ? null : Date.parse(at));

/** The columns whose values are part of a change; the server folds labels and names before it compares them. */
const columns: Readonly<Record<string, (change: ChangeFragment) => Value>> = {
  id: ({ entityId }) => Number(entityId),
  addedAt: ({ addedAt }) => timeOf(addedAt),
  updatedAt: ({ updatedAt }) => timeOf(updatedAt),
  capturedAt: ({ capturedAt }) => timeOf(capturedAt),
  fileSize: ({ fileSize }) => fileSize ?? null,
  width: ({ width }) => width ?? null,
  height: ({ height }) => height ?? null,
  duration: ({ duration }) => duration ?? null,
  type: ({ type }) => type ?? null,
};

const fromBase64Url = (text: string) => atob(text.replaceAll("-", "+").replaceAll("_", "/"));
const toBase64Url = (text: string) =>
  btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

function parseCursor(cursor: string): Place | undefined {
  try {
    const [format, order, list, ...values] = JSON.parse(fromBase64Url(cursor)) as [number, string, string];
    return format === version ? { head: [format, order, list], values } : undefined;
  } catch {
    return undefined;
  }
}

/** Each column of an order, and whether it falls. */
const stepsOf = (order: string) =>
  order.split(",").map((step) => {
    const [column = "", direction] = step.split(" ");
    return { column, isFalling: direction === "DESC" };
  });

/** Nulls come last in either direction, as the server has them. */
function comesBefore(order: string, one: readonly Value[], other: readonly Value[]): boolean {
  for (const [index, { isFalling }] of stepsOf(order).entries()) {
    const [a = null, b = null] = [one[index], other[index]];
    if (a === b) continue;
    if (a === null || b === null) return b === null;
    return a < b !== isFalling;
  }
  return false;
}

/**
 * Where an entity comes into a list, and its cursor there.
 * @param cursors those of the edges that are held, in their order
 * @returns undefined where only the server can tell, such as in an order by label
 */
export function placeAmong(
  cursors: readonly (string | undefined)[],
  change: ChangeFragment,
): { readonly index: number; readonly cursor: string } | undefined {
  const places = cursors.map((cursor) => (cursor == null ? undefined : parseCursor(cursor)));
  const order = places[0]?.head[1];
  const head = places[0]?.head;
  if (order == null || head == null) return undefined;
  const values: Value[] = [];
  for (const { column } of stepsOf(order)) {
    const value = columns[column]?.(change);
    if (value === undefined || Number.isNaN(value)) return undefined;
    values.push(value);
  }
  if (places.some((place) => place == null)) return undefined;
  const next = places.findIndex((place) => place != null && comesBefore(order, values, place.values));
  const cursor = toBase64Url(JSON.stringify([...head, ...values]));
  return { index: next < 0 ? places.length : next, cursor };
}
