import { writeFile } from "node:fs/promises";
import type { Sharp } from "sharp";
import { stillEdgeMax, type ImageFormat, type ProgramSettings, type Tasks } from "../picture-tasks.ts";
import { openOtherwise } from "./decoders/decoders.ts";
import { PictureError } from "./failure.ts";
import { openForScreen } from "./input.ts";

const white = "#ffffff";

/** Effort is kept low: a thumbnail is waited for, and a tenth fewer bytes would double its time. */
const encoders: Readonly<Record<ImageFormat, (picture: Sharp) => Sharp>> = {
  WEBP: (picture) => picture.webp({ quality: 80, effort: 2 }),
  AVIF: (picture) => picture.avif({ quality: 50, effort: 2 }),
  JPEG: (picture) => picture.flatten({ background: white }).jpeg({ quality: 80 }),
  PNG: (picture) => picture.png({ compressionLevel: 6 }),
};

/** Through memory, so that a full disk is distinguished from a broken picture. */
export const writePicture = async (picture: Sharp, target: string) => {
  await writeFile(target, await picture.toBuffer());
};

export async function makeImage(input: Tasks["image"]["input"], pixelsMax: number): Promise<void> {
  const { width, height, isCropped } = input.size;
  // Cut to another shape, more may be needed of the longer edge.
  const edgeMax = isCropped ? stillEdgeMax : Math.min(stillEdgeMax, 2 * Math.max(width, height));
  const picture = await openForScreen(input, pixelsMax, edgeMax);
  const resized = picture.resize(width, height, { fit: isCropped ? "cover" : "fill" }).toColourspace("srgb");
  await writePicture(encoders[input.format](resized), input.target);
}

/** JPEG, or PNG where something shows through; good enough to be resized again. */
export const encodeStill = (picture: Sharp, hasAlpha: boolean): Sharp =>
  hasAlpha ? picture.png({ compressionLevel: 3 }) : picture.jpeg({ quality: 92, chromaSubsampling: "4:4:4" });

/** An upright copy that sharp can decode, by the first decoder that can. */
export async function makeStill(input: Tasks["still"]["input"], settings: ProgramSettings): Promise<void> {
  const opened = input.isOtherwise
    ? await openOtherwise(input, settings)
    : await openForScreen(input, settings.pixelsMax, stillEdgeMax);
  if ("code" in opened) throw new PictureError(opened);
  const { hasAlpha } = await opened.metadata();
  const picture = opened
    .resize(stillEdgeMax, stillEdgeMax, { fit: "inside", withoutEnlargement: true })
    .toColourspace("srgb");
  await writePicture(encodeStill(picture, hasAlpha), input.target);
}
