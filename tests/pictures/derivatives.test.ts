import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Derivative, Variant, Visible } from "../../src/pictures/derivative.ts";
import { derivatives } from "../../src/pictures/derivatives.ts";
import { imageFormats } from "../../src/pictures/formats.ts";
import { poster, posterOf } from "../../src/pictures/poster.ts";
import { previewOf } from "../../src/pictures/preview.ts";
import { thumbnailOf } from "../../src/pictures/thumbnail.ts";
import { bytesOf, derivativeContract, type Sample } from "../contracts/derivative.ts";
import { hasFfmpeg } from "../media/files.ts";
import { makeQuadrants, quadrantColours, readQuadrants } from "../support/quadrants.ts";
import { startSharedServer, type TestServer } from "../support/server.ts";
import { addOriginal, makeMovingGif, makeSong, makeTurnedVideo, makeTurnedJpeg } from "./originals.ts";

const canMakeVideo = await hasFfmpeg();

let server: TestServer;
const originals = new Map<string, Visible>();
const get = (name: string) => originals.get(name)!;
const all = (...names: string[]) => names.flatMap((name) => originals.get(name) ?? []);

beforeAll(async () => {
  server = await startSharedServer();
  const add = async (name: string, bytes: Buffer) => {
    const { original } = await addOriginal(server, bytes);
    if (original == null) throw new Error(`${name} cannot be seen`);
    originals.set(name, original);
  };
  await add("photo", await makeTurnedJpeg());
  await add("drawing", await makeQuadrants(100, 60).ensureAlpha().png().toBuffer());
  await add("moving", await makeMovingGif());
  if (!canMakeVideo) return;
  await add("video", await makeTurnedVideo());
  await add("song", await makeSong());
});
afterAll(() => server.stop());

/** How each is tried: on which originals at which requests, and on which it must not be offered. */
const trials: Record<string, () => { samples: Sample[]; others: Visible[] }> = {
  thumbnail: () => ({
    samples: all("photo", "drawing", "moving", "video", "song").map((original) => ({
      original,
      variants: [
        ...imageFormats.map((format) => thumbnailOf(original, { width: 100, fit: "INSIDE" }, format)),
        thumbnailOf(original, { height: 64, fit: "INSIDE" }, "WEBP"),
        thumbnailOf(original, { width: 96, height: 64, fit: "COVER" }, "WEBP"),
        thumbnailOf(original, { width: 64, height: 96, fit: "COVER" }, "JPEG"),
        thumbnailOf(original, { width: 4096, fit: "INSIDE" }, "WEBP"),
      ],
    })),
    others: [],
  }),
  poster: () => ({
    samples: all("video").map((original) => ({
      original,
      variants: [
        posterOf(original, 1, { width: 100, fit: "INSIDE" }, "WEBP"),
        posterOf(original, 99, { width: 96, height: 64, fit: "COVER" }, "JPEG"),
      ],
    })),
    others: all("photo", "drawing", "moving", "song"),
  }),
  preview: () => ({
    samples: all("moving").map((original) => ({ original, variants: [previewOf(original, 100)] })),
    others: all("photo", "drawing", "song"),
  }),
};

test.each(derivatives)("there is a trial for $name", ({ name }) => {
  expect(trials).toHaveProperty(name);
});

const needsFfmpeg = (derivative: Derivative) => derivative === poster;

for (const derivative of derivatives) {
  describe.skipIf(needsFfmpeg(derivative) && !canMakeVideo)(derivative.name, () => {
    derivativeContract(derivative, () => ({ server, ...trials[derivative.name]!() }));
  });
}

describe.skipIf(!canMakeVideo)("a video", () => {
  const quadrants = async (variant: Variant) => readQuadrants(await bytesOf(server, get("video"), variant));

  test("shows the first frame that is not black", async () => {
    const shown = thumbnailOf(get("video"), { width: 100, fit: "INSIDE" }, "JPEG");
    const first = posterOf(get("video"), 0, { width: 100, fit: "INSIDE" }, "JPEG");
    expect(await quadrants(shown)).toEqual(quadrantColours);
    expect(new Set(await quadrants(first))).toEqual(new Set(["rgb(0, 0, 0)"]));
  });
});
