import { describe, expect, test } from "vitest";
import { makeBitmap, meanDifference } from "./kinds.ts";
import { makeQuarters, quarters, usePictures } from "./pictures.ts";
import { showIn } from "./show.ts";

const kit = usePictures();

const colours = Object.values(quarters);

/** Of so many bytes, in which the first 40 are laid out as Windows lays them out. */
function headerOf(bytes: number, [width, height]: readonly number[], bits: number, compression = 0): Buffer {
  const header = Buffer.alloc(Math.max(bytes, 40));
  [bytes, width!, height!].forEach((value, index) => header.writeUInt32LE(value, index * 4));
  header.writeUInt16LE(1, 12);
  header.writeUInt16LE(bits, 14);
  header.writeUInt32LE(compression, 16);
  return header.subarray(0, bytes);
}

/** "BM" or "BA", the file's size, and the place of the pixels. */
function fileHeader(mark: string, pixelsAt: number, fileBytes = 0): Buffer {
  const head = Buffer.alloc(14);
  head.write(mark, "latin1");
  head.writeUInt32LE(fileBytes, 2);
  head.writeUInt32LE(pixelsAt, 10);
  return head;
}

/** From the bottom, a byte a pixel, rows of a multiple of four. */
function indexedRows([width, height]: readonly number[]): Buffer {
  const stride = Math.ceil(width! / 4) * 4;
  const rows = Buffer.alloc(stride * height!);
  for (let y = 0; y < height!; y++)
    for (let x = 0; x < width!; x++)
      rows[(height! - 1 - y) * stride + x] = (y < height! / 2 ? 0 : 2) + (x < width! / 2 ? 0 : 1);
  return rows;
}

/** Blue first, of so many bytes a colour, as many as eight bits count. */
const paletteOf = (bytes: 3 | 4) =>
  Buffer.concat(
    Array.from({ length: 256 }, (_, at) => {
      const [red = 0, green = 0, blue = 0] = colours[at] ?? [];
      return Buffer.of(blue, green, red, 0).subarray(0, bytes);
    }),
  );

function os2Bitmap(headerBytes: number, size: readonly number[], compression = 0, bits = 8): Buffer {
  const palette = paletteOf(4).subarray(0, 4 * 2 ** bits);
  const head = Buffer.concat([headerOf(headerBytes, size, bits, compression), palette]);
  const rows = indexedRows(size);
  return Buffer.concat([fileHeader("BM", 14 + head.length, 14 + head.length + rows.length), head, rows]);
}

/** The second header of 12 bytes, and colours of three; a second bitmap's header is between it and its pixels. */
function bitmapArray(size: readonly number[]): Buffer {
  const first = Buffer.from([12, 0, 0, 0, size[0]!, 0, size[1]!, 0, 1, 0, 8, 0]);
  const between = Buffer.alloc(60, 7);
  const pixelsAt = 28 + first.length + 768 + between.length;
  const head = [fileHeader("BA", 0), fileHeader("BM", pixelsAt), first, paletteOf(3), between];
  return Buffer.concat([...head, indexedRows(size)]);
}

/** 32 bits with masks of red, green, blue and transparency behind the header: Windows CE's compression 6. */
function alphaFields(size: readonly number[]): Buffer {
  const masks = Buffer.alloc(16);
  [0xff000000, 0xff0000, 0xff00, 0xff].forEach((mask, index) => masks.writeUInt32LE(mask, index * 4));
  const rows = indexedRows(size);
  const stride = rows.length / size[1]!;
  const pixels = Array.from({ length: size[0]! * size[1]! }, (_, at) => {
    const index = rows[Math.floor(at / size[0]!) * stride + (at % size[0]!)]!;
    return Buffer.of(255, colours[index]![2], colours[index]![1], colours[index]![0]);
  });
  return Buffer.concat([fileHeader("BM", 70), headerOf(40, size, 32, 6), masks, ...pixels]);
}

// Seen: OS/2's bitmaps had no size or wrong colours, its arrays were skewed, and those of Windows CE had no picture:
// ImageMagick reads the places of their palette and pixels as if they were Windows'.
describe("a bitmap is shown in its colours and shape", () => {
  test.each<[string, (size: readonly number[]) => Buffer]>([
    ["with a header of 16 bytes, OS/2's second", (size) => os2Bitmap(16, size)],
    ["with a header of 64 bytes, OS/2's second", (size) => os2Bitmap(64, size)],
    ["the first of OS/2's array", bitmapArray],
    ["with masks behind its header", alphaFields],
  ])("%s", async (_, make) => {
    for (const size of [
      [80, 40],
      [34, 66],
    ] as const) {
      const [width, height] = size;
      const { facts, thumbnail } = await showIn(kit, await kit.write(make(size)));
      expect(facts).toMatchObject({ mimeType: "image/bmp", width, height, problems: [] });
      expect(await meanDifference(thumbnail!, await makeQuarters(width, height))).toBeLessThan(3);
    }
  });
});

// Seen: fax's coding of black and white, which is OS/2's third compression and another one of Windows', was shown as noise.
test.each([1, 8])(
  "a bitmap of %i bits in OS/2's compression has its size, no picture, and a problem",
  async (bits) => {
    const { facts } = await showIn(kit, await kit.write(os2Bitmap(64, [80, 40], 3, bits)), false);
    expect(facts).toMatchObject({ mimeType: "image/bmp", width: 80, height: 40, picture: null });
    expect(facts.problems).toMatchObject([
      { code: "UNDECODABLE", message: expect.stringContaining("only OS/2 has") as string },
    ]);
  },
);

test("two letters and a header that makes no sense are no bitmap", async () => {
  const bytes = await makeBitmap(80, 40);
  bytes.writeUInt32LE(99, 14);
  bytes.writeUInt16LE(77, 26);
  expect((await kit.reader.readFacts(await kit.write(bytes.fill(9, 28))))?.picture ?? null).toBeNull();
});
