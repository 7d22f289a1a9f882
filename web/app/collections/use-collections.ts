import { skipToken, useQuery } from "@apollo/client/react";
import { COLLECTIONS_AT, COLLECTIONS_IN } from "./operations.ts";

/** `Album 2` before `Album 10`. */
const inOrder = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

export interface Collections {
  /** By name; the first hundred. */
  readonly collections: readonly { readonly id: string; readonly label: string }[];
  readonly total: number;
}

/**
 * The collections in a collection, or at the top.
 * @param at as it stood then; null for now.
 */
export function useCollections(parent: string | null, at: string | null): Collections {
  const filter = {
    isCollection: true,
    parentId: parent == null ? { isNull: true } : { equals: parent },
  };
  const { data: now } = useQuery(COLLECTIONS_IN, at == null ? { variables: { filter } } : skipToken);
  const { data: then } = useQuery(COLLECTIONS_AT, at == null ? skipToken : { variables: { filter, at } });
  const page = at == null ? now?.entities : then?.snapshot.entities;
  return {
    collections: (page?.items ?? [])
      .map((collection) => ({
        id: "entityId" in collection ? collection.entityId : collection.id,
        label: collection.label ?? "Untitled",
      }))
      .sort((one, other) => inOrder.compare(one.label, other.label)),
    total: page?.pagination.totalItems ?? 0,
  };
}
