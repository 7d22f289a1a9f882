import type { ApolloCache } from "@apollo/client";
import { KnownEntityFragmentDoc, KnownVersionFragmentDoc } from "./generated/graphql.ts";

/** The name of an entity in the cache. */
export function refOf(cache: ApolloCache, id: string): string {
  const ref = cache.identify({ __typename: "Entity", id });
  if (ref == null) throw new Error("the cache gives entities no names of their own");
  return ref;
}

export const isCached = (cache: ApolloCache, ref: string): boolean =>
  cache.readFragment({ id: ref, fragment: KnownEntityFragmentDoc }) != null;

/** Null when the entity is not there, or came without its version. */
export const cachedVersion = (cache: ApolloCache, ref: string): number | null =>
  cache.readFragment({ id: ref, fragment: KnownVersionFragmentDoc })?.version ?? null;

/** The names of all objects of a type. */
export function listRefs(cache: ApolloCache, typename: string): string[] {
  // An InMemoryCache gives its objects by name; of another cache nothing is known.
  const objects = cache.extract() as Readonly<Record<string, { __typename?: string } | undefined>> | null;
  return Object.entries(objects ?? {}).flatMap(([ref, object]) =>
    object?.__typename === typename ? [ref] : [],
  );
}
