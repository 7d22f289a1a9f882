import type { ApolloCache } from "@apollo/client";
import { applyChanges, forgetAll } from "./changes.ts";
import type { ChangesFragment } from "./generated/graphql.ts";

/**
 * For the `update` of mutations: keeps the cache true after every mutation whose `transaction` has the fragment
 * `Changes`; does nothing for others. A transaction of more changes than the fragment brings makes the cache forget
 * its entities and lists.
 */
export function applyMutation(cache: ApolloCache, { data }: { readonly data?: unknown }): void {
  for (const payload of Object.values(data ?? {})) {
    const { transaction } = (payload ?? {}) as { transaction?: unknown };
    if (!isTransaction(transaction)) continue;
    applyChanges(cache, transaction.changes.items);
    if (transaction.entityCount > transaction.changes.items.length) forgetAll(cache);
  }
}

function isTransaction(value: unknown): value is ChangesFragment {
  const { entityCount, changes } = (value ?? {}) as Partial<ChangesFragment>;
  // One of somebody's own selections may have less than the fragment.
  return (
    entityCount != null &&
    changes != null &&
    changes.items.every((change) => "operation" in change && "changes" in change)
  );
}
