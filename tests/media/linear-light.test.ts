import { readFile } from "node:fs/promises";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { ffmpeg as decoder } from "../../src/media/decoding/picture-program/decoders/ffmpeg.ts";
import { ffmpeg, hasFfmpeg } from "./files.ts";
import { meanDifference, quarterPixels } from "./kinds.ts";
import { makeQuarters, usePictures } from "./pictures.ts";
import { showIn } from "./show.ts";

const kit = usePictures();
const isFfmpegAbsent = !(await hasFfmpeg());

/** IEC 61966-2-1: what a screen makes of a value of sRGB, both from 0 to 255. */
const toLight = (value: number) => {
  const share = value / 255;
  return 255 * (share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4);
};

/** ffmpeg writes values as they are, and those of OpenEXR are light. */
async function makeExr(width: number, height: number, format: "half" | "float"): Promise<string> {
  const light = Buffer.from((await quarterPixels(width, height)).map(toLight));
  const png = await kit.write(
    await sharp(light, { raw: { width, height, channels: 3 } })
      .png()
      .toBuffer(),
  );
  const target = kit.target();
  await ffmpeg("-i", png, "-c:v", "exr", "-format", format, "-f", "image2pipe", target);
  return target;
}

const uint = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const attribute = (name: string, type: string, value: Buffer) =>
  Buffer.concat([Buffer.from(`${name}\0${type}\0`, "latin1"), uint(value.length), value]);

/** Half floats without compression: brightness for each pixel, two colours for each four. */
function makeLuminanceChroma(edge: number): Buffer {
  const channel = (name: string, sampling: number) =>
    Buffer.concat([Buffer.from(`${name}\0`), uint(1), uint(0), uint(sampling), uint(sampling)]);
  const window = Buffer.concat([uint(0), uint(0), uint(edge - 1), uint(edge - 1)]);
  const one = Buffer.of(0, 0, 0x80, 0x3f);
  const header = Buffer.concat([
    ...[uint(20_000_630), uint(2)],
    attribute(
      "channels",
      "chlist",
      Buffer.concat([channel("BY", 2), channel("RY", 2), channel("Y", 1), Buffer.of(0)]),
    ),
    ...[attribute("compression", "compression", Buffer.of(0)), attribute("dataWindow", "box2i", window)],
    ...[attribute("displayWindow", "box2i", window), attribute("lineOrder", "lineOrder", Buffer.of(0))],
    ...[attribute("pixelAspectRatio", "float", one), attribute("screenWindowCenter", "v2f", Buffer.alloc(8))],
    ...[attribute("screenWindowWidth", "float", one), Buffer.of(0)],
  ]);
  const rows = Array.from({ length: edge }, (_, y) => {
    const values = Buffer.alloc(2 * (y % 2 === 0 ? 2 * edge : edge), Buffer.of(0, 0x38));
    return Buffer.concat([uint(y), uint(values.length), values]);
  });
  let at = header.length + 8 * edge;
  const places = rows.map((row) => {
    const place = Buffer.concat([uint(at), uint(0)]);
    at += row.length;
    return place;
  });
  return Buffer.concat([header, ...places, ...rows]);
}

// Seen: pictures in OpenEXR were dark: ImageMagick passes their light on as if it were sRGB.
describe.skipIf(isFfmpegAbsent)("a picture whose values are light is as bright as a screen shows it", () => {
  test.each(["half", "float"] as const)("in OpenEXR of %s", async (format) => {
    for (const [width, height] of [
      [80, 40],
      [34, 66],
    ] as const) {
      const { facts, thumbnail } = await showIn(kit, await makeExr(width, height, format));
      expect(facts).toMatchObject({ mimeType: "image/x-exr", picture: { source: "DECODED", width, height } });
      expect(
        await meanDifference(await readFile(thumbnail!), await makeQuarters(width, height)),
      ).toBeLessThan(6);
    }
  });
});

test.skipIf(isFfmpegAbsent)("and by ffmpeg as bright as by ImageMagick", async () => {
  const path = await makeExr(80, 40, "half");
  const settings = { pixelsMax: 1e6, ffmpeg: ["ffmpeg"], ffmpegTimeoutMs: 60_000, isBackground: false };
  const picture = await decoder.open(
    { path, mimeType: "image/x-exr" },
    { decoder: "ffmpeg", demuxer: "exr_pipe" },
    settings,
  );
  expect(await meanDifference(await picture.png().toBuffer(), await makeQuarters(80, 40))).toBeLessThan(6);
});

// Seen: brightness and colours apart were shown as stripes of red and green.
test("a picture whose colours are coarser than its brightness has no picture, and a problem that says why", async () => {
  for (const edge of [8, 32]) {
    const { facts } = await showIn(kit, await kit.write(makeLuminanceChroma(edge)), false);
    expect(facts).toMatchObject({ mimeType: "image/x-exr", width: edge, height: edge, picture: null });
    expect(facts.problems).toMatchObject([
      { code: "UNDECODABLE", message: expect.stringContaining("channels have different sizes") as string },
    ]);
  }
});
