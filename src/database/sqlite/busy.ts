import { setTimeout as delay } from "node:timers/promises";
import { UnavailableError } from "../../errors.ts";
import { isBusy } from "./result-code.ts";

/** Between two attempts; each blocks the process for no longer than the writer's own time-out. */
const pauseMs = 20;
/** A lock that was not met for this long counts as another one. */
const sameLockMs = 1000;

/**
 * Tries work that another process's lock keeps from beginning until the lock is gone. SQLite itself would wait in the
 * event loop, and everybody with it.
 */
export class LockWait {
  readonly #waitMs: number;
  #lockedSince = 0;
  #lockedAt = -Infinity;

  /** @param waitMs from the moment that the lock was first met: who comes later does not wait for all of it again. */
  constructor(waitMs: number) {
    this.#waitMs = waitMs;
  }

  /**
   * @param begin has done nothing when it fails with SQLITE_BUSY.
   * @throws {UnavailableError} when the lock stays.
   */
  async run<T>(begin: () => T): Promise<T> {
    for (;;) {
      try {
        const result = begin();
        this.#lockedAt = -Infinity;
        return result;
      } catch (error) {
        if (!isBusy(error)) throw error;
        const now = performance.now();
        if (now - this.#lockedAt > sameLockMs) this.#lockedSince = now;
        this.#lockedAt = now;
        if (now - this.#lockedSince > this.#waitMs)
          throw new UnavailableError(
            "Another process keeps the database locked, so nothing was written; try again in a few seconds",
            { cause: error },
          );
      }
      await delay(pauseMs);
    }
  }
}
