import { setMaxListeners } from "node:events";

/** The end of something that others wait with, such as a client's wait for its answer. */
export interface End {
  readonly hasCome: boolean;
  /** Aborted when it comes. */
  readonly signal: AbortSignal;
}

export const endOf = (signal: AbortSignal): End => ({
  get hasCome() {
    return signal.aborted;
  },
  signal,
});

/** An end whose signal is made when it is first asked for, which most requests never do. */
export class LazyEnd implements End {
  #hasCome = false;
  #controller: AbortController | undefined;

  get hasCome(): boolean {
    return this.#hasCome;
  }

  get signal(): AbortSignal {
    if (this.#controller == null) {
      this.#controller = new AbortController();
      if (this.#hasCome) this.#controller.abort();
    }
    return this.#controller.signal;
  }

  come(): void {
    this.#hasCome = true;
    this.#controller?.abort();
  }
}

/** One signal made of several. */
export interface JoinedSignal {
  readonly signal: AbortSignal;
  /** Takes its listeners from the others, which may live much longer. To be called in every case. */
  readonly release: () => void;
}

/**
 * Aborted as soon as one of the signals is, or when the time is over, for that one's reason. Stands in place of
 * `AbortSignal.any`, which Node 20 collects as garbage while it is awaited (nodejs/node#57736): a time limit
 * never expired, a stream never ended.
 * @param timeMs undefined for no limit.
 */
export function joinSignals(
  signals: readonly (AbortSignal | undefined)[],
  timeMs?: number,
): JoinedSignal & { readonly isLate: () => boolean } {
  const joined = new AbortController();
  let isLate = false;
  const timer =
    timeMs == null
      ? undefined
      : setTimeout(() => {
          isLate = true;
          joined.abort(new DOMException("The time is over", "TimeoutError"));
        }, timeMs);
  timer?.unref();
  const forgets: (() => void)[] = [];
  for (const signal of signals) {
    if (signal == null) continue;
    if (signal.aborted) {
      joined.abort(signal.reason);
      continue;
    }
    const abort = () => {
      joined.abort(signal.reason);
    };
    // Many may listen to one that lives long.
    setMaxListeners(0, signal);
    signal.addEventListener("abort", abort, { once: true });
    forgets.push(() => {
      signal.removeEventListener("abort", abort);
    });
  }
  return {
    signal: joined.signal,
    isLate: () => isLate,
    release() {
      clearTimeout(timer);
      for (const forget of forgets) forget();
    },
  };
}
