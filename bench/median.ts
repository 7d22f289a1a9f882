/** The value below which the given share (0 to 1) of the others lie. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  if (value == null) throw new RangeError("there is no quantile of nothing");
  return value;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);
