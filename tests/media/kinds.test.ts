import { readFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { areCasesAbsent, casesDir } from "../support/cases.ts";
import { ffmpeg, hasFfmpeg } from "./files.ts";
import {
  makeBitmap,
  makeByFfmpeg,
  makeIcon,
  makeMacIcon,
  makeOs2Bitmap,
  makePdf,
  makePfm,
  makePhotoshop,
  makeTiff,
  meanDifference,
  quarterPixels,
  toYcbcr,
  type TiffKind,
} from "./kinds.ts";
import { showIn } from "./show.ts";
import { cornersOf, distance, makeQuarters, now, pixelAt, upright, usePictures } from "./pictures.ts";
import { chunk } from "./png.ts";

const kit = usePictures();
const isFfmpegAbsent = !(await hasFfmpeg());

const show = (path: string, mustHave = true) => showIn(kit, path, mustHave);

const rgba = async (path: string) =>
  sharp(await readFile(path))
    .toColourspace("srgb")
    .ensureAlpha();

const text = (head: string, body: Buffer) => Buffer.concat([Buffer.from(head, "latin1"), body]);

/** Type, and how it is made in the size given. */
const byHand: [
  name: string,
  mimeType: string,
  make: (width: number, height: number) => Promise<Buffer> | Buffer,
][] = [
  ["a bitmap", "image/bmp", makeBitmap],
  ["a bitmap of OS/2", "image/bmp", makeOs2Bitmap],
  ["a PSD without thumbnail", "image/vnd.adobe.photoshop", makePhotoshop],
  [
    "a PPM",
    "image/x-portable-pixmap",
    async (w, h) => text(`P6\n${w} ${h}\n255\n`, await quarterPixels(w, h)),
  ],
  [
    "a PPM in plain text",
    "image/x-portable-pixmap",
    async (w, h) => Buffer.from(`P3\n${w} ${h}\n255\n${[...(await quarterPixels(w, h))].join("\n")}\n`),
  ],
];

/** In Netpbm's words: how many values a pixel has, of which the last may be how much it covers. */
const pamKinds: [type: string, valueMax: number, of: (rgb: Buffer, isLeft: boolean) => number[]][] = [
  ["BLACKANDWHITE", 1, (_, isLeft) => [isLeft ? 1 : 0]],
  ["GRAYSCALE", 255, ([red = 0]) => [red]],
  ["GRAYSCALE", 65_535, ([red = 0]) => [red * 257]],
  ["RGB", 255, (rgb) => [...rgb]],
  ["BLACKANDWHITE_ALPHA", 1, (_, isLeft) => [isLeft ? 1 : 0, isLeft ? 1 : 0]],
  ["GRAYSCALE_ALPHA", 255, ([red = 0], isLeft) => [red, isLeft ? 255 : 0]],
  ["RGB_ALPHA", 255, (rgb, isLeft) => [...rgb, isLeft ? 255 : 0]],
  ["RGB_ALPHA", 65_535, (rgb, isLeft) => [...rgb].map((value) => value * 257).concat(isLeft ? 65_535 : 0)],
];

test.each(pamKinds)(
  "a PAM of %s up to %i has its colours and its transparency",
  async (type, valueMax, of) => {
    const [width, height] = [80, 40];
    const rgb = await quarterPixels(width, height);
    const values = Array.from({ length: width * height }, (_, at) =>
      of(rgb.subarray(at * 3, at * 3 + 3), at % width < width / 2),
    );
    const bytes = values.flat().flatMap((value) => (valueMax > 255 ? [value >> 8, value & 255] : [value]));
    const head = `P7\nWIDTH ${width}\nHEIGHT ${height}\nDEPTH ${values[0]!.length}\nMAXVAL ${valueMax}\nTUPLTYPE ${type}\nENDHDR\n`;
    const { facts, thumbnail } = await show(await kit.write(text(head, Buffer.from(bytes))));
    expect(facts).toMatchObject({ mimeType: "image/x-portable-arbitrarymap", width, height, problems: [] });
    for (const [x, y] of [
      [0.2, 0.2],
      [0.8, 0.8],
    ] as const) {
      const pixel = values[Math.floor(y * height) * width + x * width]!.map(
        (value) => (value / valueMax) * 255,
      );
      const hasAlpha = type.endsWith("ALPHA");
      const shown = hasAlpha ? pixel.slice(0, -1) : pixel;
      const alpha = hasAlpha ? pixel.at(-1)! : 255;
      const wanted = alpha === 0 ? [] : shown.length === 1 ? [shown[0]!, shown[0]!, shown[0]!] : shown;
      const made = await pixelAt(await rgba(thumbnail!), x, y);
      expect(distance(made, alpha === 0 ? made : wanted)).toBeLessThan(4);
      expect(made[3]).toBe(alpha);
    }
  },
);

// Seen: BMP, PNM, PSD without an embedded thumbnail and the rest had no picture at all: sharp was the only decoder.
describe("a picture that sharp does not decode is shown in its colours and shape", () => {
  test.each(byHand)("%s", async (_, mimeType, make) => {
    for (const [width, height] of [
      [80, 40],
      [34, 66],
    ] as const) {
      const { facts, thumbnail } = await show(await kit.write(await make(width, height)));
      expect(facts).toMatchObject({ mimeType, width, height, picture: { source: "DECODED", width, height } });
      expect(facts.problems).toEqual([]);
      expect(facts.picture!.placeholder).not.toBeNull();
      expect(await meanDifference(thumbnail!, await makeQuarters(width, height))).toBeLessThan(3);
    }
  });

  test("a PFM, whose values are linear light or not", async () => {
    const { facts, thumbnail } = await show(await kit.write(await makePfm(80, 40)));
    expect(facts).toMatchObject({ width: 80, height: 40, picture: { source: "DECODED" } });
    expect(await meanDifference(thumbnail!, await makeQuarters(80, 40))).toBeLessThan(40);
  });

  test.skipIf(isFfmpegAbsent).each([
    ["image/bmp", ["-c:v", "bmp", "-pix_fmt", "rgb565le", "image2pipe"]],
    ["image/pcx", ["-c:v", "pcx", "image2pipe"]],
    ["image/jxl", ["-c:v", "libjxl", "-distance", "0", "image2pipe"]],
    ["image/jxl", ["-c:v", "libjxl", "-pix_fmt", "rgb24", "image2pipe"]],
    ["image/jp2", ["-c:v", "jpeg2000", "image2pipe"]],
    ["image/jp2", ["-c:v", "libopenjpeg", "-pix_fmt", "rgb24", "image2pipe"]],
    ["image/j2c", ["-c:v", "libopenjpeg", "-format", "j2k", "-pix_fmt", "rgb24", "image2pipe"]],
    ["image/jls", ["-c:v", "jpegls", "-pix_fmt", "rgb24", "image2pipe"]],
    ["image/x-exr", ["-c:v", "exr", "-format", "float", "image2pipe"]],
  ])("%s as ffmpeg writes it (%#)", async (mimeType, args) => {
    for (const [width, height] of [
      [80, 40],
      [34, 66],
    ] as const) {
      const { facts, thumbnail } = await show(
        await kit.write(await makeByFfmpeg(kit, width, height, ...args)),
      );
      expect(facts).toMatchObject({ mimeType, picture: { source: "DECODED", width, height } });
      // EXR holds linear light, and ffmpeg writes it without asking.
      const most = mimeType === "image/x-exr" ? 60 : 8;
      expect(await meanDifference(thumbnail!, await makeQuarters(width, height))).toBeLessThan(most);
    }
  });
});

describe("of several sizes the largest is shown, and is the size told", () => {
  // Seen: an icon of 16 and 256 pixels was 16×16, because its first entry is.
  test.each([[[16, 64]], [[64, 16, 48]], [[32, 256]]])("in an icon of %j", async (edges) => {
    const edge = Math.max(...edges);
    const { facts, thumbnail } = await show(await kit.write(await makeIcon(...edges)));
    expect(facts).toMatchObject({ width: edge, height: edge, picture: { width: edge, height: edge } });
    expect(await meanDifference(thumbnail!, await makeQuarters(edge, edge))).toBeLessThan(3);
  });

  test.each([
    [true, 256],
    [false, 128],
  ])("in an icon of macOS, with PNG %j", async (hasPng, edge) => {
    const { facts, thumbnail } = await show(await kit.write(await makeMacIcon(hasPng)));
    expect(facts).toMatchObject({ mimeType: "image/icns", width: edge, height: edge });
    expect(await meanDifference(thumbnail!, await makeQuarters(edge, edge))).toBeLessThan(3);
  });
});

// Seen: a PDF was admitted, and could not be seen at all.
describe("the first page of a document", () => {
  test.each([
    [200, 100],
    [596, 842],
    [50, 400],
  ])("of %i × %i points is shown, 2048 pixels at its longest edge", async (width, height) => {
    const { facts, thumbnail } = await show(await kit.write(makePdf(width, height)));
    expect(facts).toMatchObject({ mimeType: "application/pdf", type: "DOCUMENT", width: null, height: null });
    const scale = 2048 / Math.max(width, height);
    const size = { width: Math.round(width * scale), height: Math.round(height * scale) };
    expect(facts.picture).toMatchObject({ source: "DECODED", ...size, isAnimated: false });
    expect(await meanDifference(thumbnail!, await makeQuarters(width, height))).toBeLessThan(4);
  });

  test("that is missing is a problem, and no failure", async () => {
    const { facts } = await show(
      await kit.write(makePdf(10, 10).toString("latin1").replace("/Kids[3 0 R]/Count 1", "/Kids[]/Count 0")),
      false,
    );
    expect(facts).toMatchObject({ mimeType: "application/pdf", picture: null });
    expect(facts.problems.map(({ code }) => code)).toContain("UNDECODABLE");
  });
});

// Seen: Lab with transparency was white, YCbCr without JPEG was pink, floating point was black, and no problem was told.
describe("a TIFF has its colours", () => {
  const check = async (
    kind: Omit<TiffKind, "width" | "height">,
    samples: (rgb: Buffer) => Buffer | Promise<Buffer>,
  ) => {
    for (const [width, height] of [
      [80, 40],
      [34, 66],
    ] as const) {
      const tiff = makeTiff({ width, height, ...kind }, await samples(await quarterPixels(width, height)));
      const { facts, thumbnail } = await show(await kit.write(tiff));
      expect(facts).toMatchObject({ mimeType: "image/tiff", width, height });
      expect(await meanDifference(thumbnail!, await makeQuarters(width, height))).toBeLessThan(6);
    }
  };

  test("as YCbCr without JPEG", () => check({ photometric: 6 }, toYcbcr));
  test("as floating point", () =>
    check({ photometric: 2, bits: 32, sampleFormat: 3 }, (rgb) => {
      const floats = Buffer.alloc(rgb.length * 4);
      rgb.forEach((value, at) => floats.writeFloatLE(value / 255, at * 4));
      return floats;
    }));
});

// Seen: EXIF behind the pixels, where PNG allows it, turned neither the size nor the thumbnail.
describe("a PNG is upright by the orientation that it has", () => {
  const exif = (orientation: number) =>
    Buffer.concat([
      Buffer.from("II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0", "latin1"),
      Buffer.of(orientation, 0, 0, 0, 0, 0, 0, 0),
    ]);
  const inText = (orientation: number) => {
    const bytes = Buffer.concat([Buffer.from("Exif\0\0", "latin1"), exif(orientation)]);
    return `Raw profile type exif\0\nexif\n${String(bytes.length).padStart(8)}\n${bytes.toString("hex")}\n`;
  };
  const chunks: [name: string, make: (orientation: number) => Buffer][] = [
    ["eXIf", (orientation) => chunk("eXIf", exif(orientation))],
    ["tEXt", (orientation) => chunk("tEXt", Buffer.from(inText(orientation), "latin1"))],
  ];

  test.each(chunks)("in %s behind the pixels", async (_, make) => {
    for (const [orientation, turn] of [
      [6, 270],
      [3, 180],
      [8, 90],
    ] as const) {
      const plain = await (await makeQuarters(80, 40)).rotate(turn).png().toBuffer();
      const path = await kit.write(
        Buffer.concat([plain.subarray(0, -12), make(orientation), plain.subarray(-12)]),
      );
      const { facts, thumbnail } = await show(path);
      expect(facts).toMatchObject({
        width: 80,
        height: 40,
        picture: { source: "FILE", width: 80, height: 40 },
      });
      expect(await cornersOf(thumbnail!)).toEqual(upright);
    }
  });
});

// Seen: beside a first frame that does not cover the canvas there was black, where browsers show nothing.
describe("a GIF whose first frame does not cover its canvas", () => {
  /** Red, without a transparent colour, on a larger canvas (GIF89a, sections 18 and 20). */
  const makeSmall = async (canvas: readonly [number, number], place: readonly [number, number]) => {
    const gif = await sharp({ create: { width: 20, height: 10, channels: 3, background: "#e61e1e" } })
      .gif()
      .toBuffer();
    gif.writeUInt16LE(canvas[0], 6);
    gif.writeUInt16LE(canvas[1], 8);
    const table = 3 * 2 ** ((gif[10]! & 7) + 1) * (gif[10]! >> 7);
    const image = gif.indexOf(0x2c, 13 + table);
    gif.writeUInt16LE(place[0], image + 1);
    gif.writeUInt16LE(place[1], image + 3);
    // No colour of the frame's control extension is transparent.
    const control = gif.indexOf("21f904", "hex");
    if (control >= 0) gif[control + 3]! &= 0xfe;
    return gif;
  };
  const isRed = (colour: readonly number[]) => distance(colour, [230, 30, 30]) < 12;

  test.each([
    [
      [40, 40],
      [10, 20],
      [0.5, 0.6],
    ],
    [
      [80, 16],
      [60, 0],
      [0.9, 0.3],
    ],
  ] as const)("of %j, at %j, is transparent beside it", async (canvas, place, inside) => {
    const { facts, thumbnail } = await show(await kit.write(await makeSmall(canvas, place)));
    expect(facts).toMatchObject({ mimeType: "image/gif", width: canvas[0], height: canvas[1] });
    expect(await pixelAt(thumbnail!, 0.02, 0.95)).toEqual([
      expect.any(Number),
      expect.any(Number),
      expect.any(Number),
      0,
    ]);
    expect(isRed(await pixelAt(thumbnail!, inside[0], inside[1]))).toBe(true);
    expect(facts.picture?.dominantColour).toMatch(/^#e[0-9a-f]/);
  });

  test("but does is shown whole", async () => {
    const { thumbnail } = await show(await kit.write(await makeSmall([20, 10], [0, 0])));
    expect(isRed(await pixelAt(thumbnail!, 0.05, 0.95))).toBe(true);
  });
});

// Seen: a frame that lasts longer than 65.535 s made the preview fail, because sharp takes no longer one.
test("a GIF whose frames last for minutes still moves", async () => {
  const frames = await Promise.all(
    ["red", "green"].map((background) =>
      sharp({ create: { width: 16, height: 16, channels: 3, background } })
        .png()
        .toBuffer(),
    ),
  );
  const gif = await sharp(frames, { join: { animated: true } })
    .gif({ delay: [100, 100] })
    .toBuffer();
  // Graphic control extension (GIF89a, section 23): 21 F9 04, flags, then hundredths of a second.
  for (let at = gif.indexOf("21f904", "hex"); at >= 0; at = gif.indexOf("21f904", at + 1, "hex"))
    gif.writeUInt16LE(65_535, at + 4);
  const target = kit.target();
  const file = { path: await kit.write(gif), mimeType: "image/gif", duration: null };
  await kit.pictures.makeAnimation(file, { width: 16, height: 16 }, target, now);
  expect((await sharp(await readFile(target), { pages: -1 }).metadata()).pages).toBe(2);
});

// Seen: an animated AVIF had no picture; ffmpeg, already there for videos, was not asked.
describe.skipIf(isFfmpegAbsent)("a sequence of pictures in AVIF", () => {
  const makeSequence = async (frames: number) => {
    const path = kit.target();
    const video = ["-f", "lavfi", "-i", `testsrc=s=96x64:r=10:d=${frames / 10}`];
    await ffmpeg(...video, "-c:v", "libaom-av1", "-cpu-used", "8", "-pix_fmt", "yuv420p", "-f", "mp4", path);
    const bytes = await readFile(path);
    // ffmpeg 5 has no muxer for it: the same tracks, under the brand of a sequence.
    bytes.write("avis", 8, "latin1");
    return kit.write(bytes);
  };

  test.each([5, 12])("of %i frames has a still and moves", async (frames) => {
    const path = await makeSequence(frames);
    const { facts, thumbnail } = await show(path);
    expect(facts).toMatchObject({ mimeType: "image/avif", width: 96, height: 64 });
    expect(facts.picture).toMatchObject({ source: "DECODED", width: 96, height: 64, isAnimated: true });
    expect((await sharp(await readFile(thumbnail!)).stats()).entropy).toBeGreaterThan(1);
    const target = kit.target();
    const size = { width: 48, height: 32 };
    await kit.pictures.makeAnimation({ path, mimeType: facts.mimeType, duration: null }, size, target, now);
    const { pages, format, pageHeight } = await sharp(await readFile(target), { pages: -1 }).metadata();
    expect({ format, pageHeight }).toEqual({ format: "webp", pageHeight: 32 });
    expect(pages).toBeGreaterThan(2);
  });
});

describe.skipIf(areCasesAbsent)("of the files that were reported", () => {
  const bug = (name: string) => join(casesDir, "bugs", name);
  test.each([
    [bug("09-bmp/r_bmp.bmp"), 300, 200],
    [bug("10-jp2-psd-ppm/r_jp2.jp2"), 300, 200],
    [bug("10-jp2-psd-ppm/r_psd.psd"), 300, 200],
    [bug("10-jp2-psd-ppm/r_ppm.ppm"), 300, 200],
    [bug("11-jxl/j.jxl"), 200, 100],
    [bug("12-animated-avif/a_avif.avif"), 160, 120],
    [join(casesDir, "media/made-plain.bmp"), 50, 40],
    [join(casesDir, "media/python.ico"), 48, 48],
    [join(casesDir, "media/FLAG_T16.TGA"), 124, 124],
    [join(casesDir, "media/owl.iff"), 160, 174],
    [join(casesDir, "media/made-orientation-6-after-idat.png"), 80, 120],
  ])("%s is shown", async (path, width, height) => {
    const { facts, thumbnail } = await show(path);
    expect(facts).toMatchObject({ width, height, picture: { width, height } });
    const { channels } = await sharp(await readFile(thumbnail!)).stats();
    // A picture and not an empty area.
    expect(Math.max(...channels.map(({ stdev }) => stdev))).toBeGreaterThan(5);
  });
});
