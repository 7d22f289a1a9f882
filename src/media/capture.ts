import type { CaptureFacts, Place } from "./facts.ts";
import { readText, type Tags } from "./tags.ts";
import { formatLocal, formatOffset, instantOf, parseTimestamp, wallOf } from "./timestamp.ts";
import { findOffset, offsetAtPlace } from "./zone.ts";

/** A tag that may hold the time of capture, and the tags that complete it. */
interface Candidate {
  readonly tag: string;
  readonly subSeconds?: string;
  readonly offset?: string;
  /** A tag with the time of day, where `tag` holds the date alone. */
  readonly time?: string;
  /** The format defines the value as UTC, although it is written without zone. */
  readonly isUtc?: boolean;
}

/**
 * Best first. What the camera wrote (EXIF) comes before what software copied or people typed (XMP, IPTC).
 * Dates of change, release and the server's file are no candidates: unknown is better than wrong.
 */
const candidates: readonly Candidate[] = [
  { tag: "EXIF:DateTimeOriginal", subSeconds: "EXIF:SubSecTimeOriginal", offset: "EXIF:OffsetTimeOriginal" },
  { tag: "EXIF:CreateDate", subSeconds: "EXIF:SubSecTimeDigitized", offset: "EXIF:OffsetTimeDigitized" },
  { tag: "XMP:DateTimeOriginal" },
  { tag: "XMP:DateCreated" },
  { tag: "IPTC:DateCreated", time: "IPTC:TimeCreated" },
  { tag: "XMP:CreateDate" },
  { tag: "IPTC:DigitalCreationDate", time: "IPTC:DigitalCreationTime" },
  { tag: "XMP:DateTimeDigitized" },
  { tag: "QuickTime:DateTimeOriginal" },
  { tag: "QuickTime:CreationDate" },
  { tag: "QuickTime:ContentCreateDate" },
  // ISO 14496-12 section 8.2.2.3: "seconds since midnight, Jan. 1, 1904, in UTC time".
  { tag: "QuickTime:CreateDate", isUtc: true },
  { tag: "QuickTime:MediaCreateDate", isUtc: true },
  { tag: "QuickTime:TrackCreateDate", isUtc: true },
  // RFC 9559 section 5.1.2.11: DateUTC, which exiftool calls DateTimeOriginal.
  { tag: "Matroska:DateTimeOriginal", isUtc: true },
  { tag: "RIFF:DateTimeOriginal" },
  { tag: "RIFF:DateCreated" },
  { tag: "ASF:CreationDate", isUtc: true },
  { tag: "PNG:CreationTime" },
  { tag: "PNG:CreateDate" },
  { tag: "ID3:RecordingTime" },
  { tag: "ID3:DateTimeOriginal" },
  { tag: "Vorbis:Date" },
  { tag: "H264:DateTimeOriginal" },
  { tag: "PDF:CreateDate" },
  // The fix itself: nearly the moment of capture when no clock of the camera's is kept.
  { tag: "EXIF:GPSDateStamp", time: "EXIF:GPSTimeStamp", isUtc: true },
];

function read(tags: Tags, candidate: Candidate) {
  const date = readText(tags, candidate.tag);
  if (date == null) return null;
  const time = candidate.time == null ? null : readText(tags, candidate.time);
  const subSeconds = candidate.subSeconds == null ? null : readText(tags, candidate.subSeconds);
  return (
    parseTimestamp(time == null ? date : `${date} ${time}`, subSeconds) ?? parseTimestamp(date, subSeconds)
  );
}

/** The time of capture; null when no tag tells it. Never the file's own dates, never the clock. */
export function readCapture(tags: Tags, place: Place | null): CaptureFacts | null {
  for (const candidate of candidates) {
    const found = read(tags, candidate);
    if (found == null) continue;
    const source = candidate.tag;
    if (found.offset == null && candidate.isUtc === true) {
      // The instant is certain; the place, where known, turns it into what clocks there showed.
      const offset = (place == null ? null : offsetAtPlace(place, found.wall, true)) ?? 0;
      const local = formatLocal(wallOf(found.wall, offset));
      return { local, offset: formatOffset(offset), instant: found.wall, source, isInferred: false };
    }
    const offset = found.offset ?? findOffset(tags, found.wall, candidate.offset ?? null, place);
    return {
      local: formatLocal(found.wall),
      offset: offset == null ? null : formatOffset(offset),
      instant: instantOf(found.wall, offset ?? 0),
      source,
      isInferred: offset == null,
    };
  }
  return null;
}
