import { describe, expect, test } from "vitest";
import { readCamera } from "../../src/media/facts/camera.ts";
import { readKeywords } from "../../src/media/facts/keywords.ts";
import { readPlace } from "../../src/media/facts/gps-position.ts";

describe("readPlace", () => {
  const pair = (latitude: unknown, longitude: unknown) => ({
    "Composite:GPSLatitude": latitude,
    "Composite:GPSLongitude": longitude,
  });

  test("counts south and west as negative", () => {
    expect(readPlace(pair("33.856784000 S", "151.215297000 W"))).toEqual({
      latitude: -33.856784,
      longitude: -151.215297,
      altitude: null,
    });
  });

  test("counts altitudes below the sea as negative", () => {
    const here = pair("31.5 N", "35.5 E");
    expect(
      readPlace({ ...here, "EXIF:GPSAltitude": "430.5 m", "EXIF:GPSAltitudeRef": "Below Sea Level" })
        ?.altitude,
    ).toBe(-430.5);
    expect(readPlace({ ...here, "EXIF:GPSAltitude": "12.25 m" })?.altitude).toBe(12.25);
    expect(readPlace({ ...here, "EXIF:GPSAltitude": "undef" })?.altitude).toBeNull();
  });

  test.each([
    ["0.000000000 N", "0.000000000 E"],
    ["91.000000000 N", "10.000000000 E"],
    ["10.000000000 N", "180.500000000 E"],
    ["inf N", "10 E"],
    ["", ""],
  ])("calls %s, %s unknown", (latitude, longitude) => {
    expect(readPlace(pair(latitude, longitude))).toBeNull();
  });

  test("ignores EXIF's pair without its references", () => {
    expect(readPlace({ "EXIF:GPSLatitude": 41.9, "EXIF:GPSLongitude": 12.5 })).toBeNull();
  });

  test("takes XMP's where EXIF has none", () => {
    expect(readPlace({ "XMP:GPSLatitude": "41.9 N", "XMP:GPSLongitude": -12.5 })).toMatchObject({
      latitude: 41.9,
      longitude: -12.5,
    });
  });
});

describe("readCamera", () => {
  test("reads what exiftool prints", () => {
    expect(
      readCamera({
        "EXIF:Make": " NIKON  CORPORATION ",
        "EXIF:Model": 350,
        "EXIF:LensModel": "24-70mm f/2.8",
        "EXIF:ISO": 64,
        "EXIF:FNumber": 5.9,
        "EXIF:ExposureTime": "1/250",
        "EXIF:FocalLength": "24.0 mm",
      }),
    ).toEqual({
      make: "NIKON CORPORATION",
      model: "350",
      lens: "24-70mm f/2.8",
      iso: 64,
      aperture: 5.9,
      exposureTime: "1/250",
      focalLength: 24,
    });
  });

  test("is null for blanks, zeros and exiftool's words for no number", () => {
    const tags = { "EXIF:Make": "   ", "EXIF:LensModel": "----", "EXIF:ISO": 0, "EXIF:FNumber": "undef" };
    expect(readCamera({ ...tags, "EXIF:ExposureTime": "inf", "EXIF:FocalLength": "inf mm" })).toBeNull();
  });

  test("takes the first of a list and goes on where EXIF is blank", () => {
    expect(readCamera({ "EXIF:Make": "", "QuickTime:Make": "Apple", "EXIF:ISO": [200, 400] })).toMatchObject({
      make: "Apple",
      iso: 200,
    });
  });
});

describe("readKeywords", () => {
  test("joins every place where people file pictures, each word once", () => {
    const tags = {
      "IPTC:Keywords": ["Rome ", "summer", 2019],
      "XMP:Subject": "Rome",
      "XMP:HierarchicalSubject": ["Places|Italy|Rome"],
      "EXIF:XPKeywords": "summer;sea; ;",
    };
    expect(readKeywords(tags)).toEqual(["Rome", "summer", "2019", "Places|Italy|Rome", "sea"]);
  });

  test("is bounded in number and length", () => {
    const keywords = readKeywords({
      "XMP:Subject": Array.from({ length: 10_000 }, (_, index) => `${index}${"x".repeat(10_000)}`),
    });
    expect(keywords).toHaveLength(500);
    expect(Math.max(...keywords.map((keyword) => keyword.length))).toBeLessThanOrEqual(200);
  });
});
