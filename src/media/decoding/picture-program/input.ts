import { readFile, stat } from "node:fs/promises";
import sharp, { type Metadata, type Sharp, type SharpOptions } from "sharp";
import type { PictureFacts } from "../picture.ts";
import type { PictureFile } from "../picture-tasks.ts";
import { highRangeOf } from "./dynamic-range.ts";
import { openUncovered } from "./gif.ts";
import { pngOrientation } from "./png.ts";
import { mapTones } from "./tone-map.ts";

const MiB = 1024 * 1024;
const svgBytesMax = 10 * MiB;

/** Up to here bytes are cheaper than a path, which libvips opens a dozen times while it looks for the format. */
const inMemoryBytesMax = 4 * MiB;

// Loaders that no known type needs are surface only: PDF, OpenSlide, libvips' own, Magick and the rest. SVG from
// memory only: opened by path, it may include files beside it, which are other people's uploads.
sharp.block({ operation: ["VipsForeignLoad"] });
sharp.unblock({
  operation: [
    "VipsForeignLoadJpeg",
    "VipsForeignLoadPng",
    "VipsForeignLoadNsgif",
    "VipsForeignLoadWebp",
    "VipsForeignLoadTiff",
    "VipsForeignLoadHeif",
    "VipsForeignLoadSvgBuffer",
  ],
});
// Each process has one picture at a time, and as many processes as may run share the cores.
sharp.concurrency(1);
sharp.cache(false);

/** A thumbnail of what is there of a damaged file beats none. */
const lenient: SharpOptions = { failOn: "none" };

async function inputFor({ path, mimeType }: PictureFile): Promise<Buffer | string> {
  const { size } = await stat(path);
  const isSvg = mimeType === "image/svg+xml";
  if (isSvg && size > svgBytesMax) throw new Error(`SVG of more than ${svgBytesMax} bytes`);
  return isSvg || size <= inMemoryBytesMax ? readFile(path) : path;
}

/** EXIF's orientations as sharp's steps; sharp mirrors before it turns, in any order of the calls. */
const turns: Readonly<Record<number, { degrees: number; isMirrored: boolean }>> = {
  2: { degrees: 0, isMirrored: true },
  3: { degrees: 180, isMirrored: false },
  4: { degrees: 180, isMirrored: true },
  5: { degrees: 270, isMirrored: true },
  6: { degrees: 90, isMirrored: false },
  7: { degrees: 90, isMirrored: true },
  8: { degrees: 270, isMirrored: false },
};

function turn(picture: Sharp, orientation: number | undefined): Sharp {
  const turned = orientation == null ? undefined : turns[orientation];
  if (turned == null) return picture.autoOrient();
  return picture.flop(turned.isMirrored).rotate(turned.degrees);
}

/** The rotation of a picture whose orientation libvips cannot read. */
const hiddenOrientation = async ({ path, mimeType, orientation }: PictureFile, metadata: Metadata) =>
  metadata.orientation ??
  (metadata.format === "png" && mimeType === "image/png" ? await pngOrientation(path) : orientation);

/** Opens upright. @throws when the file is not there, or an SVG is too long; all else shows when it is decoded. */
export async function openPicture(
  file: PictureFile,
  pixelsMax: number,
  options: SharpOptions = {},
): Promise<Sharp> {
  const input = await inputFor(file);
  const settings = { ...lenient, limitInputPixels: pixelsMax, ...options };
  if (file.orientation == null && file.mimeType !== "image/png") return sharp(input, settings).autoOrient();
  const metadata = await sharp(input, settings).metadata();
  const isTold = metadata.orientation != null;
  return turn(sharp(input, settings), isTold ? undefined : await hiddenOrientation(file, metadata));
}

/**
 * The same in the colours of a screen.
 * @param edgeMax as many pixels as an edge needs; more are spared where that is quicker.
 */
export async function openForScreen(file: PictureFile, pixelsMax: number, edgeMax: number): Promise<Sharp> {
  const picture = await openPicture(file, pixelsMax);
  if (file.mimeType === "image/gif") return (await openUncovered(file.path, picture, pixelsMax)) ?? picture;
  const range = await highRangeOf(file);
  return range == null ? picture : mapTones(picture, range, edgeMax);
}

/** @throws when sharp cannot make sense of the header. */
export async function readHeader(
  file: PictureFile,
  pixelsMax: number,
): Promise<PictureFacts & { metadata: Metadata }> {
  const input = await inputFor(file);
  const metadata = await sharp(input, { ...lenient, limitInputPixels: pixelsMax }).metadata();
  const isTurned = metadata.orientation == null && ((await hiddenOrientation(file, metadata)) ?? 1) >= 5;
  const { width, height } = metadata.autoOrient;
  // The prebuilt libvips reads a HEIC's header, but has no HEVC decoder.
  const isDecodable = metadata.compression !== "hevc" && metadata.width * metadata.height <= pixelsMax;
  const facts = { isDecodable, isAnimated: (metadata.pages ?? 1) > 1, metadata };
  return isTurned ? { ...facts, width: height, height: width } : { ...facts, width, height };
}
