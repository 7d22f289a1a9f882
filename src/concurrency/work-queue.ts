import { setTimeout as delay } from "node:timers/promises";

/** The end of the queue, for work that can be broken off. */
export interface Closing {
  readonly signal: AbortSignal;
  /** Resolves when the signal is aborted. */
  readonly closed: Promise<undefined>;
}

/** Work that a table lists; when and how often it was tried is in the table. */
export interface Work<Task, Done extends { readonly originalId: number }> {
  /** Before the first task: makes everything due once more, since the last process may have been in the way. */
  begin(): PromiseLike<unknown>;
  /** @returns the next task that is due, but for those in hand; undefined for none. */
  find(inHand: readonly number[]): Promise<Task | undefined>;
  /** @returns undefined when there is nothing to write. @throws what stops the whole queue for now */
  run(task: Task, closing: Closing): Promise<Done | undefined>;
  /** In one transaction. */
  write(batch: readonly Done[]): Promise<void>;
  /** UTC milliseconds; null when there is nothing to wait for. */
  findNextAt(): Promise<number | null>;
  /** @returns when to go on, in UTC milliseconds; null when woken. */
  giveUp(error: unknown): number | null;
  /** Tasks in one batch at most, and milliseconds after which no other is begun. */
  readonly batch: { readonly tasks: number; readonly ms: number };
}

export interface WorkQueue {
  /** There may be something new; returns at once. */
  wake(): void;
  /** Breaks off what is under way. */
  close(): Promise<void>;
}

/** While requests run, at most a tenth of the time goes into background work. */
const restFactor = 9;

/** The longest sleep, in case the clock was set back. */
const sleepMsMax = 60_000;

/**
 * Works in the background, one task after the other, until none is due, and goes on when the next one is. Begins when
 * it is first woken. What is left when the program ends is in the table, and goes on at the next start.
 * @param isBusy whether requests are running now.
 */
export function openWorkQueue<Task, Done extends { readonly originalId: number }>(
  work: Work<Task, Done>,
  clock: { now(): number },
  isBusy: () => boolean,
): WorkQueue {
  const closing = new AbortController();
  const { signal } = closing;
  const closed = new Promise<undefined>((resolve) => {
    signal.addEventListener("abort", () => {
      resolve(undefined);
    });
  });
  let running: Promise<void> | undefined;
  let isWoken = false;
  let isFirst = true;
  let timer: NodeJS.Timeout | undefined;

  const rest = async (startedAt: number) => {
    if (!isBusy()) return;
    const restMs = (performance.now() - startedAt) * restFactor;
    await delay(restMs, undefined, { signal, ref: false }).catch(() => undefined);
  };

  /** @returns whether there may be more. */
  const runBatch = async (): Promise<boolean> => {
    const batch: Done[] = [];
    const beganAt = performance.now();
    let task: Task | undefined;
    do {
      task = signal.aborted ? undefined : await work.find(batch.map(({ originalId }) => originalId));
      if (task === undefined) break;
      const startedAt = performance.now();
      const done = await work.run(task, { signal, closed });
      if (done !== undefined) batch.push(done);
      await rest(startedAt);
    } while (batch.length < work.batch.tasks && performance.now() - beganAt < work.batch.ms);
    if (batch.length > 0) await work.write(batch);
    return task !== undefined;
  };

  const runAll = async (): Promise<number | null> => {
    try {
      while (isWoken && !signal.aborted) {
        isWoken = false;
        if (isFirst) await work.begin();
        isFirst = false;
        while (await runBatch());
      }
      return await work.findNextAt();
    } catch (error) {
      return signal.aborted ? null : work.giveUp(error);
    }
  };

  const wake = () => {
    isWoken = true;
    if (signal.aborted) return;
    running ??= runAll().then((nextAt) => {
      running = undefined;
      if (signal.aborted) return;
      // Woken after the last look at the table, and before anybody could see that it was the last.
      if (isWoken) wake();
      else if (nextAt != null) {
        clearTimeout(timer);
        timer = setTimeout(wake, Math.min(Math.max(nextAt - clock.now(), 0), sleepMsMax)).unref();
      }
    });
  };

  return {
    wake,
    close: async () => {
      closing.abort();
      clearTimeout(timer);
      await running;
    },
  };
}
