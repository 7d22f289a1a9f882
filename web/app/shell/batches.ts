import { explain } from "./explain.ts";
import { formatCount } from "./format.ts";

/** The API's limit of ids in one mutation, unless the operator sets another (BATCH_IDS_MAX). */
const idsMax = 10_000;

/** The result of a change that is larger than one mutation may be. */
export interface Changed {
  /** In the order in which they were done. */
  readonly transactions: readonly string[];
  /** Everything that changed, also what went along with a collection. */
  readonly entities: number;
}

interface Payload {
  readonly transaction?: { readonly id: string } | null;
}

/** The transactions that can be undone; empty when nothing had to change. */
export const transactionsOf = (payload: Payload | null | undefined): readonly string[] =>
  payload?.transaction == null ? [] : [payload.transaction.id];

/**
 * Changes any number of entities, in as few transactions as the API allows.
 * @throws what says how many are changed, when something goes wrong after the first transaction.
 */
export async function inBatches(
  ids: readonly string[],
  change: (
    ids: string[],
  ) => Promise<{ readonly id: string; readonly entityCount: number } | null | undefined>,
): Promise<Changed> {
  const transactions: string[] = [];
  let entities = 0;
  for (let start = 0; start < ids.length; start += idsMax)
    try {
      const transaction = await change(ids.slice(start, start + idsMax));
      if (transaction == null) continue;
      transactions.push(transaction.id);
      entities += transaction.entityCount;
    } catch (error) {
      if (start === 0) throw error;
      const message = `${formatCount(start)} of ${formatCount(ids.length)} were changed, then: ${explain(error)}`;
      throw new Error(message, { cause: error });
    }
  return { transactions, entities };
}
