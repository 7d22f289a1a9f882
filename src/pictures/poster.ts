import type { ImageFormat } from "../media/decoding/picture-maker.ts";
import type { Derivative, Variant, Visible } from "./derivative.ts";
import { formatOf } from "./formats.ts";
import { boxFor, edgeMaxOf, frameAt, parseBox, type Wanted } from "./rules.ts";
import { stillVariant } from "./still-variant.ts";

/** The frame of a video at a chosen time. */
export const poster: Derivative = {
  name: "poster",
  revision: 2,
  appliesTo: ({ source }) => source === "FRAME",
  parse(original, request) {
    const [time, boxText = "", extension, ...rest] = request.split(".");
    const atMs = /^t\d{1,9}$/.test(time ?? "") ? Number(time?.slice(1)) : undefined;
    const format = formatOf(extension);
    const box = format && parseBox(original, boxText, edgeMaxOf(format));
    if (atMs == null || box == null || format == null || rest.length > 0) return undefined;
    const found = stillVariant(poster, original, {
      atMs: frameAt(original.duration, atMs / 1000),
      box,
      format,
    });
    return found.request === request ? found : undefined;
  },
};

/** @throws {BadUserInputError} for an edge out of range, or what is no time. */
export const posterOf = (
  original: Visible,
  atSeconds: number,
  wanted: Wanted,
  format: ImageFormat,
): Variant =>
  stillVariant(poster, original, {
    atMs: frameAt(original.duration, atSeconds),
    box: boxFor(original, wanted, edgeMaxOf(format)),
    format,
  });
