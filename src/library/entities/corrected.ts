import type { Described, Words } from "../../database/model/described.ts";
import { BadUserInputError } from "../../errors.ts";
import { formatLocal, formatOffset, instantOf } from "../../media/facts/timestamp.ts";

/** When it was taken, by people: a wall clock, and its offset from UTC. */
export interface CapturedInput {
  /** As `LocalDateTime` reads it: with three digits of a second or more. */
  local: string;
  offset?: string | null | undefined;
}

/** Where it was taken, by people. */
export interface GeoPointInput {
  latitude: number;
  longitude: number;
  altitude?: number | null | undefined;
}

/** The source of what people say. */
export const peoplesSource = "USER";

const capturedNames = [
  "capturedAt",
  "capturedLocal",
  "capturedOffset",
  "capturedSource",
  "capturedIsInferred",
] as const satisfies readonly (keyof Described)[];
const locationNames = ["latitude", "longitude", "altitude"] as const satisfies readonly (keyof Described)[];

type Captured = Pick<Described, (typeof capturedNames)[number]>;
type Location = Pick<Described, (typeof locationNames)[number]>;

/** The words for a group of columns; null gives back what the file says. */
const wordsOf = <N extends keyof Described>(names: readonly N[], values: Pick<Described, N> | null): Words =>
  // Each column has a value of its own type.
  Object.fromEntries(names.map((name) => [name, values == null ? null : { value: values[name] }]));

export const capturedWords = (captured: Captured | null): Words => wordsOf(capturedNames, captured);
const locationWords = (location: Location | null): Words => wordsOf(locationNames, location);

const utc = (local: string): number => Date.parse(`${local}Z`);
const first = utc("0001-01-01T00:00:00.000");
const last = utc("9999-12-31T23:59:59.999");

/** Whether years of four digits can say it, on the wall clock and in UTC: times are compared as text. */
export const isWithinYears = (...times: readonly number[]): boolean =>
  times.every((time) => time >= first && time <= last);

const minutesMax = 18 * 60;

/** Minutes east of UTC. */
function checkOffset(field: string, offset: string): number {
  if (offset === "Z") return 0;
  const [, sign, hours, minutes] = /^([+-])(\d\d):([0-5]\d)$/.exec(offset) ?? [];
  const size = Number(hours) * 60 + Number(minutes);
  if (size <= minutesMax) return sign === "-" ? -size : size;
  throw new BadUserInputError(
    field,
    `expected an offset from UTC between -18:00 and +18:00, such as +02:00, got ${JSON.stringify(offset.slice(0, 40))}`,
  );
}

function checkCaptured(field: string, { local, offset }: CapturedInput): Captured {
  const minutes = offset == null ? null : checkOffset(`${field}.offset`, offset);
  // Milliseconds are kept, as of files.
  const wall = utc(local.slice(0, "0000-00-00T00:00:00.000".length));
  const instant = instantOf(wall, minutes ?? 0);
  if (!isWithinYears(wall, instant))
    throw new BadUserInputError(
      `${field}.local`,
      "expected a time between the years 1 and 9999, also in UTC",
    );
  return {
    capturedAt: new Date(instant),
    capturedLocal: formatLocal(wall),
    capturedOffset: minutes == null ? null : formatOffset(minutes),
    capturedSource: peoplesSource,
    capturedIsInferred: minutes == null,
  };
}

function checkNumber(field: string, value: number, [from, to]: readonly [number, number]): number {
  // `+ 0` makes -0 the 0 that a database gives back.
  if (value >= from && value <= to) return value + 0;
  throw new BadUserInputError(field, `expected a number between ${from} and ${to}, got ${value}`);
}

function checkLocation(field: string, { latitude, longitude, altitude }: GeoPointInput): Location {
  return {
    latitude: checkNumber(`${field}.latitude`, latitude, [-90, 90]),
    longitude: checkNumber(`${field}.longitude`, longitude, [-180, 180]),
    altitude: altitude == null ? null : checkNumber(`${field}.altitude`, altitude, [-12_000, 1_000_000]),
  };
}

/** What people say of the time and the place. @param at the argument with the input. @throws {BadUserInputError} */
export function checkCorrected(
  at: string,
  {
    captured,
    location,
  }: { captured?: CapturedInput | null | undefined; location?: GeoPointInput | null | undefined },
): Words {
  return {
    ...(captured === undefined ? {} : capturedWords(captured && checkCaptured(`${at}.captured`, captured))),
    ...(location === undefined ? {} : locationWords(location && checkLocation(`${at}.location`, location))),
  };
}
