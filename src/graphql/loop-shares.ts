import { loopCpuMs } from "../loop-cpu.ts";

/** Whose work the event loop does. */
export interface Owner {
  /** Told how many milliseconds of processor it took. */
  spend(cpuMs: number): void;
}

/** Milliseconds from one look to the next while an operation is at work. What is shorter is taken for all work. */
const lookEveryMs = 2;
/** How old the last look may be when an operation begins to work; a look costs as much as a small query. */
const lookAgeMaxMs = 10;

/**
 * Shares the event loop's time of a processor out among operations. Nothing tells whose promise it is that goes on:
 * what the loop computes is the operation's that was last at work, until another one is, or the loop has had its turn.
 */
class LoopShares {
  #owner: Owner | undefined;
  /** When the owner's time was told last. */
  #since = 0;
  #cpuMs = 0;
  #lookedAt = -Infinity;
  #isToEnd = false;

  /** From now on it works for this owner. */
  goesTo(owner: Owner): void {
    const now = performance.now();
    if (owner === this.#owner) {
      if (now - this.#since >= lookEveryMs) this.#settle(now);
      return;
    }
    this.#settle(now);
    if (now - this.#lookedAt > lookAgeMaxMs) this.#look();
    this.#owner = owner;
    if (this.#isToEnd) return;
    this.#isToEnd = true;
    setImmediate(this.#endTurn);
  }

  /** What follows is nobody's. */
  end(): void {
    if (this.#owner == null) return;
    this.#settle(performance.now());
    this.#owner = undefined;
  }

  readonly #endTurn = (): void => {
    this.#isToEnd = false;
    this.end();
  };

  #settle(now: number): void {
    const ms = now - this.#since;
    this.#since = now;
    if (this.#owner == null) return;
    // A loop that waits for a processor on a busy machine uses none; it has waited for longer than that.
    const used = ms < lookEveryMs ? ms : Math.min(ms, this.#look());
    if (used > 0) this.#owner.spend(used);
  }

  /** Milliseconds that the loop has used since the last look. */
  #look(): number {
    const before = this.#cpuMs;
    this.#cpuMs = loopCpuMs();
    this.#lookedAt = performance.now();
    return this.#cpuMs - before;
  }
}

/** Of the whole process: operations share its event loop. */
export const loopShares = new LoopShares();
