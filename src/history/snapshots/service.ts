import type { EntityVersion } from "../../database/generated/client.ts";
import { parseId, parseTransactionId } from "../../database/model/ids.ts";
import { entityVersionWith } from "../../database/model/rows.ts";
import type { Asking, Deps } from "../../deps.ts";
import { NotFoundError } from "../../errors.ts";
import { page, type Page } from "../../graphql/pagination.ts";
import { listRows } from "../../find/search/service.ts";
import { findTransaction } from "../transactions/service.ts";
import { findMoment, findVersionAsOf, type Moment } from "../versions/moment.ts";
import { past } from "./past.ts";
import { type EntityQuery } from "../../find/search/query.ts";

type Needs = Pick<Deps, "db"> & Asking;

/** By the time or by the transaction; the input type admits exactly one. */
export interface AsOf {
  readonly time?: Date | null | undefined;
  readonly transactionId?: string | null | undefined;
}

/**
 * The whole library as it stood. What was destroyed since is in no snapshot: its versions are gone with it.
 */
export interface Snapshot {
  /** The time asked for, or that of the transaction. */
  readonly at: Date;
  /** The last transaction that had been written; null before the first, when the library was empty. */
  readonly moment: Moment | null;
}

/** Before the first transaction: questions are checked and asked as ever, and nothing holds. */
const beginning: Moment = { transactionId: 0, at: 0 };

/** @throws {NotFoundError} for an unknown transaction. */
export async function getSnapshot(needs: Needs, { time, transactionId }: AsOf): Promise<Snapshot> {
  if (time != null) return { at: time, moment: (await findMoment(needs, time)) ?? null };
  const id = transactionId ?? "";
  // `entityChanged` and `extensions.transactionId` call it so: before the first transaction.
  if (parseTransactionId(id) === 0) return { at: new Date(beginning.at), moment: null };
  const transaction = await findTransaction(needs, id);
  if (transaction == null) throw new NotFoundError("Transaction", id);
  const { at } = transaction;
  return { at, moment: { transactionId: transaction.id, at: at.getTime() } };
}

/** @returns undefined when it was not there yet, or was destroyed since. */
export async function findThen(
  needs: Needs,
  { moment }: Snapshot,
  id: string,
): Promise<EntityVersion | undefined> {
  const entityId = parseId(id);
  if (entityId == null || moment == null) return undefined;
  return findVersionAsOf(needs, entityId, moment.transactionId);
}

/**
 * One page of what matched then; the same questions as of the live library.
 * @throws {BadUserInputError} for a page, filter, order or search text out of range
 * @throws {QueryTooComplexError}
 */
export async function listThen(
  needs: Needs,
  { moment }: Snapshot,
  query: EntityQuery,
): Promise<Page<EntityVersion>> {
  const { items, count, ...args } = await listRows(needs, past(needs, moment ?? beginning, query), query);
  return page(args, items.map(entityVersionWith(query.columns ?? "all")), count);
}
