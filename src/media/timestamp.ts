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

/** The digits after the seconds' point → milliseconds; cameras write 1 to 9 of them. */
const millisecondsOf = (digits: string) => Number(digits.padEnd(3, "0").slice(0, 3));

// What devices write when their clock was never set: the zero of QuickTime's clock (QTFF, "seconds since
// midnight, January 1, 1904"), whose hour is blurred by zone handling, hence the whole day.
const isUnset = (year: number, month: number, day: number) => year === 1904 && month === 1 && day === 1;

/**
 * Reads `2019:07:21 14:03:11.25+02:00` and its kin. A date without time is that day's midnight; a year or a
 * month alone is too vague to sort by.
 * @param subSeconds digits of a separate sub-second tag, used when the text has none itself.
 * @returns null for blanks, `0000:00:00 00:00:00`, 1904-01-01, 31 February, and all else that is no time.
 */
export function parseTimestamp(text: string, subSeconds: string | null = null): Timestamp | null {
  // Longer text is no time; the bound keeps the expression cheap.
  const match = text.length > 60 ? null : shape.exec(text.trim());
  if (!match) return null;
  const [year, month, day, hour, minute, second] = [1, 2, 3, 4, 5, 6].map((group) =>
    Number(match[group] ?? 0),
  ) as [number, number, number, number, number, number]; // six groups in, six numbers out
  if (year < 1800 || hour > 23 || minute > 59 || second > 59 || isUnset(year, month, day)) return null;
  const digits = match[7] ?? (subSeconds != null && /^\d{1,9}$/.test(subSeconds) ? subSeconds : "");
  const wall = Date.UTC(year, month - 1, day, hour, minute, second, millisecondsOf(digits));
  const date = new Date(wall);
  // Date.UTC rolls 31 February over to March, and month 13 to the next year.
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  return { wall, offset: match[8] == null ? null : parseOffset(match[8]), hasTime: match[4] != null };
}

/** A wall clock → `2019-07-21T14:03:11.250`. */
export const formatLocal = (wall: number) => new Date(wall).toISOString().slice(0, -1);

export const instantOf = (wall: number, offset: number) => wall - offset * MINUTE;
export const wallOf = (instant: number, offset: number) => instant + offset * MINUTE;
