import type { Sharp } from "sharp";
import type { Step } from "../../decoders.ts";
import type { PictureFile, ProgramSettings, Size } from "../../picture-tasks.ts";

/** How one decoder opens pictures. */
export interface Decoder<S extends Step> {
  /** The upright size from the header alone, where that is cheaper than decoding. @throws for what is no such picture. */
  readonly measure?: (file: PictureFile, step: S, settings: ProgramSettings) => Promise<Size>;
  /** The decoded picture as something that sharp goes on with. @throws for what it cannot decode. */
  readonly open: (file: PictureFile, step: S, settings: ProgramSettings) => Promise<Sharp>;
}

/** @throws for a picture that is larger than allowed. */
export function checkPixels({ width, height }: Size, pixelsMax: number): void {
  if (width < 1 || height < 1) throw new Error("The picture has no pixels");
  if (width * height > pixelsMax) throw new Error("Input image exceeds pixel limit");
}
