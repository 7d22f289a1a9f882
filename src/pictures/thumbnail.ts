import type { ImageFormat } from "../media/decoding/picture-maker.ts";
import type { Derivative, Variant, Visible } from "./derivative.ts";
import { formatOf } from "./formats.ts";
import { boxFor, edgeMaxOf, parseBox, type Wanted } from "./rules.ts";
import { stillVariant } from "./still-variant.ts";

/** A still, smaller picture of anything visible: of a picture, of a video's first expressive frame, of a cover. */
export const thumbnail: Derivative = {
  name: "thumbnail",
  revision: 2,
  appliesTo: () => true,
  parse(original, request) {
    const [boxText = "", extension, ...rest] = request.split(".");
    const format = formatOf(extension);
    const box = format && parseBox(original, boxText, edgeMaxOf(format));
    return box == null || format == null || rest.length > 0
      ? undefined
      : stillVariant(thumbnail, original, { box, format });
  },
};

/** @throws {BadUserInputError} for an edge out of range. */
export const thumbnailOf = (original: Visible, wanted: Wanted, format: ImageFormat): Variant =>
  stillVariant(thumbnail, original, { box: boxFor(original, wanted, edgeMaxOf(format)), format });
