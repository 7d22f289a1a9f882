import { existsSync } from "node:fs";
import { copyFile, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { expect, test } from "vitest";
import { UnmakeableError } from "../../src/media/decoding/picture-maker.ts";
import { corpusDir } from "../support/corpus.ts";
import { distance, now, pixelAt, usePictures } from "./pictures.ts";

const kit = usePictures({ PICTURE_PROCESSES: "2" });
const isAbsent = !existsSync(corpusDir);
if (isAbsent) console.warn(`The corpus is not looked at: there is no ${corpusDir} (set CORPUS_DIR)`);

/** What is said of a picture whose decoder died or was too slow. */
const deathWords = /ended the decoder|longer than/;

interface Shown {
  readonly name: string;
  /** What it was made from, or why nothing was. */
  readonly outcome: string;
  readonly ms: number;
}

async function listFiles(): Promise<string[]> {
  const names = await readdir(corpusDir, { recursive: true });
  const isFile = await Promise.all(names.map(async (name) => (await stat(join(corpusDir, name))).isFile()));
  return names.filter((_, index) => isFile[index]).sort();
}

/** As an upload and its first thumbnail go. @returns what the thumbnail was made from; null without. */
async function show(path: string): Promise<{ source: string; thumbnail: string } | null> {
  const facts = await kit.reader.readFacts(path);
  expect(facts?.problems.filter(({ message }) => deathWords.test(message)) ?? []).toEqual([]);
  if (facts?.picture == null) return null;
  const { source, width, height } = facts.picture;
  let file = { path, mimeType: facts.mimeType };
  if (source !== "FILE") {
    const still = kit.target();
    await kit.pictures.extractStill({ ...file, source, width, height }, still, now);
    file = { path: still, mimeType: "image/jpeg" };
    expect(await sharp(still).metadata()).toMatchObject({ width, height });
  }
  const scale = Math.min(1, 320 / Math.max(width, height));
  const edge = (pixels: number) => Math.max(1, Math.round(pixels * scale));
  const size = { width: edge(width), height: edge(height), isCropped: false };
  const thumbnail = kit.target();
  await kit.pictures.makeImage(file, size, "WEBP", thumbnail, now);
  expect(await sharp(thumbnail).metadata()).toMatchObject({ width: size.width, height: size.height });
  return { source, thumbnail };
}

async function showCorpus(name: string): Promise<Shown> {
  const path = kit.target();
  await copyFile(join(corpusDir, name), path);
  const startedAt = performance.now();
  const outcome = await show(path).then(
    (shown) => shown?.source ?? "nothing",
    (error: unknown) => {
      if (error instanceof UnmakeableError && !deathWords.test(error.message)) return error.code;
      throw error;
    },
  );
  return { name, outcome, ms: performance.now() - startedAt };
}

test.skipIf(isAbsent)(
  "every file of the corpus is shown, or not, in bounded time, and no process dies of one",
  async () => {
    const names = await listFiles();
    const shown: Shown[] = [];
    const client = async () => {
      for (let name = names.shift(); name != null; name = names.shift()) shown.push(await showCorpus(name));
    };
    await Promise.all([client(), client(), client()]);

    expect(shown.filter(({ ms }) => ms > 60_000)).toEqual([]);
    const of = (outcome: string) => shown.filter((each) => each.outcome === outcome).length;
    expect(of("FILE")).toBeGreaterThan(350);
    expect(of("PREVIEW")).toBeGreaterThan(2);
    expect(of("COVER")).toBeGreaterThan(2);
  },
  300_000,
);

test.skipIf(isAbsent).each(["Landscape", "Portrait"])(
  "a %s photograph looks the same in all eight orientations",
  async (kind) => {
    const make = async (orientation: number) => {
      const path = join(corpusDir, `sharp-inputs/${kind}_${orientation}.jpg`);
      return (await show(path))!.thumbnail;
    };
    const first = await make(1);
    for (const orientation of [2, 3, 4, 5, 6, 7, 8]) {
      const other = await make(orientation);
      for (const [x, y] of [
        [0.1, 0.1],
        [0.9, 0.1],
        [0.1, 0.9],
        [0.9, 0.9],
      ] as const) {
        const blurred = (path: string) => sharp(path).removeAlpha().blur(8);
        const difference = distance(await pixelAt(blurred(other), x, y), await pixelAt(blurred(first), x, y));
        expect(difference, `orientation ${orientation} at ${x} ${y}`).toBeLessThan(30);
      }
    }
  },
);

test.skipIf(isAbsent).each([
  // A photograph in CMYK, one without its profile: neither inverted nor pale.
  ["Channel_digital_image_CMYK_color.jpg", 0.5, 0.5],
  ["Channel_digital_image_CMYK_color_no_profile.jpg", 0.5, 0.5],
  ["prophoto.png", 0.5, 0.5],
  ["p3.png", 0.5, 0.5],
  ["cielab-dagams.tiff", 0.5, 0.5],
  ["Flag_of_the_Netherlands-16bit.png", 0.5, 0.1],
])("%s has its colours", async (name, x, y) => {
  const { thumbnail } = (await show(join(corpusDir, "sharp-inputs", name)))!;
  const reference = sharp(join(corpusDir, "sharp-inputs", name))
    .toColourspace("srgb")
    .removeAlpha();
  const small = sharp(await reference.resize(320, 320, { fit: "fill" }).png().toBuffer());
  const made = await pixelAt(sharp(thumbnail).removeAlpha().blur(3), x, y);
  expect(distance(made, await pixelAt(small.blur(3), x, y))).toBeLessThan(25);
});
