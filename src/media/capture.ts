import type { CaptureFacts, Place } from "./facts.ts";
import { readText, type Tags } from "./tags.ts";
import { formatLocal, formatOffset, instantOf, parseTimestamp, wallOf, type Timestamp } from "./timestamp.ts";
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

const originals = (...groups: readonly string[]) =>
  groups.map((group) => ({ tag: `${group}:DateTimeOriginal` }));

/**
 * Lists of equals, best list first and best tag first in each. What the camera wrote (EXIF, then its maker's
 * notes) comes before what software copied or people typed (XMP, IPTC). Dates of change, of release and of the
 * server's file are no candidates: unknown is better than wrong.
 */
const candidates: readonly (readonly Candidate[])[] = [
  [
    {
      tag: "EXIF:DateTimeOriginal",
      subSeconds: "EXIF:SubSecTimeOriginal",
      offset: "EXIF:OffsetTimeOriginal",
    },
    { tag: "EXIF:CreateDate", subSeconds: "EXIF:SubSecTimeDigitized", offset: "EXIF:OffsetTimeDigitized" },
    // Cameras older than EXIF, and RAW formats beside it.
    ...originals("MakerNotes", "APP12", "SigmaRaw", "MIE", "JSON"),
    ...originals("XMP"),
    { tag: "XMP:DateCreated", time: "XMP:TimeCreated" },
    { tag: "IPTC:DateCreated", time: "IPTC:TimeCreated" },
  ],
  [
    { tag: "XMP:CreateDate" },
    { tag: "IPTC:DigitalCreationDate", time: "IPTC:DigitalCreationTime" },
    { tag: "XMP:DateTimeDigitized" },
  ],
  [
    ...originals("QuickTime"),
    { tag: "QuickTime:CreationDate" },
    { tag: "QuickTime:ContentCreateDate" },
    // ISO 14496-12 section 8.2.2.3: "seconds since midnight, Jan. 1, 1904, in UTC time".
    { tag: "QuickTime:CreateDate", isUtc: true },
    { tag: "QuickTime:MediaCreateDate", isUtc: true },
    { tag: "QuickTime:TrackCreateDate", isUtc: true },
    // RFC 9559 section 5.1.2.11: DateUTC, which exiftool calls DateTimeOriginal.
    { tag: "Matroska:DateTimeOriginal", isUtc: true },
    ...originals("RIFF", "H264", "DV"),
    { tag: "RIFF:DateCreated", time: "RIFF:TimeCreated" },
    { tag: "Red:DateCreated", time: "Red:TimeCreated" },
    { tag: "ASF:CreationDate", isUtc: true },
  ],
  [
    { tag: "PNG:CreationTime" },
    { tag: "PNG:CreateDate" },
    { tag: "ID3:RecordingTime" },
    ...originals("ID3"),
    { tag: "Vorbis:Date" },
    { tag: "PDF:CreateDate" },
  ],
  // The fix itself: nearly the moment of capture when no clock of the camera's is kept.
  [{ tag: "EXIF:GPSDateStamp", time: "EXIF:GPSTimeStamp", isUtc: true }],
];

/** Unknown when the tag is absent or no time; a damaged time of day leaves the date. */
function read(tags: Tags, candidate: Candidate): Timestamp | null {
  const date = readText(tags, candidate.tag);
  if (date == null) return null;
  const time = candidate.time == null ? null : readText(tags, candidate.time);
  const subSeconds = candidate.subSeconds == null ? null : readText(tags, candidate.subSeconds);
  const whole = time == null ? null : parseTimestamp(`${date} ${time}`, subSeconds);
  return whole ?? parseTimestamp(date, subSeconds);
}

/** The first candidate that tells a time of day, else the first that tells a day, of the first list with either. */
function findTimestamp(tags: Tags) {
  for (const list of candidates) {
    const found = list.flatMap((candidate) => {
      const timestamp = read(tags, candidate);
      return timestamp ? [{ candidate, timestamp }] : [];
    });
    const best = found.find(({ timestamp }) => timestamp.hasTime) ?? found[0];
    if (best) return best;
  }
  return undefined;
}

/** The time of capture; null when no tag tells it. Never the file's own dates, never the clock. */
export function readCapture(tags: Tags, place: Place | null): CaptureFacts | null {
  const found = findTimestamp(tags);
  if (found == null) return null;
  const { candidate, timestamp } = found;
  const { wall } = timestamp;
  const source = candidate.tag;
  if (timestamp.offset == null && candidate.isUtc === true) {
    // The instant is certain; the place, where known, turns it into what clocks there showed.
    const offset = (place == null ? null : offsetAtPlace(place, wall, true)) ?? 0;
    const local = formatLocal(wallOf(wall, offset));
    return { local, offset: formatOffset(offset), instant: wall, source, isInferred: false };
  }
  const offset = timestamp.offset ?? findOffset(tags, wall, candidate.offset ?? null, place);
  return {
    local: formatLocal(wall),
    offset: offset == null ? null : formatOffset(offset),
    instant: instantOf(wall, offset ?? 0),
    source,
    isInferred: offset == null,
  };
}
