import type { PictureHash } from "../picture-tasks.ts";

const columns = 9;
const rows = 8;

/** Less than this is noise of a lossy format: what is flat stays flat. Of 255. */
const noise = 1;

interface Pixels {
  readonly rgba: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Lightness on white, 0 to 255 (ITU-R BT.601). */
function lightnessAt(rgba: Uint8Array, at: number): number {
  const [red = 0, green = 0, blue = 0, alpha = 0] = rgba.subarray(at, at + 4);
  const lightness = 0.299 * red + 0.587 * green + 0.114 * blue;
  return 255 + ((lightness - 255) * alpha) / 255;
}

/** The pixels of one of `count` equal parts of an edge, at least one. */
function partOf(edge: number, index: number, count: number): readonly [from: number, to: number] {
  const from = Math.floor((index * edge) / count);
  return [from, Math.max(from + 1, Math.floor(((index + 1) * edge) / count))];
}

function meanOf({ rgba, width, height }: Pixels, column: number, row: number): number {
  const [left, right] = partOf(width, column, columns);
  const [top, bottom] = partOf(height, row, rows);
  let sum = 0;
  for (let y = top; y < bottom; y++)
    for (let x = left; x < right; x++) sum += lightnessAt(rgba, 4 * (y * width + x));
  return sum / ((right - left) * (bottom - top));
}

/**
 * One bit for each of 8 × 8 places: whether it becomes lighter to the right there. Other sizes, formats and metadata of a
 * picture change few of them (http://www.hackerfactor.com/blog/index.php?/archives/529-Kind-of-Like-That.html).
 */
export function differenceHashOf(pixels: Pixels): PictureHash {
  const halves: [number, number] = [0, 0];
  for (let row = 0; row < rows; row++) {
    let before = meanOf(pixels, 0, row);
    for (let column = 1; column < columns; column++) {
      const mean = meanOf(pixels, column, row);
      const half = row < rows / 2 ? 0 : 1;
      halves[half] = (halves[half] << 1) | (mean - before > noise ? 1 : 0);
      before = mean;
    }
  }
  const [high, low] = halves;
  return { high, low };
}
