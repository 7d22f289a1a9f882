/** A span of the timeline, the newest first, as the API gives it. */
export interface Month {
  /** `2019-07` */
  readonly key: string;
  readonly count: number;
}

/** Where a span begins in a list that is ordered by time, counted from 0. */
export interface Mark {
  readonly key: string;
  readonly offset: number;
  readonly count: number;
}

/** @returns the marks in the order of the list. */
export function marksOf(months: readonly Month[], isOldestFirst = false): Mark[] {
  let offset = 0;
  return (isOldestFirst ? months.toReversed() : months).map(({ key, count }) => {
    const mark = { key, offset, count };
    offset += count;
    return mark;
  });
}

/** The span that contains an item; undefined for items without a time, which come last. */
export function markAt(marks: readonly Mark[], index: number): Mark | undefined {
  return marks.find(({ offset, count }) => index >= offset && index < offset + count);
}

/** The years among the marks, for the scrubber: each where it begins. */
export function yearsOf(marks: readonly Mark[]): { readonly year: string; readonly offset: number }[] {
  const years: { year: string; offset: number }[] = [];
  for (const { key, offset } of marks) {
    const year = key.slice(0, 4);
    if (years.at(-1)?.year !== year) years.push({ year, offset });
  }
  return years;
}
