import { readFile } from "node:fs/promises";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { meanDifference, quarterPixels } from "./kinds.ts";
import { makeQuarters, now, quarters, usePictures } from "./pictures.ts";
import { makeTiffOf, packBits, type TiffShape } from "./tiffs.ts";

const kit = usePictures();
const [width, height] = [64, 32];

async function expectQuarters(tiff: Buffer, most = 8): Promise<void> {
  const path = await kit.write(tiff);
  const facts = await kit.reader.readFacts(path);
  expect(facts).toMatchObject({ mimeType: "image/tiff", width, height, problems: [] });
  const { source } = facts!.picture!;
  let file = { path, mimeType: "image/tiff" };
  if (source !== "FILE") {
    const still = kit.target();
    await kit.pictures.extractStill({ ...file, source, width, height }, still, now);
    file = { path: still, mimeType: "image/jpeg" };
  }
  const thumbnail = kit.target();
  await kit.pictures.makeImage(file, { width, height, isCropped: false }, "PNG", thumbnail, now);
  expect(await meanDifference(await readFile(thumbnail), await makeQuarters(width, height))).toBeLessThan(
    most,
  );
}

const rgb = await quarterPixels(width, height);
const plane = (channel: number) => [...rgb].filter((_, at) => at % 3 === channel);
const shape = (rest: Partial<TiffShape>): TiffShape => ({
  ...{ width, height, photometric: 2, bits: 8, samples: 3 },
  ...rest,
});
const doubles = (values: Buffer) => {
  const bytes = Buffer.alloc(values.length * 8);
  values.forEach((value, at) => bytes.writeDoubleLE(value / 255, at * 8));
  return bytes;
};

// Seen: no picture of doubles, of 4, 10 or 14 bits a sample, and of planes in tiles; black and white of 32 bits.
describe("a TIFF is shown in its colours", () => {
  test("with doubles", () => expectQuarters(makeTiffOf(shape({ bits: 64, format: 3 }), [doubles(rgb)])));

  test.each([4, 10, 12, 14])("with %i bits a sample", (bits) => {
    const values = [...rgb].map((value) => Math.round((value / 255) * (2 ** bits - 1)));
    return expectQuarters(makeTiffOf(shape({ bits }), [packBits(values, bits)]), 14);
  });

  test("with 4 bits a sample and transparency", () => {
    const values = [...rgb].flatMap((value, at) => [value >> 4, ...(at % 3 === 2 ? [15] : [])]);
    return expectQuarters(makeTiffOf(shape({ bits: 4, samples: 4 }), [packBits(values, 4)]), 14);
  });

  test("with 32 bits a sample", () => {
    const bytes = Buffer.alloc(rgb.length * 4);
    rgb.forEach((value, at) => bytes.writeUInt32LE(value * 0x0101_0101, at * 4));
    return expectQuarters(makeTiffOf(shape({ bits: 32 }), [bytes]));
  });

  test.each([8, 16])("with planes of %i bits", (bits) => {
    const bytes = (channel: number) =>
      Buffer.from(plane(channel).flatMap((value) => (bits === 8 ? [value] : [value, value])));
    return expectQuarters(makeTiffOf(shape({ bits, planes: 2 }), [0, 1, 2].map(bytes)));
  });

  const tilesOf = (values: readonly number[], samples: number): Buffer[] => {
    const tile = 16;
    const tiles: Buffer[] = [];
    for (let top = 0; top < height; top += tile)
      for (let left = 0; left < width; left += tile) {
        const rows = Array.from({ length: tile }, (_, row) => {
          const at = ((top + row) * width + left) * samples;
          return values.slice(at, at + tile * samples);
        });
        tiles.push(Buffer.from(rows.flat()));
      }
    return tiles;
  };
  test("in tiles", () => expectQuarters(makeTiffOf(shape({ tile: 16 }), tilesOf([...rgb], 3))));
  test("with planes in tiles", () => {
    const tiles = [0, 1, 2].flatMap((channel) => tilesOf(plane(channel), 1));
    return expectQuarters(makeTiffOf(shape({ tile: 16, planes: 2 }), tiles));
  });

  // A test with grey alone would pass with a* and b* lost.
  test.each([
    [8, false],
    [8, true],
    [16, true],
  ])("as Lab of %i bits, transparency %j", (bits, isAlpha) => {
    const samples = Object.values(quarters).map((colour) => labOf(colour));
    const all = Array.from({ length: width * height }, (_, at) => {
      const [x, y] = [at % width, Math.floor(at / width)];
      const lab = samples[(y < height / 2 ? 0 : 2) + (x < width / 2 ? 0 : 1)]!;
      return labBytes(lab, bits, isAlpha);
    });
    const kind = shape({ photometric: 8, bits, samples: isAlpha ? 4 : 3 });
    return expectQuarters(makeTiffOf(kind, [Buffer.concat(all)]), 18);
  });

  test("as CMYK", () => {
    const inks = [...Array(width * height).keys()].flatMap((at) => [
      ...[...rgb.subarray(at * 3, at * 3 + 3)].map((value) => 255 - value),
      0,
    ]);
    // Inks are duller than a screen: by how much, the profile says that stands for the missing one.
    return expectQuarters(makeTiffOf(shape({ photometric: 5, samples: 4 }), [Buffer.from(inks)]), 60);
  });
});

test("a JPEG in CMYK is shown in its colours", async () => {
  const jpeg = await (
    await makeQuarters(width, height)
  )
    .toColourspace("cmyk")
    .jpeg({ quality: 95 })
    .toBuffer();
  expect((await sharp(jpeg).metadata()).space).toBe("cmyk");
  const made = await kit.make(jpeg, "image/jpeg", { width, height });
  expect(await meanDifference(await readFile(made), await makeQuarters(width, height))).toBeLessThan(45);
});

/** CIE L*a*b* of an sRGB colour, white D50 as TIFF has it. */
function labOf(colour: readonly number[]): [number, number, number] {
  const [r, g, b] = colour.map((value) => {
    const light = value / 255;
    return light <= 0.04045 ? light / 12.92 : ((light + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  // Bradford's adaptation of sRGB to D50.
  const xyz = [
    (0.4360747 * r + 0.3850649 * g + 0.1430804 * b) / 0.96422,
    0.2225045 * r + 0.7168786 * g + 0.0606169 * b,
    (0.0139322 * r + 0.0971045 * g + 0.7141733 * b) / 0.82521,
  ];
  const [x, y, z] = xyz.map((t) => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116)) as [
    number,
    number,
    number,
  ];
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** TIFF 6.0 section 23: L* from 0 to all, a* and b* with a sign. */
function labBytes([l, a, b]: [number, number, number], bits: number, isAlpha: boolean): Buffer {
  const numbers = [l * 2.55, a, b].map((value) => Math.round(value));
  if (bits === 8) return Buffer.from([...numbers.map((value) => value & 255), ...(isAlpha ? [255] : [])]);
  const bytes = Buffer.alloc(8);
  [Math.round(l * 655.35), Math.round(a * 256) & 0xffff, Math.round(b * 256) & 0xffff, 0xffff].forEach(
    (value, at) => bytes.writeUInt16LE(value, at * 2),
  );
  return bytes;
}
