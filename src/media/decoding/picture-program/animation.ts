import type { Tasks } from "../picture-tasks.ts";
import { animationOptions } from "./video.ts";
import { writePicture } from "./image.ts";
import { openPicture, readHeader } from "./input.ts";

/** Most frames of a preview. */
const framesMax = 30;
/** Pixels of all frames of the original together, which are decoded at once. */
const pixelsAtOnceMax = 100_000_000;

/** A browser shows a frame without duration for so long, in milliseconds. */
const delayByDefault = 100;

/** sharp, and WebP's field of 24 bits as libvips writes it, take no more milliseconds; a GIF's frame may last ten times as long. */
const delayMax = 65_535;

/** The first frames of a GIF or WebP; what does not move comes out with one. */
export async function makeAnimation(input: Tasks["animation"]["input"], pixelsMax: number): Promise<void> {
  const { metadata } = await readHeader(input, pixelsMax);
  const frame = metadata.width * (metadata.pageHeight ?? metadata.height);
  const room = Math.floor(Math.min(pixelsAtOnceMax, pixelsMax) / Math.max(1, frame));
  const pages = Math.max(1, Math.min(framesMax, room, metadata.pages ?? 1));
  const delay = metadata.delay
    ?.slice(0, pages)
    .map((each) => (each > 10 ? Math.min(delayMax, each) : delayByDefault));
  const { width, height } = input.size;
  const picture = (await openPicture(input, pixelsMax, { pages }))
    .resize(width, height, { fit: "fill" })
    .toColourspace("srgb")
    .webp({ ...animationOptions, ...(delay != null && pages > 1 && { delay }) });
  await writePicture(picture, input.target);
}
