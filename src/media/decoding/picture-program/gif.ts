import sharp, { type Sharp } from "sharp";
import { withWindow, type FileWindow } from "../../types/file-window.ts";

interface Place {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const blocksMax = 1_000;
const windowBytes = 64 * 1024;

/** Bytes of a colour table, by the flags of its descriptor (GIF89a, sections 18 and 20). */
const tableBytes = (flags: number) => ((flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1));

/** Where on the canvas the first frame is; undefined for what is no GIF. */
async function firstPlace(file: FileWindow): Promise<Place | undefined> {
  const head = await file.read(0, 13);
  if (head == null) return undefined;
  let at = 13 + tableBytes(head.readUInt8(10));
  for (let blocks = 0; blocks < blocksMax; blocks++) {
    const kind = (await file.read(at, 2))?.[0];
    if (kind === 0x2c) {
      const image = await file.read(at + 1, 8);
      if (image == null) return undefined;
      const [left, top] = [image.readUInt16LE(0), image.readUInt16LE(2)];
      return { left, top, width: image.readUInt16LE(4), height: image.readUInt16LE(6) };
    }
    if (kind !== 0x21) return undefined;
    at += 2;
    // An extension: blocks that begin with their length, up to an empty one.
    for (let length = -1; length !== 0; at += length + 1) {
      const own = (await file.read(at, 1))?.[0];
      if (own == null || ++blocks > blocksMax) return undefined;
      length = own;
    }
  }
  return undefined;
}

/**
 * The first frame of a GIF without transparent colours that does not cover its canvas: libvips shows black beside it, where
 * browsers show nothing. Undefined for other GIFs.
 */
export async function openUncovered(
  path: string,
  picture: Sharp,
  pixelsMax: number,
): Promise<Sharp | undefined> {
  const { width, height, hasAlpha } = await picture.metadata();
  if (hasAlpha || width * height > pixelsMax) return undefined;
  const place = await withWindow(path, firstPlace, windowBytes);
  if (place == null || (place.width >= width && place.height >= height)) return undefined;
  const [right, bottom] = [width - place.left - place.width, height - place.top - place.height];
  if (place.width === 0 || place.height === 0 || right < 0 || bottom < 0) return undefined;
  const frame = await picture.extract(place).png({ compressionLevel: 0 }).toBuffer();
  const background = { r: 0, g: 0, b: 0, alpha: 0 };
  const canvas = sharp(frame).extend({ left: place.left, top: place.top, right, bottom, background });
  // A step of its own: sharp extends after it has resized.
  return sharp(await canvas.png({ compressionLevel: 0 }).toBuffer());
}
