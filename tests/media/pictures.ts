import { readFile } from "node:fs/promises";
import sharp, { type Sharp } from "sharp";
import type { ImageFormat, ImageSize, Job } from "../../src/media/decoding/picture-maker.ts";
import { useFolder, useMedia } from "./files.ts";

export const now: Job = { lane: "interactive" };

/** A picture maker and a folder, with short ways to make things of bytes. */
export function usePictures(env?: Readonly<Record<string, string>>) {
  const folder = useFolder();
  const media = useMedia(env);
  const kit = {
    folder,
    get pictures() {
      return media.current.pictures;
    },
    get reader() {
      return media.current.reader;
    },
    write: (bytes: string | Uint8Array) => folder.write(crypto.randomUUID(), bytes),
    /** A new name; nothing is there yet. */
    target: () => folder.path(crypto.randomUUID()),
    /** The outcome's path. */
    async make(
      bytes: string | Uint8Array,
      mimeType: string,
      size: Partial<ImageSize> = {},
      format: ImageFormat = "PNG",
    ): Promise<string> {
      const target = kit.target();
      const exact = { width: 40, height: 40, isCropped: false, ...size };
      await kit.pictures.makeImage({ path: await kit.write(bytes), mimeType }, exact, format, target, now);
      return target;
    },
  };
  return kit;
}

export type Colour = readonly number[];

/** The pixel at these shares of width and height, in all its channels. */
export async function pixelAt(input: string | Sharp, x: number, y: number): Promise<Colour> {
  const picture = typeof input === "string" ? sharp(await readFile(input)) : input;
  const { data, info } = await picture.raw().toBuffer({ resolveWithObject: true });
  const column = Math.min(info.width - 1, Math.floor(x * info.width));
  const row = Math.min(info.height - 1, Math.floor(y * info.height));
  const at = (row * info.width + column) * info.channels;
  return [...data.subarray(at, at + info.channels)];
}

/** Largest difference of any channel. */
export const distance = (a: Colour, b: Colour) =>
  Math.max(...b.map((value, channel) => Math.abs(value - (a[channel] ?? 0))));

/** Red, green, blue, yellow: each quarter another, so that every turn and mirror shows. */
export const quarters = {
  topLeft: [230, 30, 30],
  topRight: [30, 200, 30],
  bottomLeft: [30, 30, 230],
  bottomRight: [230, 220, 30],
} as const;

/** Four quarters in four colours. */
export async function makeQuarters(width = 80, height = 40): Promise<Sharp> {
  const half = { width: width / 2, height: height / 2 };
  const tile = (colour: readonly number[], left: number, top: number) => ({
    input: {
      create: {
        ...half,
        channels: 3 as const,
        background: { r: colour[0]!, g: colour[1]!, b: colour[2]! },
      },
    },
    left,
    top,
  });
  const picture = sharp({ create: { width, height, channels: 3, background: "black" } }).composite([
    tile(quarters.topLeft, 0, 0),
    tile(quarters.topRight, half.width, 0),
    tile(quarters.bottomLeft, 0, half.height),
    tile(quarters.bottomRight, half.width, half.height),
  ]);
  return sharp(await picture.png().toBuffer());
}

/** Which colours are in the four corners, in reading order. */
export async function cornersOf(path: string): Promise<string[]> {
  const names = Object.entries(quarters);
  const corners = [
    [0.2, 0.2],
    [0.8, 0.2],
    [0.2, 0.8],
    [0.8, 0.8],
  ] as const;
  return Promise.all(
    corners.map(async ([x, y]) => {
      const pixel = await pixelAt(path, x, y);
      return names.find(([, colour]) => distance(pixel, colour) < 40)?.[0] ?? String(pixel);
    }),
  );
}

export const upright = ["topLeft", "topRight", "bottomLeft", "bottomRight"];
