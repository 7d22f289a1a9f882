import type { EntityVersion } from "../../database/generated/client.ts";
import { parseTransactionId, transactionIdText } from "../../database/model/ids.ts";
import { askerOf, nameAsker } from "../../database/asker.ts";
import type { Asking, Deps } from "../../deps.ts";
import { BadUserInputError } from "../../errors.ts";
import { whereOf } from "../../find/search/filters/conditions.ts";
import type { EntityFilter } from "../../find/search/filters/filter.ts";
import { Allowance } from "./allowance.ts";
import { afterTransaction, concerns, end, lookedAtMax, readBatch, type Batch, type Cursor } from "./batch.ts";
import { Rounds, type Reader, type Round } from "./rounds.ts";

type Needs = Pick<Deps, "db">;
type Following = Pick<Deps, "db" | "config"> & Asking;

export interface FeedQuery {
  readonly filter?: EntityFilter | null | undefined;
  /** Deliver what came after this transaction; 0 delivers everything. Null: only what comes from now on. */
  readonly afterTransactionId?: string | null | undefined;
}

/** @throws {BadUserInputError} for what cannot be a transaction's id yet. */
async function startOf(needs: Needs, { afterTransactionId }: FeedQuery): Promise<Cursor> {
  const last = await end(needs);
  if (afterTransactionId == null) return last;
  const id = parseTransactionId(afterTransactionId);
  // A cursor from the future would leave out all versions until then.
  if (id == null || id > last.transactionId) {
    const expected = `expected the id of a transaction, T0 to ${transactionIdText(last.transactionId)}`;
    throw new BadUserInputError("afterTransactionId", expected);
  }
  return afterTransaction(id);
}

const roundsOf = new WeakMap<Deps["db"], Rounds>();

function roundsFor({ db }: Needs): Rounds {
  let rounds = roundsOf.get(db);
  if (rounds == null) roundsOf.set(db, (rounds = new Rounds({ db })));
  return rounds;
}

/** Versions one by one, or in the batches in which they are available. */
export interface Feed extends AsyncIterableIterator<EntityVersion> {
  /**
   * The next changes as soon as there are any, none when the feed has ended. Readers at the same position with the
   * same filter gets the very same list.
   */
  take(): Promise<readonly EntityVersion[]>;
}

/**
 * Every change in the order in which it was committed, first those after `afterTransactionId`, then those to come;
 * none is left out and none comes twice. A reader holds a place in the history and one batch, however slow it is:
 * nothing is kept for it.
 * @throws {BadUserInputError}
 * @throws {QueryTooComplexError} for a filter that is too deep; from the feed, for one that is too costly.
 */
export async function followChanges(needs: Following, query: FeedQuery): Promise<Feed> {
  const condition = concerns(query.filter);
  const { sql: text, values } = whereOf(condition);
  const filterKey = JSON.stringify([text, values]);
  let cursor = await startOf(needs, query);
  let waiting: readonly EntityVersion[] = [];
  let at = 0;
  let isReplaying = query.afterTransactionId != null;
  const rounds = roundsFor(needs);
  const reader: Reader = { wake: () => undefined };
  const ending = new AbortController();
  const allowance = new Allowance(needs.config.answerCpuMsMax, () => {
    ending.abort();
  });
  const { viewer } = askerOf(needs.signal);
  const { account } = allowance;
  nameAsker(ending.signal, { viewer, request: reader, isPatient: true, account });
  rounds.join(reader);

  const read = async (round: Round): Promise<Batch> =>
    // Existing versions are delivered at once, even those that the round has not reached.
    isReplaying
      ? readBatch(needs, condition, cursor, await end(needs), ending.signal)
      : round.read(condition, filterKey, cursor, ending.signal);

  const hasEnded = () => ending.signal.aborted;

  const take = async () => {
    while (!hasEnded()) {
      const round = rounds.current;
      const batch = await read(round).catch((error: unknown) => {
        if (allowance.isUsedUp) throw allowance.error();
        // The read was stopped because the subscriber has left.
        if (hasEnded()) return undefined;
        throw error;
      });
      if (batch == null || hasEnded()) return [];
      ({ cursor } = batch);
      if (batch.isLast) isReplaying = false;
      if (batch.events.length > 0) {
        allowance.renew();
        return batch.events;
      }
      allowance.addExamined(lookedAtMax);
      if (!batch.isLast) continue;
      await rounds.after(round, reader);
    }
    return [];
  };

  const feed: Feed = {
    async next() {
      if (at === waiting.length) {
        waiting = await take();
        at = 0;
      }
      const value = hasEnded() ? undefined : waiting[at++];
      return value == null ? { done: true, value: undefined } : { done: false, value };
    },
    take,
    return() {
      ending.abort();
      rounds.leave(reader);
      return Promise.resolve({ done: true, value: undefined });
    },
    [Symbol.asyncIterator]: () => feed,
  };
  return feed;
}
