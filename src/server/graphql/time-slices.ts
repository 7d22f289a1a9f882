/** Milliseconds for which background work may hold the event loop. */
const sliceMs = 4;

/** Cuts background work into slices, so that requests are answered in between. */
export class TimeSlices {
  #begunAt: number | undefined;

  /** To be awaited before each piece of work; pieces that are due go on in the order in which they asked. */
  async turn(): Promise<void> {
    for (;;) {
      if (this.#begunAt === undefined) {
        this.#begunAt = performance.now();
        setImmediate(() => (this.#begunAt = undefined));
      }
      if (performance.now() - this.#begunAt < sliceMs) return;
      await new Promise(setImmediate);
    }
  }
}
