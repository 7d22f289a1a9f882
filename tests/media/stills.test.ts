import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { makePicture, useFolder, useReader, writeTags } from "./files.ts";

const folder = useFolder();
const reader = useReader();

async function tagged(name: string, ...args: string[]) {
  const path = await folder.write(name, await makePicture().jpeg().toBuffer());
  await writeTags(path, ...args);
  return reader.current.readFacts(path);
}

describe("the type", () => {
  // Seen: `type` and `extension` null, because the name decided and uploads had none.
  test.each([
    ["jpeg", "image/jpeg", "jpg"],
    ["png", "image/png", "png"],
    ["webp", "image/webp", "webp"],
    ["gif", "image/gif", "gif"],
    ["tiff", "image/tiff", "tif"],
    ["avif", "image/avif", "avif"],
  ] as const)("of a %s is found from its bytes, under any name", async (format, mimeType, extension) => {
    const path = await folder.write(`${format}.exe`, await makePicture().toFormat(format).toBuffer());
    expect(await reader.current.readFacts(path)).toMatchObject({
      mimeType,
      extension,
      type: "IMAGE",
      width: 64,
      height: 48,
      duration: null,
      captured: null,
      problems: [],
    });
  });

  test("of an SVG is SVG, with its size", async () => {
    const svg = `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="30" height="20"/>`;
    expect(await reader.current.readFacts(await folder.write("svg", svg))).toMatchObject({
      mimeType: "image/svg+xml",
      extension: "svg",
      width: 30,
      height: 20,
      problems: [],
    });
  });
});

describe("upright size", () => {
  test.each([1, 2, 3, 4])("is as stored for orientation %i", async (orientation) => {
    expect(await tagged(`o${orientation}`, `-Orientation#=${orientation}`)).toMatchObject({
      width: 64,
      height: 48,
    });
  });
  test.each([5, 6, 7, 8])("is turned for orientation %i", async (orientation) => {
    expect(await tagged(`o${orientation}`, `-Orientation#=${orientation}`)).toMatchObject({
      width: 48,
      height: 64,
    });
  });

  test("is turned for a TIFF, a PNG and a WebP as well", async () => {
    for (const format of ["tiff", "png", "webp"] as const) {
      const picture = makePicture().withMetadata({ orientation: 6 }).toFormat(format);
      const path = await folder.write(`turned.${format}`, await picture.toBuffer());
      expect(await reader.current.readFacts(path)).toMatchObject({ width: 48, height: 64 });
    }
  });

  test("is the main image's, not the thumbnail's", async () => {
    const path = await folder.write("with-thumbnail", await makePicture(640, 480).jpeg().toBuffer());
    const thumbnail = await folder.write("thumbnail", await makePicture(160, 120).jpeg().toBuffer());
    await writeTags(path, `-ThumbnailImage<=${thumbnail}`);
    expect(await reader.current.readFacts(path)).toMatchObject({ width: 640, height: 480, problems: [] });
  });
});

// Seen: the date of capture was lost, and the time of the upload shown instead.
test("the date of capture comes with its zone and its sub-seconds", async () => {
  const facts = await tagged(
    "dated",
    "-EXIF:DateTimeOriginal=2019:07:21 14:03:11",
    "-EXIF:SubSecTimeOriginal=250",
    "-EXIF:OffsetTimeOriginal=+02:00",
    "-EXIF:CreateDate=2020:01:01 00:00:00",
  );
  expect(facts?.captured).toEqual({
    local: "2019-07-21T14:03:11.250",
    offset: "+02:00",
    instant: Date.UTC(2019, 6, 21, 12, 3, 11, 250),
    source: "EXIF:DateTimeOriginal",
    isInferred: false,
  });
});

test("place, camera, keywords and all tags come out of one reading", async () => {
  const facts = await tagged(
    "rich",
    "-EXIF:DateTimeOriginal=2019:07:21 14:03:11",
    "-GPSLatitude=33.856784",
    "-GPSLatitudeRef=S",
    "-GPSLongitude=151.215297",
    "-GPSLongitudeRef=E",
    "-GPSAltitude=4.5",
    "-GPSAltitudeRef#=1",
    "-EXIF:Make=Canon",
    "-EXIF:ExposureTime=1/250",
    "-EXIF:ISO=400",
    "-IPTC:Keywords=Sydney",
    "-XMP:Subject=harbour",
  );
  expect(facts?.place?.latitude).toBeCloseTo(-33.856784, 6);
  expect(facts?.place?.longitude).toBeCloseTo(151.215297, 6);
  expect(facts?.place?.altitude).toBe(-4.5);
  expect(facts?.captured).toMatchObject({ offset: "+10:00", isInferred: false });
  expect(facts?.camera).toMatchObject({ make: "Canon", exposureTime: "1/250", iso: 400 });
  expect(facts?.keywords).toEqual(["Sydney", "harbour"]);
  expect(facts?.metadata["EXIF"]).toMatchObject({ Make: "Canon", ISO: 400 });
  expect(facts?.metadata["IPTC"]).toMatchObject({ Keywords: "Sydney" });
  expect(JSON.stringify(facts)).not.toContain(folder.dir);
});

test("a place without its references is none", async () => {
  const facts = await tagged("no-refs", "-EXIF:GPSLatitude=10", "-EXIF:GPSLongitude=10");
  expect(facts?.place).toBeNull();
});

// libheif writes `irot` as well as EXIF's orientation, as phones do.
test("a turn that the container and EXIF both tell counts once", async () => {
  const picture = makePicture().withMetadata({ orientation: 6 }).avif({ effort: 0 });
  const facts = await reader.current.readFacts(await folder.write("irot", await picture.toBuffer()));
  expect(facts?.metadata["QuickTime"]).toMatchObject({ Rotation: "Rotate 90 CW" });
  expect(facts?.metadata["EXIF"]).toMatchObject({ Orientation: "Rotate 90 CW" });
  expect(facts).toMatchObject({ width: 48, height: 64 });
});

test("facts of one file are the same when read again", async () => {
  const path = await folder.write("again", await makePicture().jpeg().toBuffer());
  const before = await readFile(path);
  expect(await reader.current.readFacts(path)).toEqual(await reader.current.readFacts(path));
  expect(await readFile(path)).toEqual(before);
});
