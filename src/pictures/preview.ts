import type { Derivative, Variant, Visible } from "./derivative.ts";
import { formats } from "./formats.ts";
import { boxFor, formatBox, parseBox, sizeIn, type Box } from "./rules.ts";

/** Moving pictures are large: this is for grids, not for watching. */
export const previewEdgeMax = 640;

/** A few silent seconds of a video or an animated picture, over and over. */
export const preview: Derivative = {
  name: "preview",
  revision: 2,
  appliesTo: ({ isAnimated }) => isAnimated === 1,
  parse(original, request) {
    const [boxText = "", extension, ...rest] = request.split(".");
    const box = parseBox(original, boxText);
    if (box == null || extension !== formats.WEBP.extension || rest.length > 0) return undefined;
    return isSmall(original, box) ? variant(original, box) : undefined;
  },
};

function isSmall(original: Visible, box: Box): boolean {
  const { width, height } = sizeIn(original, box);
  return box.kind !== "cover" && Math.max(width, height) <= previewEdgeMax;
}

function variant(original: Visible, box: Box): Variant {
  const size = sizeIn(original, box);
  return {
    derivative: preview,
    request: `${formatBox(box)}.${formats.WEBP.extension}`,
    size,
    format: "WEBP",
    make: ({ pictures, original: file, target, job }) =>
      pictures.makeAnimation({ ...file, duration: original.duration }, size, target, job),
  };
}

const inSquare = (original: Visible, edge: number) =>
  boxFor(original, { width: edge, height: edge, fit: "INSIDE" });

/**
 * @param edge of the square that it fits into, in pixels; more than `previewEdgeMax` is taken for that.
 * @throws {BadUserInputError} for an edge out of range.
 */
export function previewOf(original: Visible, edge: number): Variant {
  const box = inSquare(original, edge);
  return variant(original, isSmall(original, box) ? box : inSquare(original, previewEdgeMax));
}
