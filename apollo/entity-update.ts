import type { ApolloCache } from "@apollo/client";
import type { StoreObject } from "@apollo/client/cache";
import { Kind } from "graphql";
import { isCached, listRefs, refOf } from "./cached.ts";
import { fileFacts, type Step } from "./facts.ts";
import {
  ChangedStateFragmentDoc,
  type ChangeFragment,
  type ChangedStateFragment,
} from "./generated/graphql.ts";

/** Fields that are read from an entity's file, and may improve when it is read again. */
const ofReading = [
  "camera",
  "captured",
  "location",
  "metadata",
  "thumbnail",
  "poster",
  "preview",
  "placeholder",
  "dominantColour",
  "problems",
  "factsState",
];

/** Fields that depend on an entity's file only. */
const ofFile = [...ofReading, "fileUrl"];

/** Fields that become outdated when another field changes. */
const derived: Readonly<Record<string, readonly string[]>> = {
  parentId: ["parent", "ancestors"],
  isDeleted: ["deletedAt"],
  md5: ofFile,
  [fileFacts]: ofReading,
};

/** Every state has other ones before it. */
const always = ["versions", "versionAt"];

const forget = (cache: ApolloCache, ref: string, fields: readonly string[]) =>
  cache.modify({
    id: ref,
    fields: Object.fromEntries(fields.map((field) => [field, (_: unknown, { DELETE }) => DELETE])),
  });

/** The entity as it is now, if the cache has it. */
export function updateEntityIn(
  cache: ApolloCache,
  change: ChangeFragment,
  { changed, before, after }: Step,
): void {
  const ref = refOf(cache, change.entityId);
  if (after == null) {
    cache.evict({ id: ref });
    forgetVersions(cache, change);
    return;
  }
  if (before == null) {
    // The entity may have been queried before it existed; `node` and `nodes` are updated with the lists.
    cache.evict({ id: "ROOT_QUERY", fieldName: "entity", args: { id: change.entityId } });
  }
  if (isCached(cache, ref)) {
    cache.writeFragment({ id: ref, fragment: ChangedStateFragmentDoc, data: stateOf(change) });
    const fields = Object.keys(derived).filter((field) => before != null && (changed?.has(field) ?? true));
    forget(cache, ref, [...always, ...fields.flatMap((field) => derived[field] ?? [])]);
  }
  const hasMoved = before != null && (changed?.has("parentId") ?? true);
  if (change.isCollection && hasMoved)
    for (const one of listRefs(cache, "Entity")) forget(cache, one, ["ancestors"]);
}

/** Its versions were destroyed with it; the last one only records that. */
function forgetVersions(cache: ApolloCache, { entityId, id: last }: ChangeFragment): void {
  const own = cache.identify({ __typename: "EntityVersion", id: `${entityId}@` });
  const tombstone = cache.identify({ __typename: "EntityVersion", id: last });
  if (own == null) return;
  for (const ref of listRefs(cache, "EntityVersion"))
    if (ref.startsWith(own) && ref !== tombstone) cache.evict({ id: ref });
}

/** The names of the fields that an entity and its versions share. */
const stateFields = ChangedStateFragmentDoc.definitions.flatMap((definition) =>
  definition.kind === Kind.FRAGMENT_DEFINITION
    ? definition.selectionSet.selections.flatMap((field) =>
        field.kind === Kind.FIELD ? [field.name.value] : [],
      )
    : [],
);

/** As the live entity has it: nothing that only its version has. */
export function stateOf(change: ChangeFragment): ChangedStateFragment & StoreObject {
  const state = Object.entries(change).filter(([name]) => stateFields.includes(name));
  // The fragment's own fields, all of which a change has.
  return {
    ...(Object.fromEntries(state) as ChangedStateFragment),
    __typename: "Entity",
    id: change.entityId,
  };
}
