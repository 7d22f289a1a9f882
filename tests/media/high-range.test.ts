import { readFile } from "node:fs/promises";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { highRangeOf } from "../../src/media/decoding/picture-program/dynamic-range.ts";
import { ffmpeg, hasFfmpeg } from "./files.ts";
import { distance, now, pixelAt, usePictures } from "./pictures.ts";
import { chunk } from "./png.ts";

const kit = usePictures();
const isFfmpegAbsent = !(await hasFfmpeg());

/** A picture of one colour: signals of 0 to 1, in 16 bits. */
function plain(signals: readonly number[]) {
  const pixel = signals.map((signal) => Math.round(signal * 0xff00));
  const samples = new Uint16Array(64 * 48 * 3).map((_, at) => pixel[at % 3]!);
  return sharp(samples, { raw: { width: 64, height: 48, channels: 3 } }).toColourspace("rgb16");
}

/** ITU-T H.273: primaries, transfer, matrix, full range. */
type Codes = readonly [primaries: number, transfer: number, matrix: number, range: number];

const box = (type: string, ...parts: Buffer[]) => {
  const content = Buffer.concat(parts);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(content.length + 8);
  head.write(type, 4, "latin1");
  return Buffer.concat([head, content]);
};

const colr = ([primaries, transfer, matrix, range]: Codes) =>
  box("colr", Buffer.from("nclx"), Buffer.of(0, primaries, 0, transfer, 0, matrix, range << 7));

/** Gives the one picture of a HEIF file a description of its colours: a property more, and what follows moves on. */
function describeColours(heif: Buffer, codes: Codes): Buffer {
  const bytes = Buffer.from(heif);
  const at = (type: string) => bytes.indexOf(type, 0, "latin1") - 4;
  const endOf = (type: string) => at(type) + bytes.readUInt32BE(at(type));
  const [property, place] = [colr(codes), endOf("ipco")];
  let count = 1;
  for (let child = at("ipco") + 8; child < place; child += bytes.readUInt32BE(child)) count++;
  const added = property.length + 1;
  // ipma of one item: version, count, id, and then how many properties; iloc: sizes, count, id, source, and where it is.
  bytes[at("ipma") + 18]! += 1;
  const end = endOf("ipma");
  const base = at("iloc") + 20;
  bytes.writeUInt32BE(bytes.readUInt32BE(base) + added, base);
  for (const [type, more] of [
    ["ipco", property.length],
    ["ipma", 1],
    ["iprp", added],
    ["meta", added],
  ] as const)
    bytes.writeUInt32BE(bytes.readUInt32BE(at(type)) + more, at(type));
  const [before, between, after] = [
    bytes.subarray(0, place),
    bytes.subarray(place, end),
    bytes.subarray(end),
  ];
  return Buffer.concat([before, property, between, Buffer.of(count), after]);
}

const makeAvif = async (signals: readonly number[], codes: Codes): Promise<Buffer> =>
  describeColours(
    await plain(signals)
      .avif({ bitdepth: 10, quality: 100, chromaSubsampling: "4:4:4", effort: 0 })
      .toBuffer(),
    codes,
  );

async function makePng(signals: readonly number[], codes: Codes): Promise<Buffer> {
  const png = await plain(signals).png().toBuffer();
  const at = png.indexOf("IDAT") - 4;
  return Buffer.concat([png.subarray(0, at), chunk("cICP", Buffer.of(...codes)), png.subarray(at)]);
}

async function thumbnailOf(bytes: Buffer, mimeType: string) {
  const path = await kit.write(bytes);
  const facts = await kit.reader.readFacts(path);
  expect(facts).toMatchObject({ mimeType, width: 64, height: 48, picture: { source: "FILE" }, problems: [] });
  const target = kit.target();
  const size = { width: 32, height: 24, isCropped: false };
  await kit.pictures.makeImage({ path, mimeType }, size, "PNG", target, now);
  const colour = await pixelAt(sharp(await readFile(target)).removeAlpha(), 0.5, 0.5);
  return { colour, dominantColour: facts?.picture?.dominantColour };
}

const pq: Codes = [9, 16, 6, 1];
const hlg: Codes = [9, 18, 6, 1];
const screen: Codes = [1, 13, 6, 1];

// Seen: pictures in PQ or HLG were grey and flat, because their numbers were taken for those of a screen.
describe("a picture of high dynamic range is shown in the colours of a screen", () => {
  const kinds = [
    ["AVIF", makeAvif, "image/avif"],
    ["PNG", makePng, "image/png"],
  ] as const;

  describe.each(kinds)("%s", (_, make, mimeType) => {
    test.each([
      ["white of 203 cd/m² in PQ", pq, [0.5807, 0.5807, 0.5807], [255, 255, 255]],
      ["grey of 50 cd/m² in PQ", pq, [0.4403, 0.4403, 0.4403], [136, 136, 136]],
      ["white in HLG", hlg, [0.75, 0.75, 0.75], [255, 255, 255]],
      // Light of 0.29, 0.05 and 0.1 of sRGB's primaries, in BT.2020's.
      ["red in PQ", pq, [0.4219, 0.3247, 0.3572], [147, 63, 89]],
    ])("%s", async (_name, codes, signals, colour) => {
      const shown = await thumbnailOf(await make(signals, codes), mimeType);
      expect(distance(shown.colour, colour)).toBeLessThan(10);
      expect(shown.dominantColour).toBe(
        `#${[...shown.colour].map((value) => value.toString(16).padStart(2, "0")).join("")}`,
      );
    });

    test("and one for screens stays as it is", async () => {
      const { colour } = await thumbnailOf(await make([0.6, 0.4, 0.2], screen), mimeType);
      expect(distance(colour, [153, 102, 51])).toBeLessThan(3);
    });
  });

  test.skipIf(isFfmpegAbsent)("JPEG XL", async () => {
    const [source, path] = [
      await kit.write(await plain([0.5807, 0.5807, 0.5807]).png().toBuffer()),
      kit.target(),
    ];
    const colours = ["-color_primaries", "bt2020", "-color_trc", "smpte2084", "-colorspace", "rgb"];
    await ffmpeg("-i", source, ...colours, "-c:v", "libjxl", "-distance", "0", "-f", "image2pipe", path);
    const facts = await kit.reader.readFacts(path);
    expect(facts).toMatchObject({ mimeType: "image/jxl", picture: { source: "DECODED" } });
    const grey = Number.parseInt(facts!.picture!.dominantColour!.slice(1, 3), 16);
    expect(grey).toBeGreaterThan(200);
  });
});

describe("the range of a HEIF picture", () => {
  const zeros = Buffer.alloc(4);
  /** Two pictures, each with a description of its own; PQ is the second's. */
  const file = (primary: number) => {
    const ipma = box("ipma", zeros, Buffer.of(0, 0, 0, 2, 0, 1, 1, 0x82, 0, 2, 1, 0x81));
    const iprp = box("iprp", box("ipco", colr(pq), colr(screen)), ipma);
    const meta = box("meta", zeros, box("pitm", zeros, Buffer.of(0, primary)), iprp);
    return Buffer.concat([box("ftyp", Buffer.from("heic\0\0\0\0mif1")), meta]);
  };

  test("is that of the picture that is shown, not of another in the file", async () => {
    for (const mimeType of ["image/heic", "image/avif"]) {
      expect(await highRangeOf({ path: await kit.write(file(1)), mimeType })).toBeUndefined();
      expect(await highRangeOf({ path: await kit.write(file(2)), mimeType })).toEqual({
        ...{ transfer: "PQ", primaries: "BT2020" },
      });
    }
  });

  test("is unknown where the file is cut or its numbers make no sense", async () => {
    const whole = file(2);
    for (let length = 0; length < whole.length; length++)
      await highRangeOf({ path: await kit.write(whole.subarray(0, length)), mimeType: "image/heic" });
    for (let at = 0; at < whole.length; at++) {
      const bytes = Buffer.from(whole);
      bytes[at] = 255;
      await highRangeOf({ path: await kit.write(bytes), mimeType: "image/heic" });
    }
  });
});
