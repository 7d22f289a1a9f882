import type { Sharp } from "sharp";
import { rgbaToThumbHash } from "thumbhash";
import { sharpMimeTypes } from "../picture.ts";
import {
  isFailure,
  isHeif,
  type Examination,
  type Failure,
  type Look,
  type PictureFile,
  type ProgramSettings,
  type Size,
} from "../picture-tasks.ts";
import { differenceHashOf } from "./difference-hash.ts";
import { findOtherwise } from "./decoders/decoders.ts";
import { failureOf, PictureError } from "./failure.ts";
import { openForScreen, openPicture, readHeader } from "./input.ts";
import { isMoving } from "./moving.ts";
import { hasTrueColours } from "./tiff.ts";

/** Thumbhash takes up to 100, and gives the same for so few, six times as fast. */
const edgePx = 48;

/** Colours are counted by this many bits of each channel. */
const bits = 4;

/** The mean of the most frequent colours; what is transparent does not count. White for nothing at all. */
function dominantColourOf(rgba: Uint8Array): string {
  const groups = new Map<number, { count: number; sums: [number, number, number] }>();
  for (let at = 0; at + 3 < rgba.length; at += 4) {
    const [red = 0, green = 0, blue = 0, alpha = 0] = rgba.subarray(at, at + 4);
    if (alpha < 128) continue;
    const low = 8 - bits;
    const key = ((red >> low) << (2 * bits)) | ((green >> low) << bits) | (blue >> low);
    const group = groups.get(key) ?? { count: 0, sums: [0, 0, 0] };
    group.count++;
    group.sums[0] += red;
    group.sums[1] += green;
    group.sums[2] += blue;
    groups.set(key, group);
  }
  const [most] = [...groups.values()].sort((a, b) => b.count - a.count);
  if (most == null) return "#ffffff";
  const { sums, count } = most;
  return `#${sums
    .map((sum) =>
      Math.round(sum / count)
        .toString(16)
        .padStart(2, "0"),
    )
    .join("")}`;
}

async function lookAt(picture: Sharp, size: Size): Promise<Look> {
  const { data, info } = await picture
    .resize(edgePx, edgePx, { fit: "inside", withoutEnlargement: true })
    .toColourspace("srgb")
    .ensureAlpha()
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  return {
    width: size.width,
    height: size.height,
    placeholder: Buffer.from(rgbaToThumbHash(info.width, info.height, data)).toString("base64"),
    dominantColour: dominantColourOf(data),
    hash: differenceHashOf({ rgba: data, width: info.width, height: info.height }),
  };
}

/** The result of `work`, or the picture's own fault. @throws errors of the system. */
async function failureOr<T>(work: () => Promise<T>): Promise<T | Failure> {
  try {
    return await work();
  } catch (error) {
    const failure = failureOf(error);
    if (failure == null) throw error;
    return failure;
  }
}

type Seen = Pick<Examination, "header"> & { readonly look: Look | Failure; readonly isTrusted: boolean };

/** @throws when even the header cannot be read. */
async function examineFile(file: PictureFile, pixelsMax: number): Promise<Seen> {
  const { width, height, isDecodable, isAnimated } = await readHeader(file, pixelsMax);
  const header = { width, height, isDecodable, isAnimated };
  const look = await failureOr(async () => {
    if (width * height > pixelsMax) throw new Error("Input image exceeds pixel limit");
    return lookAt(await openForScreen(file, pixelsMax, 4 * edgePx), { width, height });
  });
  const isTrusted = file.mimeType !== "image/tiff" || (await hasTrueColours(file.path));
  return { header, look, isTrusted };
}

/** @throws what the first decoder says when none can open it. */
async function examineOtherwise(file: PictureFile, settings: ProgramSettings): Promise<Examination> {
  // A picture that sharp knows, and has refused, is most likely broken; only decoding can show.
  const canWait = !sharpMimeTypes.has(file.mimeType) || isHeif(file.mimeType);
  const isAnimated = await isMoving(file);
  const found = await findOtherwise(file, settings, canWait);
  if ("code" in found) throw new PictureError(found);
  const facts = { isDecodable: true, isAnimated };
  if ("size" in found) return { header: { ...found.size, ...facts }, look: null, source: "DECODED" };
  const { autoOrient } = await found.picture.metadata();
  const look = await lookAt(found.picture, autoOrient);
  return { header: { ...facts, width: look.width, height: look.height }, look, source: "DECODED" };
}

/**
 * Looks at the file itself, and at what another decoder makes of it where sharp cannot open it.
 * @throws when even the header cannot be read.
 */
export async function examine(file: PictureFile, settings: ProgramSettings): Promise<Examination> {
  const own = sharpMimeTypes.has(file.mimeType)
    ? await failureOr(() => examineFile(file, settings.pixelsMax))
    : undefined;
  if (own != null && !("code" in own)) {
    const isSeen = !isFailure(own.look) && own.isTrusted;
    // More pixels than are allowed are as many for another decoder.
    const isTooLarge = isFailure(own.look) && own.look.code === "TOO_LARGE";
    if (isSeen || isTooLarge) return { header: own.header, look: own.look, source: "FILE" };
  }
  const otherwise = await failureOr(() => examineOtherwise(file, settings));
  if (!("code" in otherwise)) return otherwise;
  if (own == null) throw new PictureError(otherwise);
  if ("code" in own) throw new PictureError(otherwise.code === "TOOL_MISSING" ? otherwise : own);
  return { header: own.header, look: own.look, source: "FILE" };
}

/** Decodes the whole picture at a small size. @throws when any of it is missing or broken. */
export async function check(file: PictureFile, pixelsMax: number): Promise<void> {
  const picture = await openPicture(file, pixelsMax, { failOn: "truncated" });
  await picture.resize(16, 16, { fit: "fill" }).raw().toBuffer();
}
