import { loopShares, type Owner } from "./loop-shares.ts";

/** Milliseconds, and fields, of long answers in one turn of the event loop. */
const sliceMs = 8;
const sliceFields = 1000;

interface Step {
  readonly fields: number;
  readonly go: () => void;
}

/** One long answer. */
interface Line {
  readonly owner: Owner;
  /** The last one goes first: what an item of a list leads to is done before the next item is begun, and let go of. */
  readonly steps: Step[];
}

/**
 * Answers that are too long to be made at once: they take turns, step by step, and after some milliseconds the event
 * loop has its turn.
 */
class LongAnswers {
  readonly #lines: Line[] = [];
  readonly #lineOf = new WeakMap<Owner, Line>();
  #isRunning = false;

  /** Resolves when the owner may complete this many fields. */
  turn(owner: Owner, fields: number): Promise<void> {
    return new Promise((go) => {
      let line = this.#lineOf.get(owner);
      if (line == null) this.#lineOf.set(owner, (line = { owner, steps: [] }));
      if (line.steps.length === 0) this.#lines.push(line);
      line.steps.push({ fields, go });
      if (!this.#isRunning) void this.#run();
    });
  }

  /** Ends the owner's waits: nothing will come of them. */
  drop(owner: Owner): void {
    const line = this.#lineOf.get(owner);
    if (line != null) line.steps.length = 0;
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#lines.length > 0) {
      await new Promise(setImmediate);
      const begunAt = performance.now();
      for (let fields = 0; fields < sliceFields && performance.now() - begunAt < sliceMs;) {
        const line = this.#lines.shift();
        if (line == null) break;
        const step = line.steps.pop();
        if (step == null) continue;
        if (line.steps.length > 0) this.#lines.push(line);
        fields += step.fields;
        loopShares.goesTo(line.owner);
        step.go();
        // Continuations of the last step run before the next one.
        await Promise.resolve();
      }
    }
    this.#isRunning = false;
  }
}

/** Of the whole process: they share its event loop. */
export const longAnswers = new LongAnswers();
