import { LRUCache } from "lru-cache";

/** Values by name that are true until the next commit, and forgotten with it. */
export class CommitCache<V extends object> {
  readonly #values: LRUCache<string, V>;
  readonly #revision: () => number;
  #seen: number;

  /**
   * @param revision another number after every commit.
   * @param bounds of all values together; those that were used least recently give way.
   */
  constructor(revision: () => number, bounds: LRUCache.Options<string, V, unknown>) {
    this.#values = new LRUCache(bounds);
    this.#revision = revision;
    this.#seen = revision();
  }

  /** The last commit's number. Before values are looked for: what was true at an earlier commit goes. */
  now(): number {
    const revision = this.#revision();
    if (revision !== this.#seen) this.#values.clear();
    return (this.#seen = revision);
  }

  /** As of the commit that `now` has given. */
  get(name: string): V | undefined {
    return this.#values.get(name);
  }

  /** Keeps a value that was made as of a commit, if that is still the last one. */
  keep(name: string, value: V, madeAt: number): void {
    if (this.now() === madeAt) this.#values.set(name, value);
  }
}
