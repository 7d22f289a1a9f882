export type TimelineUnit = "YEAR" | "MONTH" | "DAY";

/** Characters of a wall clock's text that name the year, the month, the day. */
export const keyLengths: Readonly<Record<TimelineUnit, number>> = { YEAR: 4, MONTH: 7, DAY: 10 };

/** The last moment that four digits of a year can name (RFC 3339 section 5.6). */
const end = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

export interface Span {
  readonly from: Date;
  /** Where the next span begins. */
  readonly to: Date;
}

/** The span of a key (`2019`, `2019-07`, `2019-07-21`) on a wall clock, which is read as if it showed UTC. */
export function spanOf(key: string): Span {
  // As text: Date.UTC takes the years 0 to 99 for those of the twentieth century.
  const from = new Date(`${key}${"0000-01-01".slice(key.length)}T00:00:00.000Z`);
  const to = new Date(from);
  if (key.length === keyLengths.YEAR) to.setUTCFullYear(from.getUTCFullYear() + 1);
  else if (key.length === keyLengths.MONTH) to.setUTCMonth(from.getUTCMonth() + 1);
  else to.setUTCDate(from.getUTCDate() + 1);
  return { from, to: new Date(Math.min(to.getTime(), end)) };
}

/** The last moment of a wall clock before the year 10000, finer than any stored time. */
const localEnd = "9999-12-31T23:59:59.999999999";

/** The same on the wall clock itself: from `from`, and before `to`. */
export function localSpanOf(key: string): { readonly from: string; readonly to: string } {
  const { from, to } = spanOf(key);
  const local = (date: Date) => date.toISOString().slice(0, -1);
  // Nothing follows the last span, so any stored time in it sorts before this.
  return { from: local(from), to: to.getTime() === end ? localEnd : local(to) };
}
