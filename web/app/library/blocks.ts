/** Blocks of a long list one below the other; those not seen yet have an estimated height. */
export interface Blocks {
  readonly count: number;
  /** Of all, in CSS pixels. */
  readonly height: number;
  /** Where a block begins. */
  top(index: number): number;
  /** The block at a height, the nearest one beyond the ends. */
  at(y: number): number;
}

/**
 * @param estimate of a block whose height is not known yet.
 * @param known heights by index.
 */
export function stack(
  count: number,
  estimate: (index: number) => number,
  known: ReadonlyMap<number, number>,
  gap: number,
): Blocks {
  const tops = new Float64Array(count + 1);
  for (let index = 0; index < count; index++)
    tops[index + 1] = (tops[index] ?? 0) + (known.get(index) ?? estimate(index)) + gap;
  const height = count === 0 ? 0 : (tops[count] ?? 0) - gap;
  return {
    count,
    height,
    top: (index) => tops[Math.min(count, Math.max(0, index))] ?? 0,
    at(y) {
      let [low, high] = [0, count];
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((tops[middle + 1] ?? Infinity) <= y) low = middle + 1;
        else high = middle;
      }
      return Math.min(low, Math.max(0, count - 1));
    },
  };
}
