import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TagReader } from "../facts/exiftool.ts";
import { readNumber, readText, type Tags } from "../facts/tags.ts";
import type { PictureFile } from "./picture-tasks.ts";
import { isMomentary, MomentaryError } from "../facts/momentary-error.ts";

const MiB = 1024 * 1024;
/** exiftool holds one in memory whole, and so does its decoder. */
const embeddedBytesMax = 64 * MiB;
/** Most that are tried of one file. */
const triesMax = 4;

/** Previews of RAW, HEIC and Photoshop's files. */
const previews = /^[^:]+:(JpgFromRaw2?|PreviewImage|OtherImage|ThumbnailImage|PhotoshopThumbnail)$/;
/** ID3, FLAC, Vorbis and ASF call it picture, MP4 cover art. */
const covers = /^[^:]+:(Picture|CoverArt|CoverArtFront)$/;

interface Candidate {
  /** With its group: `EXIF:PreviewImage`. */
  readonly tag: string;
  readonly bytes: number;
}

/** exiftool's words for bytes that it leaves out: "(Binary data 4711 bytes, use -b option to extract)". */
function bytesOf(tags: Tags, tag: string): number {
  const [, bytes] = /^\(Binary data (\d{1,15}) bytes/.exec(readText(tags, tag) ?? "") ?? [];
  return Number(bytes ?? 0);
}

/** Possible embedded pictures, largest first; empty when there is none. */
function candidatesOf(tags: Tags, source: "PREVIEW" | "COVER"): Candidate[] {
  const pattern = source === "PREVIEW" ? previews : covers;
  return Object.keys(tags)
    .filter((tag) => pattern.test(tag))
    .map((tag) => ({ tag, bytes: bytesOf(tags, tag) }))
    .filter(({ bytes }) => bytes > 0 && bytes <= embeddedBytesMax)
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, triesMax);
}

/** Whether exiftool saw what may be such a picture. */
export const hasEmbedded = (tags: Tags, source: "PREVIEW" | "COVER") => candidatesOf(tags, source).length > 0;

/** EXIF's number, of the file that the preview is in; exiftool's words for it are in its own order. */
const orientations = [
  "Horizontal (normal)",
  "Mirror horizontal",
  "Rotate 180",
  "Mirror vertical",
  "Mirror horizontal and rotate 270 CW",
  "Rotate 90 CW",
  "Mirror horizontal and rotate 90 CW",
  "Rotate 270 CW",
];

/** EXIF's number by the degrees that a Sigma RAW has in its header. */
const sigmaOrientations: Readonly<Record<string, number>> = { "90": 6, "180": 3, "270": 8 };

function orientationOf(tags: Tags): number | undefined {
  const words = readText(tags, "EXIF:Orientation");
  const number = words == null ? 0 : orientations.indexOf(words) + 1;
  if (number > 0) return number;
  const told =
    readNumber(tags, "EXIF:Orientation") ?? sigmaOrientations[readText(tags, "SigmaRaw:Rotation") ?? ""];
  return told ?? undefined;
}

/**
 * Takes embedded pictures out, largest first, until `use` accepts one. What `use` is given is gone afterwards.
 * @param tags what exiftool has said of the file; read again where absent.
 * @returns what `use` returned; undefined when there is none, or `use` failed for all.
 * @throws {MomentaryError} when exiftool gives no answer, and what `use` throws because of the moment.
 */
export async function extractEmbedded<T>(
  tagReader: Pick<TagReader, "read" | "extract">,
  file: { readonly path: string; readonly source: "PREVIEW" | "COVER"; readonly tags?: Tags },
  use: (picture: PictureFile) => Promise<T>,
): Promise<T | undefined> {
  const reading = file.tags ? { tags: file.tags } : await tagReader.read(file.path, true);
  if ("failure" in reading && reading.isMomentary) throw new MomentaryError(reading.failure);
  const tags = "tags" in reading ? reading.tags : {};
  const orientation = file.source === "PREVIEW" ? orientationOf(tags) : undefined;
  const candidates = candidatesOf(tags, file.source);
  if (candidates.length === 0) return undefined;
  const dir = await mkdtemp(join(tmpdir(), "colan-embedded-"));
  try {
    for (const [index, { tag }] of candidates.entries()) {
      const path = join(dir, String(index));
      if (!(await tagReader.extract(file.path, tag, path))) continue;
      // The bytes tell sharp what it is; an SVG, which it takes from memory only, is none that it would open.
      const picture = { path, mimeType: "image/jpeg", ...(orientation != null && { orientation }) };
      const used = await use(picture).catch((error: unknown) => {
        if (isMomentary(error)) throw error;
        return undefined;
      });
      if (used !== undefined) return used;
    }
    return undefined;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
