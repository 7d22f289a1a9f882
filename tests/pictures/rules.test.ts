import fc from "../support/fast-check.ts";
import { describe, expect, test } from "vitest";
import {
  boxFor,
  edgeMaxOf,
  edgeSteps,
  formatBox,
  frameAt,
  imageFits,
  parseBox,
  sizeIn,
} from "../../src/pictures/rules.ts";

const photo = { width: 4000, height: 3000 };
const upright = { width: 3000, height: 4000 };

const sizeOf = (picture: { width: number; height: number }, width?: number, height?: number) =>
  sizeIn(picture, boxFor(picture, { width, height, fit: "INSIDE" }));

describe("the size of the whole picture inside a box", () => {
  test.each([
    ["is bound by the width of a wide picture", photo, 320, 320, { width: 320, height: 240 }],
    ["is bound by the height of a high picture", upright, 320, 320, { width: 240, height: 320 }],
    ["follows the width when only that is given", photo, 640, undefined, { width: 640, height: 480 }],
    ["follows the height when only that is given", photo, undefined, 480, { width: 640, height: 480 }],
    ["is taken down to the next step", photo, 639, undefined, { width: 512, height: 384 }],
    ["is 320 pixels when nothing is said", photo, undefined, undefined, { width: 320, height: 240 }],
    [
      "is the picture's own where it is smaller",
      { width: 200, height: 100 },
      320,
      320,
      { width: 200, height: 100 },
    ],
    ["is never less than one pixel", { width: 9000, height: 2 }, 64, 64, { width: 64, height: 1 }],
    [
      "is at most 4096 pixels an edge",
      { width: 1000, height: 9000 },
      4096,
      undefined,
      { width: 455, height: 4096 },
    ],
  ])("%s", (_name, picture, width, height, size) => {
    expect(sizeOf(picture, width, height)).toEqual(size);
  });
});

describe("the size of a picture that covers a box", () => {
  test.each([
    ["is the box", photo, 320, 200, { width: 320, height: 200 }],
    [
      "keeps the box's shape where the picture is smaller",
      { width: 100, height: 400 },
      200,
      100,
      { width: 100, height: 50 },
    ],
    ["is the whole picture when one edge is left open", photo, 320, undefined, { width: 320, height: 240 }],
  ])("%s", (_name, picture, width, height, size) => {
    expect(sizeIn(picture, boxFor(picture, { width, height, fit: "COVER" }))).toEqual(size);
  });
});

// Any two steps were a shape: a reader could have 676 pictures of one file, in four formats, kept forever.
describe("the shapes that a picture is cut to", () => {
  const large = { width: 9000, height: 8000 };
  const cut = (width: number, height: number, max?: number) =>
    formatBox(boxFor(large, { width, height, fit: "COVER" }, max));

  test.each([
    [640, 640, "640x640"],
    [1280, 1024, "1280x1024"],
    [640, 480, "640x480"],
    [300, 200, "300x200"],
    [320, 200, "320x200"],
    [1920, 1080, "1920x1080"],
    [512, 256, "512x256"],
    [1080, 1920, "1080x1920"],
    [333, 222, "320x213"],
    [1200, 630, "1024x512"],
    [4096, 16, "32x16"],
  ])("are few, and the nearest to %s × %s is taken", (width, height, text) => {
    expect(cut(width, height)).toBe(text);
    expect(parseBox(large, text)).toEqual(boxFor(large, { width, height, fit: "COVER" }));
  });

  test("are thirteen of some 26 sizes each, for any request", () => {
    const boxes = new Set<string>();
    for (let width = 16; width <= 4096; width += 7)
      for (let height = 16; height <= 4096; height += 13) boxes.add(cut(width, height));
    expect(boxes.size).toBeLessThanOrEqual(13 * edgeSteps.length);
    expect(boxes.size).toBeGreaterThan(100);
    for (const text of boxes) expect(formatBox(parseBox(large, text)!)).toBe(text);
  });

  test("of a picture that is smaller have one name for what comes out the same", () => {
    const small = { width: 200, height: 200 };
    const names = [256, 1024, 4096].map((edge) =>
      formatBox(boxFor(small, { width: edge, height: edge, fit: "COVER" })),
    );
    expect(names).toEqual(["256x256", "256x256", "256x256"]);
    expect(parseBox(small, "1024x1024")).toBeUndefined();
  });

  test("of a PNG are small ones", () => {
    expect(cut(4096, 4096, edgeMaxOf("PNG"))).toBe("1024x1024");
    expect(formatBox(boxFor(large, { width: 4096, fit: "INSIDE" }, edgeMaxOf("PNG")))).toBe("w1024");
    for (const text of ["w1280", "1280x1280", "full"])
      expect(parseBox(large, text, edgeMaxOf("PNG"))).toBeUndefined();
    expect(parseBox(large, "w1280", edgeMaxOf("WEBP"))).toBeDefined();
  });
});

test.each([15, 4097, 0, -320, 100.5, Number.NaN])("an edge of %s is refused", (width) => {
  expect(() => boxFor(photo, { width, fit: "INSIDE" })).toThrow(/width: expected pixels from 16 to 4096/);
});

const pixels = fc.integer({ min: 1, max: 20_000 });
const edges = fc.option(fc.integer({ min: 16, max: 4096 }), { nil: undefined });
const wants = fc.record({ width: edges, height: edges, fit: fc.constantFrom(...imageFits) });

describe("for every picture and every box", () => {
  test("the outcome fits into the box, is never enlarged, and its text leads back to it", () => {
    fc.assert(
      fc.property(fc.record({ width: pixels, height: pixels }), wants, (picture, wanted) => {
        const box = boxFor(picture, wanted);
        const size = sizeIn(picture, box);
        expect(size.width).toBeLessThanOrEqual(Math.min(picture.width, wanted.width ?? 4096));
        expect(size.height).toBeLessThanOrEqual(Math.min(picture.height, wanted.height ?? 4096));
        expect(Math.min(size.width, size.height)).toBeGreaterThanOrEqual(1);
        expect(parseBox(picture, formatBox(box))).toEqual(box);
      }),
      { numRuns: 2000 },
    );
  });

  test("no text is taken but those that are given", () => {
    const numbers = fc.integer({ min: 0, max: 5000 }).map(String);
    const texts = fc.oneof(
      fc
        .tuple(fc.constantFrom("", "w", "h", "x"), numbers, fc.constantFrom("", "x320", "x321", "x"))
        .map((parts) => parts.join("")),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.record({ width: pixels, height: pixels }), texts, (picture, text) => {
        const box = parseBox(picture, text);
        if (box == null) return;
        expect(formatBox(box)).toBe(text);
        // Of a shape, the longer edge is a step.
        const longest = Math.max(...(text.match(/\d+/g) ?? ["16"]).map(Number));
        expect(edgeSteps.map(Number)).toContain(longest);
      }),
      { numRuns: 2000 },
    );
  });
});

test.each([
  "w0320",
  "w320 ",
  "W320",
  "320",
  "w321",
  "w-320",
  "320x0",
  "1e3x16",
  "320x321",
  "1000x16",
  "0320x200",
  "w320x320",
  "h320x16",
  "",
  "full.",
])("the text %j is none of ours", (text) => {
  expect(parseBox(photo, text)).toBeUndefined();
});

describe("the frame for a wanted time", () => {
  test.each([
    ["is taken down to half a second", 60, 12.7, 12_500],
    ["is coarser in a long video, so that there are some 500", 7200, 100, 87_000],
    ["is the last one past the end", 10, 99, 9_500],
    ["is the first where the duration is unknown", null, 5, 0],
    ["is the first of a video shorter than a step", 0.2, 0.2, 0],
  ])("%s", (_name, duration, atSeconds, milliseconds) => {
    expect(frameAt(duration, atSeconds)).toBe(milliseconds);
  });

  test.each([-1, Number.NaN])("is refused for %s", (atSeconds) => {
    expect(() => frameAt(10, atSeconds)).toThrow(/atSeconds/);
  });

  test("is one of at most 500 for any video, always before its end", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 1e6, noNaN: true }),
        fc.double({ min: 0, max: 2e6, noNaN: true }),
        (duration, at) => {
          const atMs = frameAt(duration, at);
          expect(atMs / 1000).toBeLessThan(duration);
          expect(atMs).toBeLessThanOrEqual(at * 1000);
          expect(frameAt(duration, atMs / 1000)).toBe(atMs);
          expect(
            frameAt(duration, Number.MAX_VALUE) / 1000 / Math.max(0.5, duration / 500),
          ).toBeLessThanOrEqual(500);
        },
      ),
    );
  });
});
