import { readFile } from "node:fs/promises";
import sharp, { type Sharp } from "sharp";
import type { Step } from "../../decoders.ts";
import type { PictureFile, ProgramSettings, Size } from "../../picture-tasks.ts";
import { decodeBytes, measureBytes } from "./magick.ts";
import { checkPixels, type Decoder } from "./opened.ts";

/** An element of an icon: its type, and its data without the header of 8 bytes. */
interface Element {
  readonly type: string;
  readonly data: Buffer;
}

const elementsMax = 200;
const bytesMax = 64 * 1024 * 1024;
const pngSignature = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
const jp2Signature = Buffer.from("\0\0\0\x0cjP  \r\n\x87\n", "latin1");

/** Pixels compressed one channel after the other, and the element that holds their transparency. */
const planar: Readonly<Record<string, { readonly edge: number; readonly mask: string }>> = {
  is32: { edge: 16, mask: "s8mk" },
  il32: { edge: 32, mask: "l8mk" },
  ih32: { edge: 48, mask: "h8mk" },
  it32: { edge: 128, mask: "t8mk" },
};

/** The same with transparency as the first channel, behind the word "ARGB". */
const argb: Readonly<Record<string, number>> = { ic04: 16, ic05: 32, icsb: 18, icsB: 36, sb24: 24, SB24: 48 };

/** "icns" and the file's length, then elements: type, length with these 8 bytes, data; all big-endian. */
function elementsOf(bytes: Buffer): Element[] {
  const elements: Element[] = [];
  for (let at = 8; at + 8 <= bytes.length && elements.length < elementsMax;) {
    const length = bytes.readUInt32BE(at + 4);
    if (length < 8) break;
    elements.push({ type: bytes.toString("latin1", at, at + 4), data: bytes.subarray(at + 8, at + length) });
    at += length;
  }
  return elements;
}

/** A byte below 128: as many literal bytes and one more follow; else the next byte, repeated as often as it says. */
function unpack(data: Buffer, channels: number, pixels: number): Buffer {
  const planes = Buffer.alloc(channels * pixels);
  let to = 0;
  for (let from = 0; from < data.length && to < planes.length;) {
    const control = data[from++] ?? 0;
    if (control < 128) {
      to += data.copy(planes, to, from, from + control + 1);
      from += control + 1;
    } else {
      planes.fill(data[from++] ?? 0, to, Math.min(planes.length, to + control - 125));
      to += control - 125;
    }
  }
  return planes;
}

function interleave(
  planes: Buffer,
  pixels: number,
  order: readonly number[],
  alpha: Buffer | undefined,
): Buffer {
  const rgba = Buffer.alloc(pixels * 4, 255);
  for (let pixel = 0; pixel < pixels; pixel++) {
    order.forEach((plane, channel) => (rgba[pixel * 4 + channel] = planes[plane * pixels + pixel] ?? 0));
    if (alpha) rgba[pixel * 4 + 3] = alpha[pixel] ?? 255;
  }
  return rgba;
}

const fromRaw = (rgba: Buffer, edge: number) =>
  sharp(rgba, { raw: { width: edge, height: edge, channels: 4 } });

/** A picture inside, its size known before it is decoded. */
interface Inside extends Size {
  open(settings: ProgramSettings): Promise<Sharp>;
}

function fromPlanes({ type, data }: Element, elements: readonly Element[]): Inside | undefined {
  const known = Object.hasOwn(planar, type) ? planar[type] : undefined;
  if (known != null) {
    const { edge, mask } = known;
    const pixels = edge * edge;
    const alpha = elements.find((each) => each.type === mask)?.data;
    // "it32" begins with four zero bytes.
    const packed = type === "it32" ? data.subarray(4) : data;
    const rgba = () => interleave(unpack(packed, 3, pixels), pixels, [0, 1, 2], alpha);
    return { width: edge, height: edge, open: () => Promise.resolve(fromRaw(rgba(), edge)) };
  }
  const edge = Object.hasOwn(argb, type) ? argb[type] : undefined;
  if (edge == null || data.toString("latin1", 0, 4) !== "ARGB") return undefined;
  const rgba = () =>
    interleave(unpack(data.subarray(4), 4, edge * edge), edge * edge, [1, 2, 3, 0], undefined);
  return { width: edge, height: edge, open: () => Promise.resolve(fromRaw(rgba(), edge)) };
}

async function insideOf(element: Element, elements: readonly Element[]): Promise<Inside | undefined> {
  const { data } = element;
  if (data.subarray(0, 8).equals(pngSignature)) {
    const { width, height } = await sharp(data).metadata();
    return {
      width,
      height,
      open: ({ pixelsMax }) => Promise.resolve(sharp(data, { limitInputPixels: pixelsMax })),
    };
  }
  if (
    data.subarray(0, 12).equals(jp2Signature) ||
    data.subarray(0, 4).equals(Buffer.of(0xff, 0x4f, 0xff, 0x51))
  ) {
    const format = data[0] === 0xff ? "J2K" : "JP2";
    const size = await measureBytes(data, format);
    return { ...size, open: ({ pixelsMax }) => decodeBytes(data, format, pixelsMax) };
  }
  return fromPlanes(element, elements);
}

/** The largest picture that can be read. */
async function largestIn({ path }: PictureFile): Promise<Inside> {
  const bytes = await readFile(path);
  if (bytes.length > bytesMax) throw new Error("The icon is too large");
  const elements = elementsOf(bytes);
  let largest: Inside | undefined;
  for (const element of elements) {
    const inside = await insideOf(element, elements).catch(() => undefined);
    if (inside != null && inside.width > (largest?.width ?? 0)) largest = inside;
  }
  if (largest == null) throw new Error("There is no picture in the icon that can be decoded");
  return largest;
}

/** macOS icons, a container of pictures of one thing in several sizes. */
export const icns: Decoder<Extract<Step, { decoder: "icns" }>> = {
  measure: async (file) => {
    const { width, height } = await largestIn(file);
    return { width, height };
  },
  open: async (file, _step, settings) => {
    const largest = await largestIn(file);
    checkPixels(largest, settings.pixelsMax);
    return largest.open(settings);
  },
};
