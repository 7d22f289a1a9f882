import type { PictureFacts } from "../decoding/picture.ts";
import type { HeaderSize } from "../types/signatures/signature.ts";
import { firstOf, readNumber, readText, type Tags } from "./tags.ts";
import type { TrackFacts } from "./track-worker.ts";

export interface Dimensions {
  readonly width: number;
  readonly height: number;
}

// 2^31 - 1 is the end of GraphQL's Int.
const isEdge = (edge: number | null): edge is number =>
  edge != null && Number.isSafeInteger(edge) && edge > 0 && edge < 2 ** 31;

function dimensionsOf(width: number | null, height: number | null): Dimensions | null {
  return isEdge(width) && isEdge(height) ? { width, height } : null;
}

/** exiftool's "Rotate 90 CW", "Mirror horizontal and rotate 270 CW": the four orientations from 5 to 8. */
const isQuarterTurn = (text: string | null) => text != null && /rotate (90|270) CW/i.test(text);

/** Degrees clockwise in the header of a Sigma RAW, whose pictures are stored as the sensor has them. */
const sigmaRotation = (tags: Tags) => readNumber(tags, "SigmaRaw:Rotation") ?? 0;

const upright = (size: Dimensions | null, isTurned: boolean): Dimensions | null =>
  size && isTurned ? { width: size.height, height: size.width } : size;

/** Plain pixels only: SVG has "4in" and "100%" as well. */
const readEdge = (tags: Tags, name: string) => {
  const text = readText(tags, name);
  return text != null && /^\d{1,10}(px)?$/.test(text) ? Number.parseInt(text, 10) : null;
};

const groupDimensions = (tags: Tags, group: string) =>
  dimensionsOf(readEdge(tags, `${group}:ImageWidth`), readEdge(tags, `${group}:ImageHeight`));

/** Groups whose ImageWidth in exiftool's output is the size of the picture itself, not of a thumbnail. */
const groups = ["File", "EXIF", "PNG", "RIFF", "QuickTime", "SVG", "MakerNotes", "Matroska", "ASF", "XML"];

function fromTags(tags: Tags): Dimensions | null {
  // "6000x4000": exiftool's choice among all the sizes a RAW file mentions.
  const composite = /^(\d{1,10})[ x](\d{1,10})$/.exec(readText(tags, "Composite:ImageSize") ?? "");
  if (composite) return dimensionsOf(Number(composite[1]), Number(composite[2]));
  return firstOf(tags, groups, groupDimensions);
}

interface Seen {
  readonly picture: PictureFacts | null;
  /** Of a format that no other reader here reads. */
  readonly header?: HeaderSize | undefined;
}

function stillDimensions(mimeType: string, tags: Tags, { picture, header }: Seen): Dimensions | null {
  const orientation = readText(tags, "EXIF:Orientation");
  if (mimeType === "image/jpeg" || mimeType === "image/tiff") {
    // exiftool knows which of a TIFF's directories is the main image; sharp takes the first.
    const own = mimeType === "image/tiff" ? fromTags(tags) : groupDimensions(tags, "File");
    if (own) return upright(own, isQuarterTurn(orientation));
  }
  if (picture) return dimensionsOf(picture.width, picture.height);
  if (header) return dimensionsOf(header.width, header.height);
  // ISO 23008-12 section 6.5.10: `irot` turns the picture. Phones repeat the turn in EXIF; it counts once.
  const isHeif = /^image\/(heic|heif|avif)/.test(mimeType);
  const isTurned = isQuarterTurn(isHeif ? readText(tags, "QuickTime:Rotation") : orientation);
  return upright(fromTags(tags), isTurned || sigmaRotation(tags) % 180 === 90);
}

/** Upright width and height in pixels; null when no source can be trusted, or for files without a size. */
export function findDimensions(
  mimeType: string,
  tags: Tags,
  { tracks, ...seen }: Seen & { readonly tracks: TrackFacts | null },
): Dimensions | null {
  if (mimeType.startsWith("image/")) return stillDimensions(mimeType, tags, seen);
  if (!mimeType.startsWith("video/")) return null;
  const rotation = readNumber(tags, "Composite:Rotation") ?? 0;
  const tagged = upright(fromTags(tags), Math.abs(rotation) % 180 === 90);
  const told = tracks && dimensionsOf(tracks.width, tracks.height);
  // mediabunny 1.61 halves the height of interlaced video in MPEG transport streams (every AVCHD camera's).
  return mimeType === "video/mp2t" ? tagged : (told ?? tagged);
}
