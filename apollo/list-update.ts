import type { Reference, StoreObject } from "@apollo/client/cache";
import {
  dropConnection,
  isLoaded,
  type HeldConnection,
  type HeldEdge,
  type Loaded,
} from "./connection-policy.ts";
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

export interface ConnectionTools extends Pick<Tools, "referTo"> {
  /** Where it comes between edges with these cursors; undefined where only the server can tell. */
  readonly placeOf: (
    step: ListStep,
    cursors: readonly (string | undefined)[],
  ) => { readonly index: number; readonly cursor: string } | undefined;
}

/**
 * The effect of a step on a list. `MAY_ENTER`: it belongs there now, and perhaps did before. `UNKNOWN`: only the server can
 * decide.
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

/** @returns the list after the step; undefined when that cannot be decided here, and the list has to be fetched. */
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

/**
 * The same for a list by cursors. Where that cannot be decided here, the list is dropped, and its number of edges is
 * kept: a list that was scrolled must not shrink because others add something.
 */
export function updateConnection(
  held: HeldConnection,
  args: ListArgs,
  step: ListStep,
  tools: ConnectionTools,
): HeldConnection {
  const effect = effectOf(args, step);
  if (effect === "NONE" || held.dropped != null) return held;
  if (effect === "UNKNOWN" || !isLoaded(held)) return dropConnection(held);
  const isHeld = held.edges.some(({ node }) => node?.__ref === step.ref);
  if (effect === "LEAVES")
    return isHeld ? withoutEdge(held, step) : isAll(held) ? held : dropConnection(held);
  if (!isHeld && effect === "MAY_ENTER") return withEdge(held, args, step, tools) ?? dropConnection(held);
  return isReordered(args, step) ? dropConnection(held) : held;
}

const isAll = ({ pageInfo }: Loaded) => !pageInfo.hasNextPage && !pageInfo.hasPreviousPage;

function withoutEdge(held: Loaded, { ref }: ListStep): HeldConnection {
  const others = held.edges.filter(({ node }) => node?.__ref !== ref);
  // Without an edge the start of the rest is unknown.
  return others.length === 0 && !isAll(held) ? dropConnection(held) : changedEdges(held, others, -1);
}

function withEdge(held: Loaded, args: ListArgs, step: ListStep, { referTo, placeOf }: ConnectionTools) {
  const wasOut = step.before == null || isIn(args, step.before) === false;
  // An entity that may have been in the list may have had another place in it, unless its place never changes.
  if (!wasOut && idOrder(args) == null) return undefined;
  const { edges, pageInfo } = held;
  const place = placeOf(
    step,
    edges.map(({ cursor }) => cursor),
  );
  if (place == null) return undefined;
  const { index, cursor } = place;
  // Before the first edge, or after the last, there may be others that are not held.
  if (index === 0 ? pageInfo.hasPreviousPage : index === edges.length && pageInfo.hasNextPage)
    return undefined;
  return changedEdges(held, edges.toSpliced(index, 0, { ...edges[0], cursor, node: referTo(step) }), 1);
}

const changedEdges = (held: Loaded, edges: readonly HeldEdge[], more: number): HeldConnection => ({
  ...held,
  edges,
  pageInfo: {
    ...held.pageInfo,
    startCursor: edges[0]?.cursor ?? null,
    endCursor: edges.at(-1)?.cursor ?? null,
  },
  ...(held.totalCount == null ? {} : { totalCount: held.totalCount + more }),
});
