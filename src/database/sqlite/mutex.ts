/** One holder at a time, in the order asked. */
export class Mutex {
  #tail: Promise<void> = Promise.resolve();

  /** Waits for its turn. The answer gives it back; a second call of it does nothing. */
  async acquire(): Promise<() => void> {
    const before = this.#tail;
    const { promise, resolve } = withResolvers();
    this.#tail = promise;
    await before;
    return resolve;
  }
}

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}
