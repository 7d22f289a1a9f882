import type { Reference, StoreObject } from "@apollo/client/cache";
import type { HeldConnection } from "./connection-policy.ts";
import type { Step } from "./facts.ts";
import { indexIn, isWhole, withItem, without, type HeldList } from "./held-list.ts";
import { asksForTree, dependsOn, isIn, type ListArgs } from "./membership.ts";
import { idOrder, ordersBy, placeIn } from "./order.ts";

/** A step as the cache's lists see it. */
export interface ListStep extends Step {
  /** The entity's name in the cache. */
  readonly ref: string;
}

export interface Tools {
  readonly idOf: (item: Reference | StoreObject | null | undefined) => string | undefined;
  /** Puts the entity into the cache if it is not there. */
  readonly referTo: (step: ListStep) => Reference;
}

/**
 * What a step does to a list. `MAY_ENTER`: it belongs there now, and perhaps did before. `UNKNOWN`: only the server can
 * tell.
 */
type Effect = "NONE" | "STAYS" | "LEAVES" | "MAY_ENTER" | "UNKNOWN";

function effectOf(args: ListArgs, step: Step): Effect {
  const { before, after, changed } = step;
  if (
    asksForTree(args) &&
    before?.isCollection === true &&
    (changed == null || changed.has("parentId") || changed.has("isDeleted"))
  )
    return "UNKNOWN";
  if (changed != null && !dependsOn(args, changed)) return "STAYS";
  const was = before == null ? false : isIn(args, before);
  const is = after == null ? false : isIn(args, after);
  if (is === false) return was === false ? "NONE" : "LEAVES";
  if (is === true) return was === true ? "STAYS" : "MAY_ENTER";
  return "UNKNOWN";
}

/** Whether it may stand elsewhere in the list than before. */
const isReordered = (args: ListArgs, { changed }: Step): boolean =>
  idOrder(args) == null && (changed == null || ordersBy(args, changed));

/** @returns the list after the step; undefined when that cannot be told from here, and the list has to be asked for. */
export function updateList(
  held: HeldList,
  args: ListArgs,
  step: ListStep,
  { idOf, referTo }: Tools,
): HeldList | undefined {
  const effect = effectOf(args, step);
  if (effect === "NONE") return held;
  if (effect === "UNKNOWN" || held.items == null) return undefined;
  const index = indexIn(held, step.ref);
  if (effect === "LEAVES") {
    if (index >= 0) return without(held, index);
    return isWhole(held) ? held : undefined;
  }
  if (index >= 0 || effect === "STAYS") return isReordered(args, step) ? undefined : { ...held, extras: {} };
  const order = idOrder(args);
  const place = order == null ? undefined : placeIn(held.items.map(idOf), held.total, step.id, order);
  return place == null ? undefined : withItem(held, place, referTo(step));
}

/** The same for a list by cursors: where something new stands in it, only the server can tell. */
export function updateConnection(
  held: HeldConnection,
  args: ListArgs,
  step: ListStep,
): HeldConnection | undefined {
  const effect = effectOf(args, step);
  if (effect === "NONE") return held;
  if (effect === "UNKNOWN") return undefined;
  const { edges, totalCount, pageInfo } = held;
  const isHeld = edges.some(({ node }) => node?.__ref === step.ref);
  if (effect === "LEAVES") {
    if (!isHeld) return pageInfo.hasNextPage || pageInfo.hasPreviousPage ? undefined : held;
    const others = edges.filter(({ node }) => node?.__ref !== step.ref);
    const startCursor = others[0]?.cursor ?? null;
    const endCursor = others.at(-1)?.cursor ?? null;
    return {
      ...held,
      edges: others,
      pageInfo: { ...pageInfo, startCursor, endCursor },
      ...(totalCount == null ? {} : { totalCount: totalCount - 1 }),
    };
  }
  if (!isHeld && effect === "MAY_ENTER") return undefined;
  return isReordered(args, step) ? undefined : held;
}
