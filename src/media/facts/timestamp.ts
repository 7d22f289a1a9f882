/** A wall clock time as some file wrote it, perhaps with its zone. */
export interface Timestamp {
  /** Milliseconds since 1970 of the wall clock read as if it were UTC. */
  wall: number;
  /** Minutes east of UTC; null when the text does not say. */
  offset: number | null;
  /** False for a date alone, whose wall clock is midnight. */
  hasTime: boolean;
}

const MINUTE = 60_000;

/** ISO 8601 allows more, but no inhabited place is further from UTC than 14 hours. */
export const offsetMinutesMax = 14 * 60;

/** `+02:00`, `-0330`, `Z` → minutes east of UTC; null for blanks, nonsense and more than 14 hours. */
export function parseOffset(text: string): number | null {
  if (/^\s*(Z|UTC)\s*$/i.test(text)) return 0;
  const match = /^\s*([+-])(\d{1,2}):?(\d{2})?\s*$/.exec(text);
  if (!match) return null;
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0);
  if (minutes > offsetMinutesMax || Number(match[3] ?? 0) > 59) return null;
  return match[1] === "-" ? -minutes : minutes;
}

/** Minutes east of UTC → `+02:00`. */
export function formatOffset(minutes: number): string {
  const pad = (number: number) => String(number).padStart(2, "0");
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${pad(Math.floor(size / 60))}:${pad(size % 60)}`;
}

const shape =
  /^(\d{4})[:\-/.](\d{1,2})[:\-/.](\d{1,2})(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(Z|UTC|[+-]\d{1,2}:?\d{0,2})?(?: DST)?)?$/i;

/** A date whose time of day is blank or damaged. */
const dateShape = /^(\d{4})[:\-/.](\d{1,2})[:\-/.](\d{1,2})[T ]+[\d:. ]*$/;

/** The digits after the seconds' point → milliseconds; cameras write 1 to 9 of them. */
const millisecondsOf = (digits: string) => Number(digits.padEnd(3, "0").slice(0, 3));

// The value that devices write when their clock was never set: the zero of QuickTime's clock (QTFF, "seconds since
// midnight, January 1, 1904"), whose hour is blurred by zone handling, hence the whole day.
const isUnset = (year: number, month: number, day: number) => year === 1904 && month === 1 && day === 1;

/** Midnight of a day that exists; null for 31 February, month 13, and what clocks that were never set show. */
function dayOf(match: RegExpExecArray): number | null {
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  if (year < 1800 || isUnset(year, month, day)) return null;
  const midnight = Date.UTC(year, month - 1, day);
  const date = new Date(midnight);
  // Date.UTC rolls 31 February over to March, and month 13 to the next year.
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? midnight : null;
}

/**
 * Milliseconds since midnight. 24:00:00 and a leap second are the last millisecond before: the day is the one that the
 * file names, and neither UTC milliseconds nor `LocalDateTime` have a word for them.
 * @returns undefined when there is no such time of day.
 */
function timeOf(match: RegExpExecArray, subSeconds: string | null): number | undefined {
  const [hour, minute, second] = [Number(match[4] ?? 0), Number(match[5] ?? 0), Number(match[6] ?? 0)];
  const atMinute = (hour * 60 + minute) * MINUTE;
  if (hour === 24 && minute === 0 && second === 0) return atMinute - 1;
  if (hour > 23 || minute > 59 || second > 60) return undefined;
  if (second === 60) return atMinute + MINUTE - 1;
  const digits = match[7] ?? (subSeconds != null && /^\d{1,9}$/.test(subSeconds) ? subSeconds : "");
  return atMinute + second * 1000 + millisecondsOf(digits);
}

/**
 * Reads `2019:07:21 14:03:11.25+02:00` and its kin. A date without a time of day, or with one that cannot be, is that
 * day's midnight; a year or a month alone is too vague to sort by.
 * @param subSeconds digits of a separate sub-second tag, used when the text has none itself.
 * @returns null for blanks, `0000:00:00 00:00:00`, 1904-01-01, 31 February, and all else that is no time.
 */
export function parseTimestamp(text: string, subSeconds: string | null = null): Timestamp | null {
  // Longer text is no time; the bound keeps the expressions cheap.
  const trimmed = text.length > 60 ? "" : text.trim();
  const match = shape.exec(trimmed);
  const dated = match ?? dateShape.exec(trimmed);
  const day = dated == null ? null : dayOf(dated);
  if (day == null) return null;
  const time = match?.[4] == null ? undefined : timeOf(match, subSeconds);
  if (match == null || time == null) return { wall: day, offset: null, hasTime: false };
  return { wall: day + time, offset: match[8] == null ? null : parseOffset(match[8]), hasTime: true };
}

/** A wall clock → `2019-07-21T14:03:11.250`. */
export const formatLocal = (wall: number) => new Date(wall).toISOString().slice(0, -1);

export const instantOf = (wall: number, offset: number) => wall - offset * MINUTE;
export const wallOf = (instant: number, offset: number) => instant + offset * MINUTE;
