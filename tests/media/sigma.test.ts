import { describe, expect, test } from "vitest";
import { cornersOf, makeQuarters, upright, usePictures } from "./pictures.ts";
import { showIn } from "./show.ts";

const kit = usePictures();

const uint = (...values: number[]) => {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, index) => bytes.writeUInt32LE(value, index * 4));
  return bytes;
};

/** "FOVb", version, an id, marks, the sensor's edges, degrees; sections; a directory, and where it is. */
function makeX3f(width: number, height: number, rotation: number, preview: Buffer, edges: readonly number[]) {
  const header = Buffer.concat([
    ...[Buffer.from("FOVb"), uint(0x0002_0002), Buffer.alloc(16), uint(0, width, height, rotation)],
    Buffer.alloc(192),
  ]);
  const section = (kind: number, format: number, data: Buffer) => {
    const padded = Buffer.concat([data, Buffer.alloc((4 - (data.length % 4)) % 4)]);
    return Buffer.concat([Buffer.from("SECi"), uint(0x0002_0000, kind, format, ...edges, 0), padded]);
  };
  const sections = [section(2, 18, preview), section(9, 9, Buffer.alloc(8)), section(9, 9, Buffer.alloc(8))];
  let at = header.length;
  const entries = sections.map(({ length }, index) => {
    const entry = Buffer.concat([uint(at, length), Buffer.from(index === 0 ? "IMA2" : "CAMF")]);
    at += length;
    return entry;
  });
  const directory = [Buffer.from("SECd"), uint(0x0002_0000, entries.length), ...entries];
  return Buffer.concat([header, ...sections, ...directory, uint(at)]);
}

// Seen: a Sigma RAW taken upright had the size and the picture of one that lies on its side. Its header has the degrees,
// and EXIF's orientation only where a preview has EXIF.
describe("a Sigma RAW is upright by its header", () => {
  test.each([
    [0, 0, 2268, 1512],
    [90, 270, 1512, 2268],
    [180, 180, 2268, 1512],
    [270, 90, 1512, 2268],
  ])("at %i degrees", async (rotation, turn, width, height) => {
    const picture = (await makeQuarters(80, 40)).rotate(turn);
    const { data, info } = await picture.jpeg({ quality: 95 }).toBuffer({ resolveWithObject: true });
    const x3f = makeX3f(2268, 1512, rotation, data, [info.width, info.height]);
    const { facts, thumbnail } = await showIn(kit, await kit.write(x3f));
    expect(facts).toMatchObject({ mimeType: "image/x-sigma-x3f", width, height });
    expect(facts.picture).toMatchObject({ source: "PREVIEW", width: 80, height: 40 });
    expect(await cornersOf(thumbnail!)).toEqual(upright);
  });
});
