/** A tag that may hold the time of capture, and the tags that complete it. */
export interface Candidate {
  readonly tag: string;
  readonly subSeconds?: string;
  readonly offset?: string;
  /** A tag with the time of day, where `tag` holds the date alone. */
  readonly time?: string;
  /** The format defines the value as UTC, whether it is written with a zone or not. */
  readonly isUtc?: boolean;
  /** Of sound it is the day on which music was released, or made a file. */
  readonly isRelease?: boolean;
}

const originals = (...groups: readonly string[]) =>
  groups.map((group) => ({ tag: `${group}:DateTimeOriginal` }));

/**
 * Lists of equals, best list first and best tag first in each. What the camera wrote (EXIF, then its maker's
 * notes) comes before what software copied or people typed (XMP, IPTC). EXIF's date of change is the last; dates of
 * release and of the server's file are no candidates: unknown is better than wrong.
 */
export const candidates: readonly (readonly Candidate[])[] = [
  [
    {
      tag: "EXIF:DateTimeOriginal",
      subSeconds: "EXIF:SubSecTimeOriginal",
      offset: "EXIF:OffsetTimeOriginal",
    },
    { tag: "EXIF:CreateDate", subSeconds: "EXIF:SubSecTimeDigitized", offset: "EXIF:OffsetTimeDigitized" },
    // Cameras older than EXIF, and RAW formats beside it.
    ...originals("MakerNotes", "APP1", "FLIR", "APP12", "SigmaRaw", "MIE", "JSON"),
    // XML: the box of a JPEG 2000 file that has XMP in it.
    ...originals("XMP", "XML"),
    { tag: "XMP:DateCreated", time: "XMP:TimeCreated" },
    { tag: "IPTC:DateCreated", time: "IPTC:TimeCreated" },
  ],
  [
    { tag: "XMP:CreateDate" },
    { tag: "XML:CreateDate" },
    { tag: "IPTC:DigitalCreationDate", time: "IPTC:DigitalCreationTime" },
    { tag: "XMP:DateTimeDigitized" },
  ],
  [
    ...originals("QuickTime"),
    { tag: "QuickTime:CreationDate" },
    { tag: "QuickTime:ContentCreateDate", isRelease: true },
    // ISO 14496-12 section 8.2.2.3: "seconds since midnight, Jan. 1, 1904, in UTC time".
    { tag: "QuickTime:CreateDate", isUtc: true },
    { tag: "QuickTime:MediaCreateDate", isUtc: true },
    { tag: "QuickTime:TrackCreateDate", isUtc: true },
    // RFC 9559 section 5.1.2.11: DateUTC, which exiftool calls DateTimeOriginal.
    { tag: "Matroska:DateTimeOriginal", isUtc: true },
    ...originals("RIFF", "H264", "DV"),
    { tag: "RIFF:DateCreated", time: "RIFF:TimeCreated", isRelease: true },
    { tag: "Red:DateCreated", time: "Red:TimeCreated" },
    { tag: "ASF:CreationDate", isUtc: true },
  ],
  [
    { tag: "PNG:CreationTime" },
    { tag: "PNG:CreateDate" },
    ...originals("PNG"),
    { tag: "PNG:XmpCreateDate" },
    { tag: "ID3:RecordingTime", isRelease: true },
    { tag: "ID3:DateTimeOriginal", isRelease: true },
    { tag: "Vorbis:Date", isRelease: true },
    { tag: "PDF:CreateDate" },
  ],
  // The fix itself: nearly the moment of capture when no clock of the camera's is kept.
  [
    { tag: "EXIF:GPSDateStamp", time: "EXIF:GPSTimeStamp", isUtc: true },
    { tag: "XMP:GPSDateTime", isUtc: true },
  ],
  // Of a picture that nothing else is known of: when it was scanned, saved or changed, and no later than it was taken.
  [{ tag: "EXIF:ModifyDate", subSeconds: "EXIF:SubSecTime", offset: "EXIF:OffsetTime" }],
];
