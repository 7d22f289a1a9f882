/** A date that a program put into the name of the file it made. */
export interface NameDate {
  /** Milliseconds since 1970 of the wall clock read as if it were UTC; midnight where the name has a date alone. */
  readonly wall: number;
  /** Whether `wall` is UTC itself. */
  readonly isUtc: boolean;
  readonly hasTime: boolean;
}

/** Digital cameras are older than that by little, and the year 2100 is no typing error's neighbour. */
const yearMin = 1990;
const yearMax = 2099;

/** `20190201`, `2019-02-01`, `2019_02_01`: one separator twice, or none; no digit before it. */
const day = String.raw`(?<!\d)(?<year>\d{4})(?<gap>[-_.]?)(?<month>\d\d)\k<gap>(?<date>\d\d)`;
/** `_212530`, `-21-25-30`, ` 11.36.39`, ` at 9.25.30 PM`, with or without milliseconds; no digit behind it. */
const time = String.raw`(?:[-_ T.]|,? (?:at|um|à|a las|om) )?(?<hour>\d{1,2})(?<colon>[-_.:h]?)(?<minute>\d\d)\k<colon>(?<second>\d\d)(?:[-_.]?(?<fraction>\d{3}))?(?!\d)(?: ?(?<half>[AP]M))?`;

const withTime = new RegExp(day + time, "i");
const withoutTime = new RegExp(String.raw`${day}(?!\d)`);

/** Facebook, WeChat and others: milliseconds since 1970. */
const epoch = /^(?:FB_IMG_|mmexport|VID_|IMG_)?(\d{13})$/;

/** Pixel phones name their files by UTC. */
const utcNames = /^PXL_/;

function wallOf(groups: Readonly<Record<string, string | undefined>>): number | undefined {
  const number = (name: string) => Number(groups[name] ?? 0);
  const [year, month, date] = [number("year"), number("month"), number("date")];
  const [minute, second] = [number("minute"), number("second")];
  const half = groups["half"]?.toUpperCase();
  const hour = half == null ? number("hour") : (number("hour") % 12) + (half === "PM" ? 12 : 0);
  if (year < yearMin || year > yearMax || hour > 23 || minute > 59 || second > 59) return undefined;
  const wall = Date.UTC(year, month - 1, date, hour, minute, second, number("fraction"));
  const found = new Date(wall);
  // Date.UTC rolls 31 February over to March.
  return found.getUTCMonth() === month - 1 && found.getUTCDate() === date ? wall : undefined;
}

/**
 * Reads `IMG-20190101-WA0007.jpg`, `Screenshot_20190201-212530.png`, `2011-07-19 11.36.39.jpg` and their kin.
 * @returns undefined for a name without a date, and for a date that never was.
 */
export function parseNameDate(name: string): NameDate | undefined {
  // An extension can be anything, but it contains no date in digits.
  const base = name.slice(0, 200).replace(/\.[A-Za-z][A-Za-z0-9]{1,4}$/, "");
  const milliseconds = Number(epoch.exec(base)?.[1] ?? Number.NaN);
  if (milliseconds >= Date.UTC(yearMin, 0) && milliseconds < Date.UTC(yearMax, 0))
    return { wall: milliseconds, isUtc: true, hasTime: true };
  const timed = withTime.exec(base)?.groups;
  const wall = timed && wallOf(timed);
  if (wall != null) return { wall, isUtc: utcNames.test(base), hasTime: true };
  const dated = withoutTime.exec(base)?.groups;
  const midnight = dated && wallOf(dated);
  return midnight == null ? undefined : { wall: midnight, isUtc: false, hasTime: false };
}
