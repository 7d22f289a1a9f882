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

/** What the GPS clock, always UTC, and the camera's clock differ by, as a zone that exists; else null. */
function offsetFromGpsTime(tags: Tags, wall: number): number | null {
  const date = readText(tags, "EXIF:GPSDateStamp");
  const time = readText(tags, "EXIF:GPSTimeStamp");
  const gps = date == null || time == null ? null : parseTimestamp(`${date} ${time}`);
  if (gps == null) return null;
  const minutes = Math.round((wall - gps.wall) / 60_000 / 15) * 15;
  // A fix that is hours old, or a camera's clock that was never set, gives a zone nobody lives in.
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
    // The look-up throws for a place outside its map; then the place tells no zone.
    return null;
  }
}

/**
 * Minutes east of UTC that a wall clock in these tags was set to; null when nothing tells.
 * @param own the offset tag that belongs to the time itself, asked first.
 */
export function findOffset(tags: Tags, wall: number, own: string | null, place: Place | null): number | null {
  return (
    firstOf(tags, own == null ? offsetTags : [own, ...offsetTags], readOffset) ??
    offsetFromGpsTime(tags, wall) ??
    (place == null ? null : offsetAtPlace(place, wall, false))
  );
}
