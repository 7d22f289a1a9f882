import type { ImageFormat } from "../media/picture-maker.ts";
import type { Derivative, Variant, Visible } from "./derivative.ts";
import { formatOf, formats } from "./formats.ts";
import { boxFor, formatBox, frameAt, parseBox, sizeIn, type Box, type Wanted } from "./rules.ts";

/** The frame of a film at a chosen time. */
export const poster: Derivative = {
  name: "poster",
  revision: 1,
  appliesTo: ({ source }) => source === "FRAME",
  parse(original, request) {
    const [time, boxText = "", extension, ...rest] = request.split(".");
    const atMs = /^t\d{1,9}$/.test(time ?? "") ? Number(time?.slice(1)) : undefined;
    const box = parseBox(original, boxText);
    const format = formatOf(extension);
    if (atMs == null || box == null || format == null || rest.length > 0) return undefined;
    const found = variant(original, frameAt(original.duration, atMs / 1000), box, format);
    return found.request === request ? found : undefined;
  },
};

function variant(original: Visible, atMs: number, box: Box, format: ImageFormat): Variant {
  const size = sizeIn(original, box);
  return {
    derivative: poster,
    request: `t${atMs}.${formatBox(box)}.${formats[format].extension}`,
    size,
    format,
    async make({ pictures, still, target, job }) {
      const exact = { ...size, isCropped: box.kind === "cover" };
      await pictures.makeImage(await still(atMs), exact, format, target, job);
    },
  };
}

/** @throws {BadUserInputError} for an edge out of range, or what is no time. */
export const posterOf = (
  original: Visible,
  atSeconds: number,
  wanted: Wanted,
  format: ImageFormat,
): Variant => variant(original, frameAt(original.duration, atSeconds), boxFor(original, wanted), format);
