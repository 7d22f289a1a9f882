import type { EntityVersion } from "../db/generated/client.ts";
import type { Deps } from "../deps.ts";
import { BadUserInputError } from "../errors.ts";
import { whereOf } from "../search/filters/conditions.ts";
import type { EntityFilter } from "../search/filters/filter.ts";
import { afterTransaction, concerns, end, readBatch, type Batch, type Cursor } from "./batch.ts";

type Needs = Pick<Deps, "db">;

export interface FeedQuery {
  readonly filter?: EntityFilter | null | undefined;
  /** Deliver what came after this transaction; 0 delivers everything. Null: only what comes from now on. */
  readonly afterTransactionId?: string | null | undefined;
}

/** @throws {BadUserInputError} for what cannot be a transaction's id yet. */
function startOf(needs: Needs, { afterTransactionId }: FeedQuery): Cursor {
  const last = end(needs);
  if (afterTransactionId == null) return last;
  const id = /^\d{1,15}$/.test(afterTransactionId) ? Number(afterTransactionId) : Number.NaN;
  // One from the future would leave out whatever comes until then.
  if (!(id <= last.transactionId)) {
    const expected = `expected the id of a transaction, 0 to ${last.transactionId}`;
    throw new BadUserInputError("afterTransactionId", expected);
  }
  return afterTransaction(id);
}

/** Batches of the newest commit by cursor and filter: a hundred readers at the same place read it once. */
class NewestBatches {
  readonly #batches = new Map<string, Batch>();
  #revision = -1;

  read(revision: number, key: string, make: () => Batch): Batch {
    if (revision !== this.#revision) {
      this.#batches.clear();
      this.#revision = revision;
    }
    const known = this.#batches.get(key);
    if (known != null) return known;
    const batch = make();
    // What is replayed differs from reader to reader; only the newest is shared, and it is short.
    if (batch.isLast && this.#batches.size < 100) this.#batches.set(key, batch);
    return batch;
  }
}

const newest = new WeakMap<Deps["db"], NewestBatches>();

function newestOf({ db }: Needs): NewestBatches {
  let batches = newest.get(db);
  if (batches == null) newest.set(db, (batches = new NewestBatches()));
  return batches;
}

/**
 * Every change in the order in which it was committed, first those after `afterTransactionId`, then those to come;
 * none is left out and none comes twice. A reader holds a place in the history and one batch, however slow it is:
 * nothing is kept for it.
 * @throws {BadUserInputError}
 * @throws {QueryTooComplexError} for a filter that is too deep.
 */
export function followChanges(needs: Needs, query: FeedQuery): AsyncIterableIterator<EntityVersion> {
  const condition = concerns(query.filter);
  const { sql: text, values } = whereOf(condition);
  const filterKey = JSON.stringify([text, values]);
  let cursor = startOf(needs, query);
  let waiting: readonly EntityVersion[] = [];
  let at = 0;
  const ending = new AbortController();

  const fill = async () => {
    while (at === waiting.length && !ending.signal.aborted) {
      // Asked for before reading: a commit in between must not be slept through.
      const committed = needs.db.nextCommit(ending.signal);
      const key = JSON.stringify([cursor, filterKey]);
      const batch = newestOf(needs).read(needs.db.revision(), key, () => readBatch(needs, condition, cursor));
      ({ cursor, events: waiting } = batch);
      at = 0;
      if (waiting.length === 0 && batch.isLast) await committed;
    }
  };

  return {
    async next() {
      await fill();
      const value = ending.signal.aborted ? undefined : waiting[at++];
      return value == null ? { done: true, value: undefined } : { done: false, value };
    },
    return() {
      ending.abort();
      return Promise.resolve({ done: true, value: undefined });
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
