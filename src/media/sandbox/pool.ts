interface Waiting<T> {
  readonly go: (thing: T) => void;
  readonly drop: (reason: Error) => void;
}

/** Hands out things one by one, first come, first served. */
export class Pool<T> {
  readonly #free: T[];
  readonly #waiting = new Set<Waiting<T>>();
  #closedFor: Error | undefined;

  constructor(free: T[]) {
    this.#free = free;
  }

  /** @throws the signal's reason when it is aborted first, or the one of `close`. */
  async take(signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    if (this.#closedFor) throw this.#closedFor;
    const thing = this.#free.pop();
    if (thing != null) return thing;
    let drop: Waiting<T>["drop"] = () => undefined;
    const abort = () => {
      // Typed `any`; whoever aborts gives an Error, or the platform does.
      drop(signal?.reason as Error);
    };
    signal?.addEventListener("abort", abort);
    return await new Promise<T>((resolve, reject) => {
      const waiting = { go: resolve, drop: reject };
      this.#waiting.add(waiting);
      drop = (reason) => {
        this.#waiting.delete(waiting);
        reject(reason);
      };
    }).finally(() => signal?.removeEventListener("abort", abort));
  }

  /** To the next in line; the thing never lies free while somebody waits. */
  giveBack(thing: T) {
    const [next] = this.#waiting;
    if (next == null) {
      this.#free.push(thing);
      return;
    }
    this.#waiting.delete(next);
    next.go(thing);
  }

  close(reason: Error) {
    this.#closedFor = reason;
    for (const { drop } of this.#waiting) drop(reason);
    this.#waiting.clear();
  }
}
