import { describe, expect, test } from "vitest";
import { findDimensions } from "../../src/media/facts/dimensions.ts";
import { canonicalFormat } from "../../src/media/types/formats.ts";
import { findDuration } from "../../src/media/facts/duration.ts";

const none = { picture: null, tracks: null };
const tracksOf = (width: number | null, height: number | null, duration: number | null = null) => ({
  hasVideo: width != null,
  hasAudio: true,
  width,
  height,
  duration,
});

describe("dimensions by exiftool alone", () => {
  const phone = { "Composite:ImageSize": "4032x3024" };

  test("of a HEIC are turned by its irot, not by EXIF", () => {
    const turned = { ...phone, "QuickTime:Rotation": "Rotate 90 CW" };
    const tall = { width: 3024, height: 4032 };
    expect(
      findDimensions("image/heic", { ...turned, "EXIF:Orientation": "Horizontal (normal)" }, none),
    ).toEqual(tall);
    expect(findDimensions("image/heic", { ...turned, "EXIF:Orientation": "Rotate 90 CW" }, none)).toEqual(
      tall,
    );
    expect(findDimensions("image/heic", { ...phone, "EXIF:Orientation": "Rotate 90 CW" }, none)).toEqual({
      width: 4032,
      height: 3024,
    });
  });

  test("of a RAW are turned by EXIF, mirrored or not", () => {
    for (const orientation of ["Rotate 90 CW", "Mirror horizontal and rotate 270 CW"]) {
      expect(
        findDimensions("image/x-nikon-nef", { ...phone, "EXIF:Orientation": orientation }, none)?.width,
      ).toBe(3024);
    }
    expect(
      findDimensions("image/x-nikon-nef", { ...phone, "EXIF:Orientation": "Rotate 180" }, none)?.width,
    ).toBe(4032);
  });

  test("are unknown where they are no pixels, none, or beyond every picture", () => {
    const inches = { "SVG:ImageWidth": "4in", "SVG:ImageHeight": "3in" };
    expect(findDimensions("image/svg+xml", inches, none)).toBeNull();
    expect(findDimensions("image/bmp", { "File:ImageWidth": 0, "File:ImageHeight": 10 }, none)).toBeNull();
    expect(findDimensions("image/bmp", { "Composite:ImageSize": "9999999999x1" }, none)).toBeNull();
  });

  test("of an interlaced transport stream are exiftool's", () => {
    const tracks = tracksOf(1920, 536);
    expect(
      findDimensions("video/mp2t", { "Composite:ImageSize": "1920x1080" }, { picture: null, tracks }),
    ).toEqual({
      width: 1920,
      height: 1080,
    });
  });

  test("of sound are none, with a cover of any size", () => {
    expect(findDimensions("audio/mpeg", { "Composite:ImageSize": "500x500" }, none)).toBeNull();
  });
});

describe("the duration", () => {
  const format = (mimeType: string) => canonicalFormat(mimeType, "")!;

  test("is exiftool's where the container's is 0 or no number", () => {
    for (const duration of [0, NaN, Infinity, -1, null]) {
      expect(
        findDuration(
          format("video/mp4"),
          { "QuickTime:Duration": 2, "QuickTime:TrackDuration": "2.00 s" },
          tracksOf(1, 1, duration),
        ),
      ).toBe(2);
      expect(
        findDuration(format("video/mp4"), { "QuickTime:Duration": 0 }, tracksOf(1, 1, duration)),
      ).toBeNull();
    }
  });

  // Seen: 2.066667 s of a live photo's video, whose edit list shows 1.233333 s of it.
  test("of a movie is the part of the tracks that its edit lists show, unless it is in fragments", () => {
    const cut = { "QuickTime:Duration": 1.233333, "QuickTime:TrackDuration": "1.23 s" };
    expect(findDuration(format("video/quicktime"), cut, tracksOf(1, 1, 2.066667))).toBe(1.233333);
    const fragments = { "QuickTime:Duration": 1.2, "QuickTime:TrackDuration": "0 s" };
    expect(findDuration(format("video/mp4"), fragments, tracksOf(1, 1, 60))).toBe(60);
  });

  // Seen: every WMA and WMV was longer by the seconds that a player waits before it begins.
  test("of ASF is played without its preroll", () => {
    const tags = { "ASF:Duration": 6.549, "ASF:Preroll": 3000, "ASF:SendDuration": "3.90 s" };
    expect(findDuration(format("audio/x-ms-wma"), tags, null)).toBe(3.549);
    expect(
      findDuration(format("video/x-ms-wmv"), { "ASF:Duration": 1, "ASF:Preroll": 3000 }, null),
    ).toBeNull();
  });

  test("of a still is null", () => {
    expect(findDuration(format("image/gif"), { "Composite:Duration": 2 }, null)).toBeNull();
  });

  test("has no dust of sums behind the point", () => {
    expect(findDuration(format("audio/flac"), {}, tracksOf(null, null, 1.9999999999999998))).toBe(2);
  });
});
