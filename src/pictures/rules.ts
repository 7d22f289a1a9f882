import { BadUserInputError } from "../errors.ts";
import type { ImageFormat } from "../media/decoding/picture-maker.ts";

/** Pixels, upright. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

export const imageFits = ["INSIDE", "COVER"] as const;
export type ImageFit = (typeof imageFits)[number];

/** A client's request; both edges absent means the default. */
export interface Wanted {
  readonly width?: number | null | undefined;
  readonly height?: number | null | undefined;
  readonly fit: ImageFit;
}

/**
 * The edges there are, in pixels; of a box to be covered, the longer one. Others are taken down to the next of these, so
 * that a wanted box is never exceeded, caches are shared, and one file becomes some hundred pictures at most.
 */
export const edgeSteps = [
  16, 24, 32, 48, 64, 96, 100, 128, 160, 200, 256, 300, 320, 400, 480, 512, 640, 800, 1024, 1280, 1600, 1920,
  2048, 2560, 3200, 4096,
] as const;

export const edgeMin = edgeSteps[0];
export const edgeMax = 4096;
/** A PNG keeps every bit: one of 4096 × 4096 noisy pixels has 50 MB. */
export const pngEdgeMax = 1024;

/** Longest edge of a picture in this format, in pixels. */
export const edgeMaxOf = (format: ImageFormat): number => (format === "PNG" ? pngEdgeMax : edgeMax);

/** Shapes that a picture can be cut to, long edge by short; a wanted box gets the one that is nearest to it. */
const coverShapes = [
  [1, 1],
  [5, 4],
  [4, 3],
  [3, 2],
  [8, 5],
  [16, 9],
  [2, 1],
] as const;

/** Both edges, when none is named. */
export const edgeDefault = 320;

/** The one form of all requests that have the same outcome: what stands in URLs. */
export type Box =
  /** The whole picture as it is. */
  | { readonly kind: "full" }
  /** The whole picture, so wide or so high. */
  | { readonly kind: "width" | "height"; readonly edge: number }
  /** The middle of the picture in just this shape; smaller where the picture is. */
  | { readonly kind: "cover"; readonly width: number; readonly height: number };

function stepFor(field: string, edge: number): number {
  if (!Number.isInteger(edge) || edge < edgeMin || edge > edgeMax)
    throw new BadUserInputError(field, `expected pixels from ${edgeMin} to ${edgeMax}, got ${edge}`);
  return edgeSteps.findLast((step) => step <= edge) ?? edgeMin;
}

/**
 * @param max longest edge that there can be.
 * @throws {BadUserInputError} for an edge out of range.
 */
export function boxFor(picture: Size, { width, height, fit }: Wanted, max = edgeMax): Box {
  if (width == null && height == null)
    return boxFor(picture, { width: edgeDefault, height: edgeDefault, fit }, max);
  const wide = width == null ? null : Math.min(stepFor("width", width), max);
  const high = height == null ? null : Math.min(stepFor("height", height), max);
  if (fit === "COVER" && width != null && height != null)
    return coverBox(picture, { width: Math.min(width, max), height: Math.min(height, max) });
  return insideBox(picture, wide ?? max, high ?? max);
}

/** The largest box of the nearest shape that fits into the wanted one, and is no larger than what the picture fills. */
function coverBox(picture: Size, wanted: Size): Box {
  const isWide = wanted.width >= wanted.height;
  const [long, short] = isWide ? [wanted.width, wanted.height] : [wanted.height, wanted.width];
  const distance = ([a, b]: readonly [number, number]) => Math.abs(Math.log((a * short) / (b * long)));
  const shape = [...coverShapes].sort((a, b) => distance(a) - distance(b))[0] ?? coverShapes[0];
  const boxes = edgeSteps
    .map((step): Size => {
      const other = Math.round((step * shape[1]) / shape[0]);
      return isWide ? { width: step, height: other } : { width: other, height: step };
    })
    .filter(({ width, height }) => width <= wanted.width && height <= wanted.height);
  // A picture that is smaller than a box gives the same in every larger one.
  const filled = boxes.find(({ width, height }) => width > picture.width || height > picture.height);
  return { kind: "cover", ...(filled ?? boxes.at(-1) ?? { width: edgeMin, height: edgeMin }) };
}

function insideBox(picture: Size, wide: number, high: number): Box {
  if (wide >= picture.width && high >= picture.height) return { kind: "full" };
  return wide * picture.height <= high * picture.width
    ? { kind: "width", edge: wide }
    : { kind: "height", edge: high };
}

const scaled = (picture: Size, factor: number): Size => ({
  width: Math.max(1, Math.round(picture.width * factor)),
  height: Math.max(1, Math.round(picture.height * factor)),
});

/** The exact pixels that a box makes of a picture, which is never enlarged. */
export function sizeIn(picture: Size, box: Box): Size {
  switch (box.kind) {
    case "full":
      return { width: picture.width, height: picture.height };
    case "width":
      return scaled(picture, Math.min(1, box.edge / picture.width));
    case "height":
      return scaled(picture, Math.min(1, box.edge / picture.height));
    case "cover":
      return scaled(box, Math.min(1, picture.width / box.width, picture.height / box.height));
  }
}

/** `full`, `w320`, `h320`, `320x200` */
export function formatBox(box: Box): string {
  switch (box.kind) {
    case "full":
      return "full";
    case "width":
      return `w${box.edge}`;
    case "height":
      return `h${box.edge}`;
    case "cover":
      return `${box.width}x${box.height}`;
  }
}

const parseStep = (digits: string | undefined) => edgeSteps.find((step) => String(step) === digits);

/** The box a string names, which need not be the one it would be called for this picture. */
function readBox(picture: Size, text: string, max: number): Box | undefined {
  if (text === "full") return insideBox(picture, max, max);
  const [, bound, first, second] = /^([wh]?)([1-9]\d{0,3})(?:x([1-9]\d{0,3}))?$/.exec(text) ?? [];
  const [edge, other] = [Number(first), Number(second)];
  if (bound === "" && edge <= max && other <= max) return coverBox(picture, { width: edge, height: other });
  const step = parseStep(first);
  if (step == null || step > max) return undefined;
  return bound === "w" ? insideBox(picture, step, max) : insideBox(picture, max, step);
}

/** @returns undefined for a string that `formatBox(boxFor(picture, …, max))` would never give. */
export function parseBox(picture: Size, text: string, max = edgeMax): Box | undefined {
  const box = readBox(picture, text, max);
  return box != null && formatBox(box) === text ? box : undefined;
}

/** Seconds between the frames that can be requested: at most some 500 of a video, at least half a second apart. */
const frameStep = (duration: number) => Math.max(0.5, Math.ceil(duration / 250) / 2);

/**
 * The frame shown for a wanted second, taken down to a step; past the end it is the last step's.
 * @param duration seconds; null when unknown.
 * @returns milliseconds
 * @throws {BadUserInputError} for what is no time.
 */
export function frameAt(duration: number | null, atSeconds: number): number {
  if (!(atSeconds >= 0)) throw new BadUserInputError("atSeconds", `expected 0 or more, got ${atSeconds}`);
  const end = duration ?? 0;
  const step = frameStep(end);
  // There is no frame at a video's last instant.
  const last = Math.max(0, Math.ceil(end / step) - 1);
  return Math.min(Math.floor(atSeconds / step), last) * step * 1000;
}
