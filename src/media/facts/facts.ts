import type { PictureHash, PictureSource } from "../decoding/picture-maker.ts";
import type { Description } from "./description.ts";
import type { MediaProblem } from "./problems.ts";

/** When a picture was taken or a recording begun, by its own metadata. */
export interface CaptureFacts {
  /** Wall clock without offset, always with milliseconds: `2019-07-21T14:03:11.250`. */
  local: string;
  /** `+02:00`; null when unknown. */
  offset: string | null;
  /** UTC milliseconds. */
  instant: number;
  /** exiftool's group and tag, such as `EXIF:DateTimeOriginal`. */
  source: string;
  /** True only when no zone could be found and UTC was assumed. */
  isInferred: boolean;
}

export interface Place {
  /** Degrees, -90 to 90, north positive. */
  latitude: number;
  /** Degrees, -180 to 180, east positive. */
  longitude: number;
  /** Metres above sea level, negative below; null when unknown. */
  altitude: number | null;
}

/** Every null means that the file does not say. */
export interface CameraFacts {
  make: string | null;
  model: string | null;
  lens: string | null;
  iso: number | null;
  /** f-number: 2.8. */
  aperture: number | null;
  /** Seconds, as photographers write them: `1/250`. */
  exposureTime: string | null;
  /** Millimetres, not converted to 35 mm film. */
  focalLength: number | null;
}

/** The visible content of a file. */
export interface Picture {
  source: PictureSource;
  /** Pixels, upright, of what derivatives are made from: an embedded preview may be smaller than its picture. */
  width: number;
  height: number;
  /** Whether it moves: a video, an animated GIF or WebP. */
  isAnimated: boolean;
  /** Thumbhash, base64; null for what takes long to open, which is looked at later. */
  placeholder: string | null;
  /** `#rrggbb`; null where `placeholder` is. */
  dominantColour: string | null;
  /** By which similar pictures are found; null where `placeholder` is. */
  hash: PictureHash | null;
}

/** A part that the server could not read: a tool was busy, ended or is absent. */
export interface Unread {
  readonly part: "METADATA" | "PICTURE" | "TRACKS";
  /** For the log, without paths. */
  readonly reason: string;
  /** Nothing on this server can read it, until something is installed. */
  readonly isToolMissing?: boolean;
}

export type MediaType = "IMAGE" | "VIDEO" | "AUDIO" | "DOCUMENT" | "OTHER";

/** Group of tags (`EXIF`, `XMP`, `QuickTime`, `Composite` …) → tag → JSON value. */
export type Metadata = Record<string, Record<string, unknown>>;

/** The facts in the bytes of one file; none comes from its name, its dates on disk, or the clock. */
export interface MediaFacts extends Description {
  mimeType: string;
  /** Canonical for `mimeType`, without dot. */
  extension: string;
  type: MediaType;
  /** Pixels, upright: orientation and rotation are applied. */
  width: number | null;
  height: number | null;
  /** Seconds; null for stills and when unknown, never 0. */
  duration: number | null;
  captured: CaptureFacts | null;
  place: Place | null;
  camera: CameraFacts | null;
  /** Unique, trimmed, in the order of the file. */
  keywords: string[];
  metadata: Metadata;
  /** Null when there is nothing to see: of sound without cover, of files that no decoder opens. */
  picture: Picture | null;
  /** Whether the server was not able to look, and shall look again; then `picture` is null and means nothing. */
  isUnseen: boolean;
  /** Parts that could not be read for a temporary reason; their facts are null, and mean nothing. */
  unread: readonly Unread[];
  /** Empty when nothing went wrong. */
  problems: MediaProblem[];
}
