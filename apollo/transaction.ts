import type { ApolloCache } from "@apollo/client";
import { refOf } from "./cached.ts";
import { applyChanges, forgetAll, isOvertaken } from "./changes.ts";
import type { ChangesFragment } from "./generated/graphql.ts";
import { noteHeard } from "./heard.ts";

/**
 * For the `update` of mutations: keeps the cache true after every mutation whose `transaction` has the fragment
 * `Changes`; does nothing for others. A transaction of more changes than the fragment brings makes the cache forget
 * its entities and lists.
 */
export function applyMutation(cache: ApolloCache, { data }: { readonly data?: unknown }): void {
  for (const payload of Object.values(data ?? {})) {
    const { entity, transaction } = (payload ?? {}) as { entity?: unknown; transaction?: unknown };
    if (isVersioned(entity)) forgetOvertaken(cache, entity.id, entity.version);
    if (!isTransaction(transaction)) continue;
    noteHeard(cache, transaction.id);
    applyChanges(cache, transaction.changes.items);
    if (transaction.entityCount > transaction.changes.items.length) forgetAll(cache);
  }
}

/**
 * The response to a mutation comes once, and may be older than changes from the subscription: an entity over
 * which Apollo has just written an earlier state is fetched again.
 */
function forgetOvertaken(cache: ApolloCache, id: string, version: number): void {
  if (isOvertaken(cache, id, version)) cache.evict({ id: refOf(cache, id) });
}

function isVersioned(value: unknown): value is { readonly id: string; readonly version: number } {
  const { id, version } = (value ?? {}) as Partial<Record<string, unknown>>;
  return typeof id === "string" && typeof version === "number";
}

function isTransaction(value: unknown): value is ChangesFragment {
  const { entityCount, changes } = (value ?? {}) as Partial<ChangesFragment>;
  // A selection of the app's own may have fewer fields than the fragment.
  return (
    entityCount != null &&
    changes != null &&
    changes.items.every((change) => "operation" in change && "changes" in change)
  );
}
