import type { Sharp } from "sharp";
import { decodersOf, isSlow, type Step } from "../../decoders.ts";
import type { Failure, PictureFile, ProgramSettings, Size } from "../../picture-tasks.ts";
import { failureOf, UnknownKindError } from "../failure.ts";
import { ffmpeg } from "./ffmpeg.ts";
import { icns } from "./icns.ts";
import { libheif } from "./libheif.ts";
import { magick } from "./magick.ts";
import { checkPixels, type Decoder } from "./opened.ts";
import { pdfium } from "./pdfium.ts";

/** Every decoder beside sharp. To add one: its kind of `Step`, its file, a line here. */
const decoders: { readonly [D in Step["decoder"]]: Decoder<Extract<Step, { decoder: D }>> } = {
  magick,
  ffmpeg,
  libheif,
  pdfium,
  icns,
};

// A step names its own decoder, which the compiler cannot follow through the union.
const decoderOf = (step: Step) => decoders[step.decoder] as Decoder<Step>;

/** The result of reading a picture: its size, before it is decoded, or all of it. */
export type Found = { readonly size: Size } | { readonly picture: Sharp };

/** The first failure is the first decoder's, who knows the format best. */
async function firstOf<T>(
  file: PictureFile,
  attempt: (decoder: Decoder<Step>, step: Step) => Promise<T>,
): Promise<T | Failure> {
  let failure: Failure | undefined;
  for (const step of decodersOf(file.mimeType)) {
    try {
      return await attempt(decoderOf(step), step);
    } catch (error) {
      const own = failureOf(error);
      if (own == null) throw error;
      // Another decoder would need as much memory, or time that is gone, or show something else.
      const isFinal =
        own.code === "TOO_LARGE" || own.code === "TIMED_OUT" || error instanceof UnknownKindError;
      if (isFinal) return own;
      failure ??= own;
    }
  }
  return failure ?? { code: "UNDECODABLE", message: `No decoder knows ${file.mimeType}` };
}

/** Opens by the first decoder that can, without sharp's own. */
export const openOtherwise = (file: PictureFile, settings: ProgramSettings): Promise<Sharp | Failure> =>
  firstOf(file, async (decoder, step) => {
    const picture = await decoder.open(file, step, settings);
    // sharp reads headers late; a decoder whose output it does not take has failed.
    checkPixels(await picture.metadata(), settings.pixelsMax);
    return picture;
  });

/** The size from the first decoder that finds it without decoding; undefined when none can. */
async function measure(file: PictureFile, settings: ProgramSettings): Promise<Size | undefined> {
  const measured = await firstOf(file, async (decoder, step) => {
    if (decoder.measure == null) throw new Error("This decoder reads no size");
    return decoder.measure(file, step, settings);
  });
  return "code" in measured ? undefined : { width: measured.width, height: measured.height };
}

/**
 * The same for an interactive request.
 * @param canWait whether the size alone is enough where decoding takes long.
 */
export async function findOtherwise(
  file: PictureFile,
  settings: ProgramSettings,
  canWait: boolean,
): Promise<Found | Failure> {
  const size = canWait ? await measure(file, settings) : undefined;
  if (size == null || !isSlow(file.mimeType, size.width * size.height)) {
    const picture = await openOtherwise(file, settings);
    return "code" in picture ? picture : { picture };
  }
  if (size.width * size.height > settings.pixelsMax)
    return { code: "TOO_LARGE", message: "Input image exceeds pixel limit" };
  return { size };
}
