/**
 * One at a time for each file's MD5: deciding whether a file is new, publishing it and committing its
 * row belong together, and so do finding it unused and removing it.
 */
export class FileLocks {
  readonly #last = new Map<string, Promise<void>>();

  /** Runs `work` when nobody else holds any of the checksums; holders wait for each other in one order. */
  async hold<T>(md5s: readonly string[], work: () => Promise<T>): Promise<T> {
    const releases: (() => void)[] = [];
    try {
      // Sorted, so that two batches with files in common never wait for one another crosswise.
      for (const md5 of [...new Set(md5s)].sort()) releases.push(await this.#take(md5));
      return await work();
    } finally {
      for (const release of releases) release();
    }
  }

  async #take(md5: string): Promise<() => void> {
    const before = this.#last.get(md5);
    let resolve!: () => void;
    const promise = new Promise<void>((done) => (resolve = done));
    this.#last.set(md5, promise);
    await before;
    return () => {
      if (this.#last.get(md5) === promise) this.#last.delete(md5);
      resolve();
    };
  }
}
