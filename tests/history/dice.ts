/** Choices that follow from a seed alone. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** 0 to 1, without 1: mulberry32 (https://gist.github.com/tommyettinger/46a874533244883189143505d203312c). */
  roll(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  below(limit: number): number {
    return Math.floor(this.roll() * limit);
  }

  /** So many times in a hundred. */
  chance(percent: number): boolean {
    return this.roll() * 100 < percent;
  }

  find<T>(list: readonly T[]): T | undefined {
    return list[this.below(list.length)];
  }

  /** @throws {Error} for an empty list. */
  pick<T>(list: readonly T[]): T {
    const found = this.find(list);
    if (found === undefined) throw new Error("nothing to choose from");
    return found;
  }

  /** Up to so many, in their order. */
  some<T>(list: readonly T[], most: number): T[] {
    const wanted = 1 + this.below(most);
    const chosen = new Set(
      Array.from({ length: Math.min(wanted, list.length) }, () => this.below(list.length)),
    );
    return [...chosen].map((index) => list[index]!);
  }
}
