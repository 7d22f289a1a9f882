import { inflateSync } from "node:zlib";
import { withWindow, type FileWindow } from "../../types/file-window.ts";

const signatureBytes = 8;
const chunksMax = 20_000;
const windowBytes = 64 * 1024;
/** More is no metadata of a camera. */
const exifBytesMax = 1024 * 1024;
const textName = "Raw profile type exif";
/** Tag 274 of TIFF 6.0. */
const orientationTag = 274;

/** EXIF's number in a TIFF structure, with or without "Exif\0\0" before it. */
function orientationIn(bytes: Buffer): number | undefined {
  const exif = bytes.toString("latin1", 0, 4) === "Exif" ? bytes.subarray(6) : bytes;
  const isLittle = exif[0] === 0x49;
  const int = (at: number, size: number) =>
    at + size > exif.length ? 0 : isLittle ? exif.readUIntLE(at, size) : exif.readUIntBE(at, size);
  const directory = int(4, 4);
  for (let entry = 0; entry < int(directory, 2); entry++) {
    const at = directory + 2 + entry * 12;
    if (at + 12 > exif.length) return undefined;
    if (int(at, 2) === orientationTag) return int(at + 8, 2);
  }
  return undefined;
}

/** ImageMagick's way before there was eXIf: a name, a length and the bytes in hexadecimal. */
function exifInText(type: string, data: Buffer): Buffer | undefined {
  const end = data.indexOf(0);
  if (end < 0 || data.toString("latin1", 0, end) !== textName) return undefined;
  const text =
    type === "zTXt"
      ? inflateSync(data.subarray(end + 2), { maxOutputLength: 4 * exifBytesMax })
      : data.subarray(end + 1);
  const [, hex] = /^\s*exif\s+\d+\s([\da-f\s]+)/.exec(text.toString("latin1")) ?? [];
  return hex == null ? undefined : Buffer.from(hex.replaceAll(/\s/g, ""), "hex");
}

async function findOrientation(file: FileWindow): Promise<number | undefined> {
  for (let at = signatureBytes, chunks = 0; chunks < chunksMax; chunks++) {
    const head = await file.read(at, 8);
    if (head == null) return undefined;
    const [length, type] = [head.readUInt32BE(0), head.toString("latin1", 4, 8)];
    const isWanted = /^(eXIf|tEXt|zTXt)$/.test(type) && length <= exifBytesMax;
    const data = isWanted ? await file.readUpTo(at + 8, length) : undefined;
    const exif = data && (type === "eXIf" ? data : exifInText(type, data));
    const orientation = exif && orientationIn(exif);
    if (orientation != null && orientation >= 1 && orientation <= 8) return orientation;
    at += 12 + length;
  }
  return undefined;
}

/**
 * EXIF's orientation wherever it is: libvips sees that before the pixels only, and PNG allowed it behind them, too
 * (extensions of 2017, "eXIf may appear anywhere between IHDR and IEND"). Undefined where there is none.
 */
export async function pngOrientation(path: string): Promise<number | undefined> {
  try {
    return await withWindow(path, findOrientation, windowBytes);
  } catch {
    // Damaged metadata turns nothing.
    return undefined;
  }
}
