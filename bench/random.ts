/** Numbers that look random and are the same in every run, so that two runs measure the same library. */
export interface Random {
  /** A whole number from 0 to `count` - 1. */
  readonly below: (count: number) => number;
  /** One of a list that is not empty. */
  readonly pick: <T>(list: readonly T[]) => T;
}

/** mulberry32: 32 bits of state are plenty for test data, and cost a few nanoseconds. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const below = (count: number) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((((bits ^ (bits >>> 14)) >>> 0) * count) / 2 ** 32) >>> 0;
  };
  return { below, pick: (list) => list[below(list.length)]! };
}
