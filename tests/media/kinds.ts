import { readFile } from "node:fs/promises";
import sharp, { type Sharp } from "sharp";
import { ffmpeg } from "./files.ts";
import { makeQuarters, type usePictures } from "./pictures.ts";

type Kit = ReturnType<typeof usePictures>;

/** RGB, from the top, of four quarters in four colours. */
export async function quarterPixels(width: number, height: number): Promise<Buffer> {
  return (await makeQuarters(width, height)).removeAlpha().raw().toBuffer();
}

const numbers = (bytes: number, ...values: number[]) => {
  const buffer = Buffer.alloc(bytes * values.length);
  values.forEach((value, index) => buffer.writeUIntLE(value, index * bytes, bytes));
  return buffer;
};

/** Rows from the bottom, blue first, each padded to four bytes. */
async function bitmapRows(width: number, height: number): Promise<Buffer> {
  const rgb = await quarterPixels(width, height);
  const stride = Math.ceil((width * 3) / 4) * 4;
  const rows = Buffer.alloc(stride * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let channel = 0; channel < 3; channel++)
        rows[(height - 1 - y) * stride + x * 3 + channel] = rgb[(y * width + x) * 3 + 2 - channel]!;
  return rows;
}

function bitmapFile(header: Buffer, rows: Buffer): Buffer {
  const at = 14 + header.length;
  const head = Buffer.concat([Buffer.from("BM"), numbers(4, at + rows.length, 0, at)]);
  return Buffer.concat([head, header, rows]);
}

/** With Windows' header of 40 bytes. */
export async function makeBitmap(width: number, height: number): Promise<Buffer> {
  const rows = await bitmapRows(width, height);
  const header = Buffer.concat([
    numbers(4, 40, width, height),
    numbers(2, 1, 24),
    numbers(4, 0, rows.length, 0, 0, 0, 0),
  ]);
  return bitmapFile(header, rows);
}

/** With OS/2's header of 12 bytes, in which edges have two. */
export async function makeOs2Bitmap(width: number, height: number): Promise<Buffer> {
  const header = Buffer.concat([numbers(4, 12), numbers(2, width, height, 1, 24)]);
  return bitmapFile(header, await bitmapRows(width, height));
}

const png = async (width: number, height: number) => (await makeQuarters(width, height)).png().toBuffer();

/** The smaller picture first. */
export async function makeIcon(...edges: number[]): Promise<Buffer> {
  const pictures = await Promise.all(edges.map((edge) => png(edge, edge)));
  let at = 6 + 16 * edges.length;
  const entries = pictures.map(({ length }, index) => {
    const edge = edges[index]! % 256;
    const entry = Buffer.concat([Buffer.of(edge, edge, 0, 0), numbers(2, 1, 32), numbers(4, length, at)]);
    at += length;
    return entry;
  });
  return Buffer.concat([numbers(2, 0, 1, edges.length), ...entries, ...pictures]);
}

const big = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

const element = (type: string, data: Buffer) =>
  Buffer.concat([Buffer.from(type, "latin1"), big(data.length + 8), data]);

/** Channels one after the other, each byte run literal: a count below 128 and as many bytes and one more. */
function packPlanes(rgb: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let channel = 0; channel < 3; channel++) {
    const plane = Buffer.from(rgb.filter((_, at) => at % 3 === channel));
    for (let at = 0; at < plane.length; at += 128) {
      const run = plane.subarray(at, at + 128);
      parts.push(Buffer.of(run.length - 1), run);
    }
  }
  return Buffer.concat(parts);
}

/** A macOS icon of 128 pixels as they were before PNG, and of one of 256 as PNG where told. */
export async function makeMacIcon(hasPng: boolean): Promise<Buffer> {
  const old = element("it32", Buffer.concat([big(0), packPlanes(await quarterPixels(128, 128))]));
  const mask = element("t8mk", Buffer.alloc(128 * 128, 255));
  const small = element("il32", packPlanes(await quarterPixels(32, 32)));
  const elements = [small, old, mask, ...(hasPng ? [element("ic08", await png(256, 256))] : [])];
  return element("icns", Buffer.concat(elements));
}

/** Planes without compression, and no embedded thumbnail: section 5 is the merged picture. */
export async function makePhotoshop(width: number, height: number): Promise<Buffer> {
  const rgb = await quarterPixels(width, height);
  const planes = [0, 1, 2].map((channel) => Buffer.from(rgb.filter((_, at) => at % 3 === channel)));
  const header = Buffer.concat([
    ...[Buffer.from("8BPS\0\x01\0\0\0\0\0\0\0\x03", "latin1"), big(height), big(width)],
    Buffer.from("\0\x08\0\x03", "latin1"),
  ]);
  return Buffer.concat([header, big(0), big(0), big(0), Buffer.of(0, 0), ...planes]);
}

/** Floating point, from the bottom, linear light. */
export async function makePfm(width: number, height: number): Promise<Buffer> {
  const rgb = await quarterPixels(width, height);
  const body = Buffer.alloc(rgb.length * 4);
  for (let y = 0; y < height; y++)
    for (let at = 0; at < width * 3; at++)
      body.writeFloatLE(rgb[y * width * 3 + at]! / 255, ((height - 1 - y) * width * 3 + at) * 4);
  return Buffer.concat([Buffer.from(`PF\n${width} ${height}\n-1.0\n`), body]);
}

/** One page of four coloured quarters. */
export function makePdf(width: number, height: number): Buffer {
  const paint = [
    ["0.9 0.118 0.118", 0, height / 2],
    ["0.118 0.784 0.118", width / 2, height / 2],
    ["0.118 0.118 0.9", 0, 0],
    ["0.9 0.863 0.118", width / 2, 0],
  ].map(([colour, x, y]) => `${colour} rg ${x} ${y} ${width / 2} ${height / 2} re f`);
  const content = paint.join("\n");
  const objects = [
    "<</Type/Catalog/Pages 2 0 R>>",
    "<</Type/Pages/Kids[3 0 R]/Count 1>>",
    `<</Type/Page/Parent 2 0 R/MediaBox[0 0 ${width} ${height}]/Contents 4 0 R/Resources<<>>>>`,
    `<</Length ${content.length}>>stream\n${content}\nendstream`,
  ];
  let text = "%PDF-1.4\n";
  const places = objects.map((object, index) => {
    const place = text.length;
    text += `${index + 1} 0 obj${object}endobj\n`;
    return `${String(place).padStart(10, "0")} 00000 n \n`;
  });
  const count = objects.length + 1;
  const table = `xref\n0 ${count}\n0000000000 65535 f \n${places.join("")}`;
  return Buffer.from(
    `${text}${table}trailer<</Size ${count}/Root 1 0 R>>\nstartxref\n${text.length}\n%%EOF\n`,
  );
}

/** What ffmpeg makes of four quarters. @param args its options of the coding; the last is the format. */
export async function makeByFfmpeg(
  kit: Kit,
  width: number,
  height: number,
  ...args: string[]
): Promise<Buffer> {
  const picture = await kit.write(await png(width, height));
  const target = kit.target();
  const format = args.pop()!;
  await ffmpeg("-i", picture, "-frames:v", "1", ...args, "-f", format, target);
  return readFile(target);
}

/** Mean difference of all channels, both brought to the same size, on white. */
export async function meanDifference(
  made: string | Buffer,
  reference: Sharp | string | Buffer,
): Promise<number> {
  const pixelsOf = (input: string | Buffer) =>
    sharp(input)
      .flatten({ background: "white" })
      .resize(64, 64, { fit: "fill" })
      .toColourspace("srgb")
      .raw()
      .toBuffer();
  const wanted =
    typeof reference === "string" || Buffer.isBuffer(reference)
      ? reference
      : await reference.png().toBuffer();
  const [a, b] = [await pixelsOf(made), await pixelsOf(wanted)];
  if (a.length !== b.length) throw new Error(`${a.length} and ${b.length} values cannot be compared`);
  return a.reduce((sum, value, at) => sum + Math.abs(value - b[at]!), 0) / a.length;
}

/** A TIFF of three or four samples a pixel, without compression, as the photometric interpretation says. */
export function makeTiff(
  { width, height, photometric, bits = 8, sampleFormat = 1, isAlpha = false }: TiffKind,
  samples: Buffer,
): Buffer {
  const count = isAlpha ? 4 : 3;
  const tags: [tag: number, type: 3 | 4, value: number, values?: number][] = [
    [256, 4, width],
    [257, 4, height],
    [258, 3, 0, count],
    [259, 3, 1],
    [262, 3, photometric],
    [273, 4, 0],
    [277, 3, count],
    [278, 4, height],
    [279, 4, samples.length],
    ...(isAlpha ? ([[338, 3, 2]] as [number, 3, number][]) : []),
    ...(photometric === 6 ? ([[530, 3, 0x0001_0001, 2]] as [number, 3, number, number][]) : []),
    [339, 3, 0, count],
  ];
  const directoryBytes = 2 + tags.length * 12 + 4;
  const bitsAt = 8 + directoryBytes;
  const formatsAt = bitsAt + count * 2;
  const pixelsAt = formatsAt + count * 2;
  const entries = tags.map(([tag, type, value, values = 1]) => {
    const place = { 258: bitsAt, 339: formatsAt, 273: pixelsAt }[tag] ?? value;
    return Buffer.concat([numbers(2, tag, type), numbers(4, values, place)]);
  });
  const repeated = (value: number) => numbers(2, ...Array<number>(count).fill(value));
  return Buffer.concat([
    ...[Buffer.from("II"), numbers(2, 42), numbers(4, 8), numbers(2, tags.length), ...entries, numbers(4, 0)],
    ...[repeated(bits), repeated(sampleFormat), samples],
  ]);
}

export interface TiffKind {
  readonly width: number;
  readonly height: number;
  /** 2 RGB, 6 YCbCr, 8 CIELab. */
  readonly photometric: number;
  readonly bits?: number;
  /** 1 whole numbers, 3 floating point. */
  readonly sampleFormat?: number;
  readonly isAlpha?: boolean;
}

/** ITU-R BT.601, full range. */
export const toYcbcr = (rgb: Buffer) =>
  Buffer.from(
    Array.from({ length: rgb.length / 3 }, (_, pixel) => {
      const [r, g, b] = [...rgb.subarray(pixel * 3, pixel * 3 + 3)] as [number, number, number];
      const y = 0.299 * r + 0.587 * g + 0.114 * b;
      return [y, 128 + (b - y) / 1.772, 128 + (r - y) / 1.402].map((value) => Math.round(value));
    }).flat(),
  );
