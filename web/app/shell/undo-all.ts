import type { ApolloClient } from "@apollo/client";
import { formatCount } from "./format.ts";
import { UNDO } from "./operations.ts";
import { explain } from "./explain.ts";

/**
 * Takes transactions back, the last one first: each may rest on those before it.
 * @param transactions in the order in which they were done.
 * @throws what says how many of several are undone, when the next one cannot be.
 */
export async function undoAll(client: ApolloClient, transactions: readonly string[]): Promise<void> {
  let done = 0;
  for (const id of transactions.toReversed())
    try {
      await client.mutate({ mutation: UNDO, variables: { id } });
      done++;
    } catch (error) {
      if (transactions.length === 1) throw error;
      const message = `${explain(error)}. ${formatCount(done)} of ${formatCount(transactions.length)} changes are undone`;
      throw new Error(message, { cause: error });
    }
}
