import { readFile, stat } from "node:fs/promises";
import { inflateSync } from "node:zlib";
import sharp, { type Sharp } from "sharp";
import { readContent } from "../../src/media/facts/content.ts";
import { openTrackReader } from "../../src/media/facts/tracks.ts";
import { describe, expect, test } from "vitest";
import { UnmakeableError } from "../../src/media/decoding/picture-maker.ts";
import { makeNoise, makePicture } from "./files.ts";
import { cornersOf, distance, makeQuarters, now, pixelAt, upright, usePictures } from "./pictures.ts";

const kit = usePictures();

/** As a camera stores it that was held so: turned by so many degrees, and then mirrored. */
const stored: Readonly<Record<number, readonly [degrees: number, isMirrored: boolean]>> = {
  1: [0, false],
  2: [0, true],
  3: [180, false],
  4: [180, true],
  5: [90, true],
  6: [270, false],
  7: [270, true],
  8: [90, false],
};

async function turned(orientation: number, format: "jpeg" | "png" | "webp" | "tiff" = "jpeg") {
  const [degrees, isMirrored] = stored[orientation]!;
  // In two steps: in one, sharp mirrors first, whatever the order of the calls.
  const pixels = await (await makeQuarters()).rotate(degrees).png().toBuffer();
  return sharp(pixels).flop(isMirrored).withMetadata({ orientation }).toFormat(format).toBuffer();
}

describe("an image", () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])("of orientation %i is upright", async (orientation) => {
    const made = await kit.make(await turned(orientation), "image/jpeg", { width: 40, height: 20 });
    expect(await cornersOf(made)).toEqual(upright);
    expect(await sharp(made).metadata()).toMatchObject({ width: 40, height: 20 });
  });

  test.each(["png", "webp", "tiff"] as const)("of a turned %s is upright", async (format) => {
    const made = await kit.make(await turned(6, format), `image/${format}`, { width: 40, height: 20 });
    expect(await cornersOf(made)).toEqual(upright);
  });

  test.each(["WEBP", "AVIF", "JPEG", "PNG"] as const)(
    "as %s has just the size asked for, and no metadata",
    async (format) => {
      const full = await sharp(await turned(6))
        .keepMetadata()
        .withExifMerge({ IFD0: { Copyright: "somebody" } })
        .jpeg()
        .toBuffer();
      const made = await kit.make(full, "image/jpeg", { width: 37, height: 19 }, format);
      const metadata = await sharp(made).metadata();
      const name = format === "AVIF" ? "heif" : format.toLowerCase();
      expect(metadata).toMatchObject({ format: name, width: 37, height: 19, space: "srgb" });
      expect([metadata.exif, metadata.icc, metadata.xmp, metadata.iptc]).toEqual(Array(4).fill(undefined));
      expect(await cornersOf(made)).toEqual(upright);
    },
  );

  test("is cut to another shape around its middle", async () => {
    const jpeg = await (await makeQuarters(120, 40)).jpeg().toBuffer();
    const made = await kit.make(jpeg, "image/jpeg", { width: 20, height: 20, isCropped: true });
    expect(await cornersOf(made)).toEqual(upright);
    expect(await sharp(made).metadata()).toMatchObject({ width: 20, height: 20 });
  });

  test("keeps what is transparent where the format can, and is white there in a JPEG", async () => {
    const half = sharp({ create: { width: 40, height: 40, channels: 4, background: "#ff000000" } }).composite(
      [{ input: { create: { width: 20, height: 40, channels: 4, background: "blue" } }, left: 0, top: 0 }],
    );
    const png = await half.png().toBuffer();
    for (const format of ["WEBP", "AVIF", "PNG"] as const) {
      const made = await kit.make(png, "image/png", {}, format);
      expect((await pixelAt(made, 0.8, 0.5))[3], format).toBe(0);
      expect(distance(await pixelAt(made, 0.2, 0.5), [0, 0, 255, 255]), format).toBeLessThan(12);
    }
    const jpeg = await kit.make(png, "image/png", {}, "JPEG");
    expect(distance(await pixelAt(jpeg, 0.8, 0.5), [255, 255, 255])).toBeLessThan(6);
  });

  test("of what moves is its first frame", async () => {
    for (const format of ["gif", "webp"] as const) {
      const moving = await (await makeMoving(3)).toFormat(format).toBuffer();
      expect((await sharp(moving).metadata()).pages).toBe(3);
      const made = await kit.make(moving, `image/${format}`);
      expect(distance(await pixelAt(made, 0.5, 0.5), [97, 57, 31]), format).toBeLessThan(12);
      expect((await sharp(made).metadata()).pages ?? 1).toBe(1);
    }
  });

  test("of an SVG is drawn sharp, on nothing", async () => {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="400" height="400">
      <rect width="200" height="400" fill="#00f"/></svg>`;
    const made = await kit.make(svg, "image/svg+xml", { width: 100, height: 100 });
    expect(await pixelAt(made, 0.45, 0.5)).toEqual([0, 0, 255, 255]);
    expect((await pixelAt(made, 0.55, 0.5))[3]).toBe(0);
  });
});

/** The first pixel of a PNG as it is stored, before any profile. */
function storedPixel(png: Buffer): Buffer {
  const at = png.indexOf("IDAT", 0, "latin1");
  const row = inflateSync(png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4)));
  // The filter's byte comes first; for a row's first pixel all but "average" and "Paeth" of nothing change nothing.
  return row.subarray(1, 4);
}

/** A GIF or WebP that moves; its colours are so far apart that no encoder takes two for one. */
async function makeMoving(pages: number): Promise<Sharp> {
  const all = Array.from({ length: pages }, (_, page) => page + 1);
  const frames = all.map((page) => {
    const background = { r: (page * 97) % 256, g: (page * 57) % 256, b: (page * 31) % 256 };
    return sharp({ create: { width: 40, height: 20, channels: 3, background } })
      .png()
      .toBuffer();
  });
  const delay = all.map((page) => 40 + page * 10);
  return sharp(await Promise.all(frames), { join: { animated: true } }).gif({ delay });
}

describe("colours come out as sRGB", () => {
  test("from 16 bits a channel", async () => {
    const png = await makePicture().toColourspace("rgb16").png().toBuffer();
    expect((await sharp(png).metadata()).depth).toBe("ushort");
    const made = await kit.make(png, "image/png");
    expect((await sharp(made).metadata()).depth).toBe("uchar");
    expect(distance(await pixelAt(made, 0.5, 0.5), [0, 128, 128])).toBeLessThan(3);
  });

  test("from grey", async () => {
    const grey = await sharp({ create: { width: 40, height: 40, channels: 3, background: "#787878" } })
      .toColourspace("b-w")
      .jpeg()
      .toBuffer();
    expect((await sharp(grey).metadata()).channels).toBe(1);
    for (const format of ["WEBP", "AVIF", "JPEG", "PNG"] as const) {
      const made = await kit.make(grey, "image/jpeg", {}, format);
      const pixel = await pixelAt(sharp(made).toColourspace("srgb"), 0.5, 0.5);
      expect(distance(pixel, [120, 120, 120]), format).toBeLessThan(4);
    }
  });

  test("from CMYK", async () => {
    const cmyk = await sharp({ create: { width: 40, height: 40, channels: 3, background: "#a06450" } })
      .toColourspace("cmyk")
      .jpeg({ quality: 100 })
      .toBuffer();
    expect((await sharp(cmyk).metadata()).space).toBe("cmyk");
    const made = await kit.make(cmyk, "image/jpeg");
    expect(distance(await pixelAt(made, 0.5, 0.5), [160, 100, 80])).toBeLessThan(12);
  });

  test("from a wide gamut with its profile", async () => {
    // The same colour by other numbers: what ignores the profile shows a duller one.
    const wide = await sharp({ create: { width: 40, height: 40, channels: 3, background: "#c82828" } })
      .withIccProfile("p3")
      .png()
      .toBuffer();
    expect(distance([...storedPixel(wide)], [200, 40, 40])).toBeGreaterThan(10);
    const made = await kit.make(wide, "image/png");
    expect(distance(await pixelAt(made, 0.5, 0.5), [200, 40, 40])).toBeLessThan(4);
  });
});

describe("a look", () => {
  test("finds upright size, placeholder and colour", async () => {
    const path = await kit.write(await turned(6));
    const look = await kit.pictures.look({ path, mimeType: "image/jpeg" }, now);
    expect(look).toMatchObject({ width: 80, height: 40 });
    expect(Buffer.from(look.placeholder, "base64").length).toBeGreaterThan(10);
    expect(look.dominantColour).toMatch(/^#[0-9a-f]{6}$/);
  });

  test("sees the colour that there is most of, not the mean", async () => {
    const picture = makePicture(60, 40).composite([
      { input: { create: { width: 60, height: 10, channels: 3, background: "white" } }, left: 0, top: 0 },
    ]);
    const path = await kit.write(await picture.png().toBuffer());
    const { dominantColour } = await kit.pictures.look({ path, mimeType: "image/png" }, now);
    const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(dominantColour.slice(at, at + 2), 16));
    expect(distance([red!, green!, blue!], [0, 128, 128])).toBeLessThan(4);
  });

  test("at nothing but transparency sees white", async () => {
    const clear = sharp({ create: { width: 40, height: 40, channels: 4, background: "#00000000" } });
    const path = await kit.write(await clear.png().toBuffer());
    expect(await kit.pictures.look({ path, mimeType: "image/png" }, now)).toMatchObject({
      dominantColour: "#ffffff",
    });
  });

  test("is part of the facts of a still", async () => {
    const facts = await kit.reader.readFacts(await kit.write(await turned(6)));
    const path = await kit.write(await turned(6));
    const look = await kit.pictures.look({ path, mimeType: "image/jpeg" }, now);
    expect(facts?.picture).toEqual({ source: "FILE", isAnimated: false, ...look });
  });

  test("at a PDF is not taken", async () => {
    const facts = await kit.reader.readFacts(await kit.write("%PDF-1.4\n%%EOF\n"));
    expect(facts).toMatchObject({ mimeType: "application/pdf", picture: null });
  });
});

describe("what is damaged", () => {
  test.each(["jpeg", "png"] as const)("a %s that is cut shows what is there", async (format) => {
    const whole = await (await makeNoise()).toFormat(format).toBuffer();
    const facts = await kit.reader.readFacts(await kit.write(whole.subarray(0, whole.length * 0.7)));
    expect(facts?.problems.map(({ code }) => code)).toContain("TRUNCATED");
    expect(facts?.picture).toMatchObject({ source: "FILE", width: 256, height: 256 });
    const made = await kit.make(whole.subarray(0, whole.length * 0.7), `image/${format}`, {
      width: 256,
      height: 256,
    });
    const expected = await pixelAt(sharp(whole), 0.5, 0.1);
    expect(distance(await pixelAt(made, 0.5, 0.1), expected)).toBeLessThan(60);
  });

  test("a header without picture is said to be undecodable, and nothing is written", async () => {
    const path = await kit.write((await makePicture().jpeg().toBuffer()).subarray(0, 100));
    const target = kit.target();
    const size = { width: 10, height: 10, isCropped: false };
    const making = kit.pictures.makeImage({ path, mimeType: "image/jpeg" }, size, "WEBP", target, now);
    await expect(making).rejects.toMatchObject({ name: "UnmakeableError", code: "UNDECODABLE" });
    await expect(making).rejects.not.toThrow(kit.folder.dir);
    await expect(stat(target)).rejects.toThrow("ENOENT");
  });

  test("what the system refuses is no fault of the picture's", async () => {
    const path = await kit.write(await makePicture().jpeg().toBuffer());
    const size = { width: 10, height: 10, isCropped: false };
    const file = { path, mimeType: "image/jpeg" };
    const into = (target: string) => kit.pictures.makeImage(file, size, "WEBP", target, now);
    const refused = await into(kit.folder.path("no/such/folder")).catch((error: unknown) => error);
    expect(refused).not.toBeInstanceOf(UnmakeableError);
    expect(refused).toMatchObject({ code: "ENOENT" });
    const full = await into("/dev/full").catch((error: unknown) => error);
    expect(full).not.toBeInstanceOf(UnmakeableError);
    expect(full).toMatchObject({ code: "ENOSPC" });
  });
});

describe("an animation", () => {
  test("of a GIF is a WebP that moves just so fast", async () => {
    const path = await kit.write(await (await makeMoving(5)).toBuffer());
    const target = kit.target();
    await kit.pictures.makeAnimation(
      { path, mimeType: "image/gif", duration: null },
      { width: 20, height: 10 },
      target,
      now,
    );
    const metadata = await sharp(await readFile(target)).metadata();
    expect(metadata).toMatchObject({ format: "webp", width: 20, height: 10, pages: 5, loop: 0 });
    expect(metadata.delay).toEqual([50, 60, 70, 80, 90]);
  });

  test("of many frames ends after thirty", async () => {
    const path = await kit.write(await (await makeMoving(45)).toBuffer());
    const target = kit.target();
    await kit.pictures.makeAnimation(
      { path, mimeType: "image/gif", duration: null },
      { width: 20, height: 10 },
      target,
      now,
    );
    expect(await sharp(await readFile(target)).metadata()).toMatchObject({ pages: 30 });
  });

  test("of what does not move is a picture", async () => {
    const path = await kit.write(await makePicture().webp().toBuffer());
    const target = kit.target();
    await kit.pictures.makeAnimation(
      { path, mimeType: "image/webp", duration: null },
      { width: 32, height: 24 },
      target,
      now,
    );
    expect(await sharp(await readFile(target)).metadata()).toMatchObject({ width: 32, height: 24 });
  });
});

describe("a still that the server is not able to look at", () => {
  test("is stored without a problem, and marked to be looked at again", async () => {
    const full = Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    const examine = () => Promise.reject(full);
    const pictures = { examine, check: () => Promise.reject(full) };
    const path = await kit.write(await turned(6));
    const trackReader = openTrackReader({ workersMax: 1, timeoutMs: 1_000 });
    const format = { mimeType: "image/jpeg", extension: "jpg", type: "IMAGE" } as const;
    const content = await readContent({ pictures, trackReader, lane: "interactive" }, path, format);
    expect(content).toMatchObject({ isUnseen: true, look: null, obstacle: null, problems: [] });
    expect(content.unread.map(({ part }) => part)).toContain("PICTURE");
    await trackReader.close();
  });
});
