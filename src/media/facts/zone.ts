import { DefaultExifToolOptions, validTzOffsetMinutes } from "exiftool-vendored";
import { DateTime } from "luxon";
import type { Place } from "./facts.ts";
import { firstOf, readText, type Tags } from "./tags.ts";
import { offsetMinutesMax, parseOffset, parseTimestamp } from "./timestamp.ts";

/**
 * Exif 2.31 gives each of the three times its own offset. The taking's own comes first, then the
 * digitisation's; `OffsetTime` belongs to ModifyDate, which an editor elsewhere may have set, so it comes last.
 */
const offsetTags = ["EXIF:OffsetTimeOriginal", "EXIF:OffsetTimeDigitized", "EXIF:OffsetTime"];

const readOffset = (tags: Tags, name: string) => {
  const text = readText(tags, name);
  return text == null ? null : parseOffset(text);
};

/** The difference of the GPS clock, always UTC, and the camera's clock, as a zone that exists; else null. */
function offsetFromGpsTime(tags: Tags, wall: number): number | null {
  const date = readText(tags, "EXIF:GPSDateStamp");
  const time = readText(tags, "EXIF:GPSTimeStamp");
  const gps = date == null || time == null ? null : parseTimestamp(`${date} ${time}`);
  if (gps == null) return null;
  const minutes = Math.round((wall - gps.wall) / 60_000 / 15) * 15;
  // A fix that is hours old, or a camera's clock that was never set, gives a zone that does not exist.
  return Math.abs(minutes) <= offsetMinutesMax && validTzOffsetMinutes(minutes) ? minutes : null;
}

/** The zone's offset at that place on that day, summer time included. @param isUtc whether `time` is UTC. */
export function offsetAtPlace(place: Place, time: number, isUtc: boolean): number | null {
  try {
    const zone = DefaultExifToolOptions.geoTz(place.latitude, place.longitude);
    if (zone == null) return null;
    const there = isUtc
      ? DateTime.fromMillis(time, { zone })
      : DateTime.fromMillis(time, { zone: "utc" }).setZone(zone, { keepLocalTime: true });
    return there.isValid ? Math.round(there.offset) : null;
  } catch {
    // The look-up throws for a place outside its map; then the place has no zone.
    return null;
  }
}

/** Nikon's and Canon's makers' notes: the zone without summer time, and whether the clock was an hour ahead for it. */
function offsetFromMaker(tags: Tags): { zone: number; offset: number } | null {
  const zone = readOffset(tags, "MakerNotes:TimeZone");
  if (zone == null) return null;
  const isSummer = /^(yes|on)$/i.test(readText(tags, "MakerNotes:DaylightSavings") ?? "");
  const make = readText(tags, "EXIF:Make") ?? readText(tags, "MakerNotes:Make") ?? "";
  // Canon's zone has summer time in it already.
  return { zone, offset: zone + (isSummer && /^nikon/i.test(make) ? 60 : 0) };
}

interface Known {
  /** The offset tag that belongs to the time itself, asked first. */
  readonly own: string | null;
  readonly place: Place | null;
  /** The value of another tag with the same wall clock. */
  readonly twin: () => number | null;
}

/** Minutes east of UTC that a wall clock in these tags was set to; null when unknown. */
export function findOffset(tags: Tags, wall: number, { own, place, twin }: Known): number | null {
  const told = firstOf(tags, own == null ? offsetTags : [own, ...offsetTags], readOffset);
  const maker = offsetFromMaker(tags);
  // Some cameras write the bare zone into OffsetTime, and its summer time only into their own notes.
  if (told != null) return maker != null && told === maker.zone ? maker.offset : told;
  return (
    maker?.offset ??
    twin() ??
    offsetFromGpsTime(tags, wall) ??
    (place == null ? null : offsetAtPlace(place, wall, false))
  );
}
