import { Semaphore } from "./semaphore.ts";

/** One at a time for each key. */
export class KeyedLock {
  readonly #locks = new Map<string, { readonly semaphore: Semaphore; users: number }>();

  /** Works while nobody else holds any of the keys; holders wait for each other in one order. */
  async hold<T>(keys: readonly string[], work: () => Promise<T>): Promise<T> {
    const releases: (() => void)[] = [];
    try {
      // Sorted, so that two holders with keys in common never wait for one another crosswise.
      for (const key of [...new Set(keys)].sort()) releases.push(await this.#take(key));
      return await work();
    } finally {
      for (const release of releases) release();
    }
  }

  async #take(key: string): Promise<() => void> {
    const lock = this.#locks.get(key) ?? { semaphore: new Semaphore(1), users: 0 };
    this.#locks.set(key, lock);
    lock.users++;
    const release = await lock.semaphore.acquire();
    return () => {
      if (--lock.users === 0) this.#locks.delete(key);
      release();
    };
  }
}
