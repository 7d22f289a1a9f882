import type { ApolloCache, Reference, StoreObject } from "@apollo/client";
import type { ModifierDetails } from "@apollo/client/cache";
import { cachedVersion, listRefs, refOf } from "./cached.ts";
import { dropConnection, type HeldConnection } from "./connection-policy.ts";
import { placeAmong } from "./cursor.ts";
import { stateOf, updateEntityIn } from "./entity-update.ts";
import { stepOf } from "./facts.ts";
import type { ChangeFragment, EntityChangesSubscription } from "./generated/graphql.ts";
import { noteHeard } from "./heard.ts";
import type { HeldList } from "./held-list.ts";
import { updateConnection, updateList, type ListStep } from "./list-update.ts";
import { dependsOn, type ListArgs } from "./membership.ts";

/** The newest version of each entity that was written to a cache. */
const toldTo = new WeakMap<ApolloCache, Map<string, number>>();

/** Whether a cache has received a later version of an entity. */
export const isOvertaken = (cache: ApolloCache, entityId: string, version: number): boolean =>
  version < (toldTo.get(cache)?.get(entityId) ?? 0);

interface Told extends ListStep {
  readonly change: ChangeFragment;
}

/**
 * Brings a cache to the state after some changes: the entities, and every list they enter, leave or stay in. A list of
 * which that cannot be judged here, since its filter, search or order needs the server, is dropped, and asked for again by
 * those who show it; a list by cursors with as many edges as it had, by `createRefillLink`. Changes that were heard of before, such as one's own by the subscription, do nothing.
 * @param changes in the order in which they happened
 */
export function applyChanges(cache: ApolloCache, changes: readonly ChangeFragment[]): void {
  const told = toldTo.get(cache) ?? new Map<string, number>();
  toldTo.set(cache, told);
  // The subscription's changes have it; a mutation's belong to one that is noted by `applyMutation`.
  for (const change of changes as readonly Partial<EntityChangesSubscription["entityChanged"]>[])
    noteHeard(cache, change.transaction?.id);
  const steps = changes.flatMap((change): Told[] => {
    const { entityId, version } = change;
    const ref = refOf(cache, entityId);
    if (version <= (told.get(entityId) ?? 0)) return [];
    const known = told.get(entityId) ?? cachedVersion(cache, ref);
    told.set(entityId, version);
    return [{ ...stepOf(change, known != null && known < version - 1), ref, change }];
  });
  if (steps.length === 0) return;
  cache.batch({
    update: (batched) => {
      for (const step of steps) updateEntityIn(batched, step.change, step);
      updateRoot(batched, steps);
      updateChildren(batched, steps);
    },
  });
}

const toolsOf = ({ readField, toReference }: ModifierDetails) => ({
  idOf: (item: Reference | StoreObject | null | undefined) =>
    item == null ? undefined : readField<string>("id", item),
  referTo: (step: ListStep) => {
    const { change } = step as Told;
    const reference = toReference(stateOf(change), true);
    if (reference == null) throw new Error(`no reference to ${step.ref}`);
    return reference;
  },
  placeOf: (step: ListStep, cursors: readonly (string | undefined)[]) =>
    placeAmong(cursors, (step as Told).change),
});

/** The list after all steps, one after another; undefined as soon as one of them cannot be judged. */
const fold = <L>(list: L, steps: readonly Told[], update: (list: L, step: Told) => L | undefined) =>
  steps.reduce<L | undefined>((held, step) => (held === undefined ? undefined : update(held, step)), list);

const affects = (args: ListArgs, steps: readonly Told[]) =>
  steps.some(({ changed }) => changed == null || dependsOn(args, changed));

type Modify = (value: unknown, details: ModifierDetails) => unknown;

const drop: Modify = (_, { DELETE }) => DELETE;

/** An id that was of nothing may be of something now, and what was destroyed is nothing any longer. */
const dropIncomplete: Modify = (value, { DELETE, canRead }) =>
  [value].flat().every((one) => one != null && canRead(one as Reference)) ? value : DELETE;

function updateRoot(cache: ApolloCache, steps: readonly Told[]): void {
  const changesAny = (...fields: readonly string[]) =>
    steps.some(({ changed }) => changed == null || fields.some((field) => changed.has(field)));
  const fields: Record<string, Modify> = {
    entities: (value, details) => {
      // Written by the field's policy, here and below.
      const held = value as HeldList;
      return (
        fold(held, steps, (list, step) => updateList(list, list.args, step, toolsOf(details))) ??
        details.DELETE
      );
    },
    entitiesConnection: (value, details) =>
      steps.reduce(
        (list, step) => updateConnection(list, list.args, step, toolsOf(details)),
        value as HeldConnection,
      ),
    search: (value, { DELETE }) => (affects((value as HeldList).args, steps) ? DELETE : value),
    stats: drop,
    transactions: drop,
    timeline: drop,
    ...(changesAny("md5", "isDeleted") ? { knownHashes: drop } : {}),
    node: dropIncomplete,
    nodes: dropIncomplete,
    // Destroyed entities are missing in the past too.
    ...(steps.some(({ after }) => after == null) ? { snapshot: drop } : {}),
  };
  cache.modify({ id: "ROOT_QUERY", fields });
}

/** In the collections that contain them, or contained them before; in all where that is unknown. */
function updateChildren(cache: ApolloCache, steps: readonly Told[]): void {
  const parents = steps.flatMap(({ before, after }) =>
    [before, after].map((facts) => facts && facts.parentId),
  );
  const refs = parents.includes(undefined)
    ? listRefs(cache, "Entity")
    : [...new Set(parents)].flatMap((id) => (id == null ? [] : [refOf(cache, id)]));
  const children: Modify = (value, details) => {
    const held = value as HeldList;
    const id = details.readField<string>("id");
    if (id == null) return details.DELETE;
    const args: ListArgs = held.args;
    const inside = { ...args, filter: { AND: [args.filter ?? {}, { parentId: { equals: id } }] } };
    return (
      fold(held, steps, (list, step) => updateList(list, inside, step, toolsOf(details))) ?? details.DELETE
    );
  };
  for (const ref of refs) cache.modify({ id: ref, fields: { children } });
}

/** Drops all lists and all entities, for changes that are known to have happened and not what they were. */
export function forgetAll(cache: ApolloCache): void {
  cache.batch({
    update: (batched) => {
      for (const ref of listRefs(batched, "Entity")) batched.evict({ id: ref });
      const forgetField: Modify = (value, { fieldName, DELETE }) =>
        fieldName === "entitiesConnection" ? dropConnection(value as HeldConnection) : DELETE;
      batched.modify({ id: "ROOT_QUERY", fields: forgetField });
    },
  });
}
