import { readFile } from "node:fs/promises";
import { crc32, deflateSync } from "node:zlib";
import sharp, { type Sharp } from "sharp";
import type { Step } from "../../decoders.ts";
import type { PictureFile } from "../../picture-tasks.ts";
import { highRangeOf } from "../dynamic-range.ts";
import { readHeader } from "../input.ts";
import { mapTones } from "../tone-map.ts";
import type { Decoder } from "./opened.ts";

/** Behind signature and header (PNG, third edition, section 5.2): 8 + 4 + 4 + 13 + 4 bytes. */
const profilePlace = 33;

/** An iCCP chunk (section 11.3.2.3). */
function chunkOf(profile: Buffer): Buffer {
  const data = Buffer.concat([Buffer.from("iCCPicc\0\0", "latin1"), deflateSync(profile)]);
  const chunk = Buffer.alloc(data.length + 8);
  chunk.writeUInt32BE(data.length - 4, 0);
  data.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(data), chunk.length - 4);
  return chunk;
}

async function decode(bytes: Buffer): Promise<{ pixels: Uint8ClampedArray; width: number; height: number }> {
  // Loaded when first needed: most processes never meet a HEIC.
  const { default: libheif } = await import("libheif-js/wasm-bundle.js");
  const images = new libheif.HeifDecoder().decode(bytes);
  const image = images.find((one) => one.is_primary()) ?? images[0];
  if (image == null) throw new Error("there is no picture in it");
  const [width, height] = [image.get_width(), image.get_height()];
  const pixels = new Uint8ClampedArray(width * height * 4);
  const isDecoded = await new Promise((resolve) => {
    image.display({ data: pixels, width, height }, resolve);
  });
  for (const one of images) one.free();
  if (isDecoded == null) throw new Error("its pixels cannot be decoded");
  return { pixels, width, height };
}

/** Upright: libheif has applied the turns that the file asks for. */
async function openHeif(file: PictureFile, pixelsMax: number): Promise<Sharp> {
  const { metadata } = await readHeader(file, pixelsMax);
  if (metadata.width * metadata.height > pixelsMax) throw new Error("Input image exceeds pixel limit");
  const { pixels, width, height } = await decode(await readFile(file.path));
  const picture = sharp(pixels, { raw: { width, height, channels: 4 } });
  const opaque = metadata.hasAlpha ? picture : picture.removeAlpha();
  const range = await highRangeOf(file);
  if (range != null) return mapTones(opaque, range);
  if (metadata.icc == null) return opaque;
  // Raw pixels have no place for a profile, and phones' colours are not sRGB's; a PNG has one.
  const png = await opaque.png({ compressionLevel: 0 }).toBuffer();
  const parts = [png.subarray(0, profilePlace), chunkOf(metadata.icc), png.subarray(profilePlace)];
  return sharp(Buffer.concat(parts), { limitInputPixels: pixelsMax });
}

/** HEVC, for which sharp's libvips has no decoder. Takes a second for 12 megapixels. */
export const libheif: Decoder<Extract<Step, { decoder: "libheif" }>> = {
  measure: (file, _step, { pixelsMax }) => readHeader(file, pixelsMax),
  open: (file, _step, { pixelsMax }) => openHeif(file, pixelsMax),
};
