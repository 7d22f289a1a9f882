import type { ImageFormat } from "../media/decoding/picture-maker.ts";
import type { Derivative, Variant, Visible } from "./derivative.ts";
import { formats } from "./formats.ts";
import { formatBox, sizeIn, type Box } from "./rules.ts";

interface StillRequest {
  readonly box: Box;
  readonly format: ImageFormat;
  /** Milliseconds into a video; without, the picture that stands for the original as a whole. */
  readonly atMs?: number;
}

/** One still picture of an original: `w320.webp`, `t2500.w320.webp`. */
export function stillVariant(
  derivative: Derivative,
  original: Visible,
  { box, format, atMs }: StillRequest,
): Variant {
  const size = sizeIn(original, box);
  const moment = atMs == null ? "" : `t${atMs}.`;
  return {
    derivative,
    request: `${moment}${formatBox(box)}.${formats[format].extension}`,
    size,
    format,
    async make({ pictures, withStill, target, job }) {
      const exact = { ...size, isCropped: box.kind === "cover" };
      await withStill((still) => pictures.makeImage(still, exact, format, target, job), atMs);
    },
  };
}
