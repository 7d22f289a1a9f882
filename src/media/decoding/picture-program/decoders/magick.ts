import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type * as Program from "@imagemagick/magick-wasm";
import type { IMagickImage, MagickReadSettings } from "@imagemagick/magick-wasm";
import sharp, { type Sharp } from "sharp";
import type { MagickFormat, Step } from "../../decoders.ts";
import type { Size } from "../../picture-tasks.ts";
import { plainBitmap } from "./bitmap.ts";
import { checkChannels } from "./exr.ts";
import { plainPam } from "./pam.ts";
import { checkPixels, type Decoder } from "./opened.ts";

type Magick = typeof Program;
type MagickStep = Extract<Step, { decoder: "magick" }>;

const MiB = 1024 * 1024;
/** Most that one picture may take in WebAssembly's memory; beyond it ImageMagick would use a disk it does not have. */
const memoryBytesMax = 1024 * MiB;
/** Several sizes of one picture, of which the largest is the one that is meant. */
const choices: ReadonlySet<MagickFormat> = new Set(["CUR", "ICO"]);

/** What has to be done to the bytes of a format before ImageMagick understands all its kinds. */
const preparations: Partial<Record<MagickFormat, (bytes: Buffer) => Buffer>> = {
  BMP: plainBitmap,
  EXR: checkChannels,
  PAM: plainPam,
};

/** What the linear light of EXR is raised to; ImageMagick passes it on as if it were sRGB. */
const linearGamma = 2.2;

let loading: Promise<Magick> | undefined;

async function load(): Promise<Magick> {
  // Loaded when first needed: most processes never meet such a picture.
  const magick = await import("@imagemagick/magick-wasm");
  const program = createRequire(import.meta.url).resolve("@imagemagick/magick-wasm/magick.wasm");
  await magick.initializeImageMagick(await readFile(program));
  const { ResourceLimits } = magick;
  ResourceLimits.memory = BigInt(memoryBytesMax);
  ResourceLimits.maxMemoryRequest = BigInt(memoryBytesMax);
  ResourceLimits.disk = 0n;
  return magick;
}

const loadOnce = () => (loading ??= load());

function settingsFor(
  { MagickReadSettings: Settings }: Magick,
  format: MagickFormat,
  index: number,
): MagickReadSettings {
  // The format is given: ImageMagick must not guess from bytes that were sent to mislead it.
  const settings = new Settings({ format, frameIndex: index, frameCount: 1 });
  settings.syncImageWithExifProfile = true;
  return settings;
}

/** Which of several pictures to take: the largest of an icon, else the first. */
function indexOf(
  { MagickImageCollection, MagickReadSettings: Settings }: Magick,
  bytes: Uint8Array,
  format: MagickFormat,
) {
  if (!choices.has(format)) return 0;
  const all = MagickImageCollection.create();
  try {
    all.ping(bytes, new Settings({ format }));
    const areas = all.map(({ width, height }) => width * height);
    return Math.max(0, areas.indexOf(Math.max(...areas)));
  } finally {
    all.dispose();
  }
}

/** EXIF's orientations from 5 to 8 lie on their side. */
const uprightSize = ({ width, height, orientation }: IMagickImage): Size =>
  orientation >= 5 ? { width: height, height: width } : { width, height };

function ping(magick: Magick, bytes: Uint8Array, format: MagickFormat, index: number): Size {
  const image = magick.MagickImage.create();
  try {
    image.ping(bytes, settingsFor(magick, format, index));
    return uprightSize(image);
  } finally {
    image.dispose();
  }
}

/** "ImproperImageHeader `' @ error/bmp.c/ReadBMPImage/660": the words alone, as words. */
function wordsOf(error: unknown): Error {
  const message = error instanceof Error ? error.message : String(error);
  // What was read without an error and without a picture.
  if (message === "instance is disposed") return new Error("There is no picture in it", { cause: error });
  const words = message.replace(/ [`'"].*$/s, "");
  const isOneWord = !words.includes(" ");
  const plain = isOneWord
    ? words.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    : words;
  return new Error(plain, { cause: error });
}

/** As TIFF without compression, which keeps profile, transparency, CMYK and orientation for sharp to apply. */
function decode(magick: Magick, bytes: Uint8Array, format: MagickFormat, index: number): Buffer {
  const { ColorSpace, ColorType, CompressionMethod, ImageMagick } = magick;
  const kept: readonly number[] = [ColorSpace.sRGB, ColorSpace.Gray, ColorSpace.CMYK];
  return ImageMagick.read(bytes, settingsFor(magick, format, index), (image) => {
    if (!kept.includes(image.colorSpace)) {
      image.colorSpace = ColorSpace.sRGB;
      image.removeProfile("icc");
    }
    // Of planes in tiles it believes that they are grey, as the first is, and would write only that.
    const isGrey = image.colorType === ColorType.Grayscale || image.colorType === ColorType.GrayscaleAlpha;
    if (isGrey && image.colorSpace === ColorSpace.sRGB)
      image.colorType = image.hasAlpha ? ColorType.TrueColorAlpha : ColorType.TrueColor;
    if (format === "EXR") image.gammaCorrect(linearGamma, magick.Channels.RGB);
    // Floating point and odd depths are read, but not written in a way that sharp reads.
    image.depth = 8;
    image.settings.compression = CompressionMethod.NoCompression;
    return image.write("TIFF", (data) => Buffer.from(data));
  });
}

/** @throws what ImageMagick says, in words for people; a broken program's error as it is. */
async function withProgram<T>(
  bytes: Buffer,
  format: MagickFormat,
  work: (program: Magick, bytes: Buffer) => T,
): Promise<T> {
  const prepared = preparations[format]?.(bytes) ?? bytes;
  const program = await loadOnce();
  try {
    return work(program, prepared);
  } catch (error) {
    throw error instanceof WebAssembly.RuntimeError ? error : wordsOf(error);
  }
}

/** The upright size that a picture in memory declares. @throws for what is no such picture. */
export const measureBytes = (file: Buffer, format: MagickFormat): Promise<Size> =>
  withProgram(file, format, (program, bytes) =>
    ping(program, bytes, format, indexOf(program, bytes, format)),
  );

/** A picture in memory. @throws for what cannot be decoded. */
export async function decodeBytes(file: Buffer, format: MagickFormat, pixelsMax: number): Promise<Sharp> {
  const tiff = await withProgram(file, format, (program, bytes) => {
    const index = indexOf(program, bytes, format);
    checkPixels(ping(program, bytes, format, index), pixelsMax);
    return decode(program, bytes, format, index);
  });
  return sharp(tiff, { limitInputPixels: pixelsMax }).autoOrient();
}

/** Every format of which sharp's libvips has no decoder, and a second opinion on those of which it has. */
export const magick: Decoder<MagickStep> = {
  measure: async ({ path }, { format }) => measureBytes(await readFile(path), format),
  open: async ({ path }, { format }, { pixelsMax }) => decodeBytes(await readFile(path), format, pixelsMax),
};
