import { chmod, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import type { Derivative, Variant, Visible } from "../../src/pictures/derivative.ts";
import { nameOf } from "../../src/pictures/derivative.ts";
import { findVariant } from "../../src/pictures/derivatives.ts";
import { formats } from "../../src/pictures/formats.ts";
import { makeVariant, openVariant } from "../../src/pictures/making.ts";
import type { TestServer } from "../support/server.ts";
import { quadrantColours, readQuadrants } from "../support/quadrants.ts";

/** A derivative to try on one original, at requests that differ in every way it knows. */
export interface Sample {
  readonly original: Visible;
  readonly variants: readonly Variant[];
}

export const bytesOf = async (server: TestServer, original: Visible, variant: Variant): Promise<Buffer> => {
  const stored = await openVariant(server.app.deps, original, variant);
  if (stored == null) throw new Error("nothing was made");
  const chunks: Buffer[] = [];
  for await (const chunk of stored.read()) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

const extensionOf = ({ format }: Variant) => formats[format].extension.replace("jpg", "jpeg");
const codings: Readonly<Record<string, string>> = { heif: "avif" };

/** What every derivative promises. A new one is named in the list of samples, and adds only its own oddities. */
export function derivativeContract(
  derivative: Derivative,
  use: () => { server: TestServer; samples: readonly Sample[]; others: readonly Visible[] },
) {
  const each = async (check: (sample: Sample, variant: Variant) => Promise<void>) => {
    const { samples } = use();
    expect(samples.length).toBeGreaterThan(0);
    for (const sample of samples) for (const variant of sample.variants) await check(sample, variant);
  };

  describe(`a ${derivative.name}`, () => {
    test("is found again by its name, and by no other", async () => {
      await each(({ original }, variant) => {
        const found = findVariant(original, nameOf(variant));
        expect(found).toMatchObject({ size: variant.size, format: variant.format, request: variant.request });
        for (const name of disguisesOf(nameOf(variant)))
          expect(findVariant(original, name), name).toBeUndefined();
        return Promise.resolve();
      });
    });

    test("has the size and format it was said to have", async () => {
      const { server } = use();
      await each(async ({ original }, variant) => {
        const { format, width, height, pageHeight } = await sharp(
          await bytesOf(server, original, variant),
        ).metadata();
        const said = { ...variant.size, format: extensionOf(variant) };
        expect({ format: codings[format] ?? format, width, height: pageHeight ?? height }).toEqual(said);
        expect(width).toBeLessThanOrEqual(original.width);
      });
    });

    test("is upright, in the right colours, and keeps nothing of the original's metadata", async () => {
      const { server } = use();
      await each(async ({ original }, variant) => {
        const bytes = await bytesOf(server, original, variant);
        expect(await readQuadrants(bytes), nameOf(variant)).toEqual(quadrantColours);
        const { exif, xmp, iptc, orientation, space } = await sharp(bytes).metadata();
        expect({ exif, xmp, iptc, orientation, space }).toEqual({ space: "srgb" });
        expect(bytes.includes("SECRET")).toBe(false);
      });
    });

    test("comes out the same each time", async () => {
      const { server, samples } = use();
      const { original, variants } = samples[0]!;
      const first = await bytesOf(server, original, variants[0]!);
      await makeVariant(server.app.deps, original, variants[0]!, { lane: "background" });
      expect(await bytesOf(server, original, variants[0]!)).toEqual(first);
    });

    test("is made once, however many ask at the same time, and again when it is gone", async () => {
      const { server, samples } = use();
      const { original, variants } = samples[0]!;
      let count = 0;
      const counted: Variant = {
        ...variants[0]!,
        make: (making) => {
          count++;
          return variants[0]!.make(making);
        },
      };
      await rm(join(server.mediaDir, ".derivatives"), { recursive: true });
      const all = await Promise.all(Array.from({ length: 20 }, () => bytesOf(server, original, counted)));
      expect(count).toBe(1);
      expect(new Set(all.map((bytes) => bytes.toString("base64"))).size).toBe(1);
    });

    test("of broken bytes fails with a code, and leaves nothing behind", async () => {
      const { server, samples } = use();
      const { original, variants } = samples[0]!;
      // The same row with other bytes on the disk: as a damaged disk would have it.
      const path = join(server.mediaDir, original.filePath);
      const whole = await bytesOf(server, original, variants[0]!);
      await rm(join(server.mediaDir, ".derivatives"), { recursive: true });
      const { restore } = await damage(path);
      await expect(bytesOf(server, original, variants[0]!)).rejects.toMatchObject({
        code: "UNSUPPORTED_MEDIA",
      });
      await expect(bytesOf(server, original, variants[0]!)).rejects.toMatchObject({
        code: "UNSUPPORTED_MEDIA",
      });
      const left = await readdir(join(server.mediaDir, ".derivatives"), {
        recursive: true,
        withFileTypes: true,
      });
      expect(left.filter((entry) => entry.isFile())).toEqual([]);
      await restore();
      await makeVariant(server.app.deps, original, variants[0]!, { lane: "interactive" });
      expect(await bytesOf(server, original, variants[0]!)).toEqual(whole);
    });

    test("is not offered for what it does not apply to", () => {
      for (const other of use().others) {
        expect(derivative.appliesTo(other)).toBe(false);
        for (const { variants } of use().samples)
          for (const variant of variants) expect(findVariant(other, nameOf(variant))).toBeUndefined();
      }
    });
  });
}

/** Names that a guesser would try. */
function disguisesOf(name: string): string[] {
  const [kind, revision, ...request] = name.split(".");
  return [
    `${kind}.0.${request.join(".")}`,
    `${kind}.01.${request.join(".")}`,
    `${kind}.${revision}`,
    `${kind}.${revision}.`,
    `${name}.`,
    `.${name}`,
    `${name}.webp`,
    name.toUpperCase(),
    name.replace(/\.(\w+)$/, ".gif"),
    name.replace(/\d\d+/, (digits) => `0${digits}`),
    name.replace(/\d\d+/, "333"),
    name.replace(/\d\d+/, "99999"),
    `${name}\n`,
    `${name}%00`,
  ].filter((other) => other !== name);
}

async function damage(path: string) {
  const bytes = await readFile(path);
  await chmod(path, 0o644);
  await writeFile(path, Buffer.alloc(bytes.length, "not a picture "));
  return { restore: () => writeFile(path, bytes) };
}
