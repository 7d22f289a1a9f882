import type { ImageFormat } from "../media/picture-maker.ts";
import type { Derivative, Variant, Visible } from "./derivative.ts";
import { formatOf, formats } from "./formats.ts";
import { boxFor, formatBox, parseBox, sizeIn, type Box, type Wanted } from "./rules.ts";

/** A still, smaller picture of whatever can be seen: of a picture, of a film's first telling frame, of a cover. */
export const thumbnail: Derivative = {
  name: "thumbnail",
  revision: 1,
  appliesTo: () => true,
  parse(original, request) {
    const [boxText = "", extension, ...rest] = request.split(".");
    const box = parseBox(original, boxText);
    const format = formatOf(extension);
    return box == null || format == null || rest.length > 0 ? undefined : variant(original, box, format);
  },
};

function variant(original: Visible, box: Box, format: ImageFormat): Variant {
  const size = sizeIn(original, box);
  return {
    derivative: thumbnail,
    request: `${formatBox(box)}.${formats[format].extension}`,
    size,
    format,
    async make({ pictures, still, target, job }) {
      const exact = { ...size, isCropped: box.kind === "cover" };
      await pictures.makeImage(await still(), exact, format, target, job);
    },
  };
}

/** @throws {BadUserInputError} for an edge out of range. */
export const thumbnailOf = (original: Visible, wanted: Wanted, format: ImageFormat): Variant =>
  variant(original, boxFor(original, wanted), format);
