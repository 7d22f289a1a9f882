import { candidates, type Candidate } from "./capture-tags.ts";
import type { CaptureFacts, MediaType, Place } from "./facts.ts";
import { readText, type Tags } from "./tags.ts";
import { formatLocal, formatOffset, instantOf, parseTimestamp, wallOf, type Timestamp } from "./timestamp.ts";
import { findOffset, offsetAtPlace } from "./zone.ts";

/** Unknown when the tag is absent or no time; a damaged time of day leaves the date. */
function read(tags: Tags, candidate: Candidate): Timestamp | null {
  const date = readText(tags, candidate.tag);
  if (date == null) return null;
  const time = candidate.time == null ? null : readText(tags, candidate.time);
  const subSeconds = candidate.subSeconds == null ? null : readText(tags, candidate.subSeconds);
  const whole = time == null ? null : parseTimestamp(`${date} ${time}`, subSeconds);
  return whole ?? parseTimestamp(date, subSeconds);
}

/** The first candidate with a time of day, else the first with a day, of the first list with either. */
function findTimestamp(tags: Tags, type: MediaType) {
  for (const list of candidates) {
    const found = list.flatMap((candidate) => {
      const isNone = candidate.isRelease === true && type === "AUDIO";
      const timestamp = isNone ? null : read(tags, candidate);
      return timestamp ? [{ candidate, timestamp }] : [];
    });
    const best = found.find(({ timestamp }) => timestamp.hasTime) ?? found[0];
    if (best) return best;
  }
  return undefined;
}

/** Zones that other tags have for the very same wall clock: XMP often has one where EXIF has none. */
function offsetOfTwin(tags: Tags, wall: number): number | null {
  const second = (time: number) => Math.floor(time / 1000);
  for (const candidate of candidates.flat()) {
    const twin = candidate.isUtc === true ? null : read(tags, candidate);
    if (twin?.offset != null && second(twin.wall) === second(wall)) return twin.offset;
  }
  return null;
}

/** An instant that is certain; the place, where known, turns it into what clocks there showed. */
export function captureAt(
  instant: number,
  place: Place | null,
  { source, isInferred }: Pick<CaptureFacts, "source" | "isInferred">,
): CaptureFacts {
  const offset = (place == null ? null : offsetAtPlace(place, instant, true)) ?? 0;
  const local = formatLocal(wallOf(instant, offset));
  return { local, offset: formatOffset(offset), instant, source, isInferred };
}

/** The time on a clock, in any zone that can be found. */
export function captureOnClock(wall: number, offset: number | null, source: string): CaptureFacts {
  return {
    local: formatLocal(wall),
    offset: offset == null ? null : formatOffset(offset),
    instant: instantOf(wall, offset ?? 0),
    source,
    isInferred: offset == null,
  };
}

/** The time of capture; null when no tag has it. Never the file's own dates, never the clock. */
export function readCapture(tags: Tags, place: Place | null, type: MediaType = "IMAGE"): CaptureFacts | null {
  const found = findTimestamp(tags, type);
  if (found == null) return null;
  const { candidate, timestamp } = found;
  const { wall } = timestamp;
  const source = candidate.tag;
  if (candidate.isUtc === true && (timestamp.offset ?? 0) === 0)
    return captureAt(wall, place, { source, isInferred: false });
  const own = candidate.offset ?? null;
  const offset =
    timestamp.offset ?? findOffset(tags, wall, { own, place, twin: () => offsetOfTwin(tags, wall) });
  return captureOnClock(wall, offset, source);
}
