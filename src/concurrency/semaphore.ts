/** Ends a turn; a second call does nothing. */
export type Release = () => void;

interface Waiting {
  readonly begin: () => void;
  readonly refuse: (reason: Error) => void;
}

/** At most `max` at once; the others wait, first come, first served. */
export class Semaphore {
  readonly #waiting = new Set<Waiting>();
  #free: number;
  #closedFor: Error | undefined;

  constructor(max: number) {
    this.#free = max;
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** @returns undefined where the turn would have to be waited for. */
  tryAcquire(): Release | undefined {
    if (this.#free === 0) return undefined;
    this.#free--;
    return this.#turn();
  }

  /** @throws the signal's reason when it is aborted first, or the reason of `close`. */
  async acquire(signal?: AbortSignal): Promise<Release> {
    signal?.throwIfAborted();
    if (this.#closedFor != null) throw this.#closedFor;
    const release = this.tryAcquire();
    if (release != null) return release;
    await this.#wait(signal);
    return this.#turn();
  }

  /** Works in a turn. @throws what `acquire` and `work` throw */
  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const release = await this.acquire(signal);
    try {
      return await work();
    } finally {
      release();
    }
  }

  /** Refuses all callers that wait or come later with this reason; turns under way go on. */
  close(reason: Error): void {
    this.#closedFor = reason;
    for (const { refuse } of this.#waiting) refuse(reason);
  }

  #turn(): Release {
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      // Handed on, and never free in between: a newcomer must not overtake the others.
      const [next] = this.#waiting;
      if (next == null) this.#free++;
      else next.begin();
    };
  }

  #wait(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.delete(waiting);
        signal?.removeEventListener("abort", abort);
      };
      const waiting: Waiting = {
        begin: () => {
          leave();
          resolve();
        },
        refuse: (reason) => {
          leave();
          reject(reason);
        },
      };
      const abort = () => {
        // Typed `any`; callers that abort give an Error, or the platform does.
        waiting.refuse(signal?.reason as Error);
      };
      this.#waiting.add(waiting);
      signal?.addEventListener("abort", abort);
    });
  }
}
