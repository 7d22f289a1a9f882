import DataLoader from "dataloader";
import type { EntityVersion, Transaction } from "../../database/generated/client.ts";
import { batchedBy } from "../../library/entities/loaders.ts";
import { perArguments, perRevision, type Context } from "../../graphql/context.ts";
import { checkPage, page, type Page, type PageArgs } from "../../graphql/pagination.ts";
import { countChanges, findTransactions, findUndos, listChangePages } from "./service.ts";

/** By id, for payloads and versions that know a transaction by its id only. */
export const transactionLoader = perRevision(
  (context) =>
    new DataLoader<number, Transaction>(async (ids) => {
      const found = await findTransactions(context, ids);
      return ids.map((id) => found.get(id) ?? new Error(`transaction ${id} is gone`));
    }),
);

/** The transaction that a mutation wrote; null when nothing had to change. */
export const loadTransaction = (id: number | null, context: Context): Promise<Transaction> | null =>
  id == null ? null : transactionLoader(context).load(id);

/** Not remembered: a later mutation of the same request may undo what an earlier one did. */
export const undoLoader = perRevision((context) =>
  batchedBy<number, number | null>(
    (ids) => findUndos(context, ids),
    (id) => id,
    null,
  ),
);

const idOf = ({ id }: Transaction) => id;
const pageLoader = perArguments((context, args: PageArgs) =>
  batchedBy<Transaction, EntityVersion[]>((keys) => listChangePages(context, keys, args), idOf, []),
);
const countLoader = perRevision((context) =>
  batchedBy<number, { versions: number; destroyed: number }>(
    (ids) => countChanges(context, ids),
    (id) => id,
    { versions: 0, destroyed: 0 },
  ),
);

/**
 * One page of what a transaction changed.
 * @throws {BadUserInputError} for a page out of range.
 */
export async function loadChanges(
  context: Context,
  transaction: Transaction,
  query: PageArgs,
): Promise<Page<EntityVersion>> {
  const args = checkPage(query);
  const items = await pageLoader(context, args).load(transaction);
  return page(args, items, async () => {
    const { versions, destroyed } = await countLoader(context).load(transaction.id);
    return versions + destroyed;
  });
}
