import { loopCpuMs } from "../loop-cpu.ts";

/** Whose work the event loop does. */
export interface Owner {
  /** Told how many milliseconds of processor it took. */
  spend(cpuMs: number): void;
}

/** A look at the processor's time costs some microseconds. */
const lookEveryMs = 0.5;

/**
 * Shares the event loop's time of a processor out among operations. Nothing tells whose promise it is that goes on:
 * what the loop computes is the operation's that was last at work, until another one is, or the loop has had its turn.
 */
class LoopShares {
  #owner: Owner | undefined;
  #cpuMs = 0;
  #lookedAt = 0;
  #isToEnd = false;

  /** From now on it works for this owner. */
  goesTo(owner: Owner): void {
    const now = performance.now();
    if (owner === this.#owner && now - this.#lookedAt < lookEveryMs) return;
    this.#settle();
    this.#owner = owner;
    if (this.#isToEnd) return;
    this.#isToEnd = true;
    setImmediate(() => {
      this.#isToEnd = false;
      this.end();
    });
  }

  /** What follows is nobody's. */
  end(): void {
    if (this.#owner == null) return;
    this.#settle();
    this.#owner = undefined;
  }

  #settle(): void {
    const [owner, cpuMs] = [this.#owner, loopCpuMs()];
    const used = cpuMs - this.#cpuMs;
    this.#cpuMs = cpuMs;
    this.#lookedAt = performance.now();
    if (owner != null && used > 0) owner.spend(used);
  }
}

/** Of the whole process: operations share its event loop. */
export const loopShares = new LoopShares();
