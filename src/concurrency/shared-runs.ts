/** Work that many ask for at once and that is done once: each asker gets the outcome of the run under way. */
export class SharedRuns<T> {
  readonly #running = new Map<string, Promise<T>>();
  readonly #max: number;

  /** @param max most runs at once, waiting ones included. */
  constructor(max: number) {
    this.#max = max;
  }

  /** Runs under way, waiting ones included. */
  get size(): number {
    return this.#running.size;
  }

  /** @returns undefined, without starting `work`, when there is no room for one more run. */
  join(key: string, work: () => Promise<T>): Promise<T> | undefined {
    const running = this.#running.get(key);
    if (running != null) return running;
    if (this.#running.size >= this.#max) return undefined;
    const run = work().finally(() => this.#running.delete(key));
    this.#running.set(key, run);
    return run;
  }
}
