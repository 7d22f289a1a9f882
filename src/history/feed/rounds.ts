import { setTimeout as delay } from "node:timers/promises";
import type { Deps } from "../../deps.ts";
import { SharedRun } from "../../database/shared-run.ts";
import { askerOf } from "../../database/asker.ts";
import { end, readBatch, type Batch, type Cursor } from "./batch.ts";
import type { Condition } from "../../find/search/filters/conditions.ts";

type Needs = Pick<Deps, "db">;

/** Milliseconds between a commit and the reading of it, in which the writer gets its answer. */
const answerMs = 5;

/**
 * Milliseconds between two rounds for each reader, up to a second in all. Serving one costs about 0.1 ms, so all
 * together cost a few percent of the time however often the library changes.
 */
const restMs = 2.5;
const restMsMax = 1_000;

/** Readers that are woken in one turn of the event loop. */
const wokenAtOnce = 25;

/** Rows that one round keeps for other readers at the same position. */
const sharedRowsMax = 4_000;

/** A subscriber to the feed. */
export interface Reader {
  /** Set by whom it waits for. */
  wake: () => void;
}

/** A place in the history up to which everybody reads, and what was read on the way. */
export class Round {
  readonly #needs: Needs;
  readonly #batches = new Map<string, SharedRun<Batch>>();
  #rows = 0;
  #end: Promise<Cursor> | undefined;

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  /**
   * The next versions for a reader at this cursor. All readers at the same cursor with the same filter get the same
   * list object, and continue at the same cursor: they stay together, and a list is rendered once for all of them.
   * @param filterKey the condition as a string.
   * @param signal the reader's; a read for several readers goes on until the last of them has left.
   * @throws {QueryTooComplexError} as `readBatch`
   */
  read(condition: Condition, filterKey: string, cursor: Cursor, signal: AbortSignal): Promise<Batch> {
    const { transactionId, entityId, version, destroyedId } = cursor;
    const key = `${transactionId} ${entityId} ${version} ${destroyedId} ${filterKey}`;
    const known = this.#batches.get(key);
    if (known != null) return known.join(signal);
    this.#end ??= end(this.#needs);
    const last = this.#end;
    const forget = () => {
      if (this.#batches.get(key) === run) this.#batches.delete(key);
    };
    const run = new SharedRun(
      askerOf(signal),
      async (ending) => readBatch(this.#needs, condition, cursor, await last, ending),
      forget,
    );
    this.#batches.set(key, run);
    run.result.then(
      ({ events }) => {
        this.#rows += 1 + events.length;
        if (this.#rows > sharedRowsMax) forget();
      },
      // Wakes the readers that wait.
      forget,
    );
    return run.join(signal);
  }
}

/**
 * When readers look for news: some time after a commit, all of them in one round, and not too often. A writer waits
 * for none of them, and they share their work.
 */
export class Rounds {
  readonly #needs: Needs;
  readonly #readers = new Set<Reader>();
  #listening: AbortController | undefined;
  #current: Round;

  constructor(needs: Needs) {
    this.#needs = needs;
    this.#current = new Round(needs);
  }

  get current(): Round {
    return this.#current;
  }

  join(reader: Reader): void {
    this.#readers.add(reader);
    if (this.#listening != null) return;
    this.#listening = new AbortController();
    void this.#listen(this.#listening.signal);
  }

  /** Resolves when there is another round than this one, or when the reader has left. */
  async after(round: Round, reader: Reader): Promise<void> {
    while (this.#current === round && this.#readers.has(reader))
      await new Promise<void>((resolve) => (reader.wake = resolve));
  }

  leave(reader: Reader): void {
    this.#readers.delete(reader);
    reader.wake();
    if (this.#readers.size > 0) return;
    this.#listening?.abort();
    this.#listening = undefined;
  }

  async #listen(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      // Asked for before anybody reads: a commit in between must not be slept through.
      const committed = this.#needs.db.nextCommit(signal);
      this.#current = new Round(this.#needs);
      const begunAt = performance.now();
      wakeAll([...this.#readers]);
      await committed;
      const restUntil = begunAt + Math.min(this.#readers.size * restMs, restMsMax);
      const waitMs = Math.max(answerMs, restUntil - performance.now());
      // Aborted when no reader is left.
      await delay(waitMs, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** A few at a time: between two turns of the event loop requests are answered. */
function wakeAll(readers: readonly Reader[], from = 0): void {
  for (const reader of readers.slice(from, from + wokenAtOnce)) reader.wake();
  if (from + wokenAtOnce < readers.length) setImmediate(wakeAll, readers, from + wokenAtOnce);
}
