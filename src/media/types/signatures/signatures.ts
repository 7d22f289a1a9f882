import type { FileWindow } from "../file-window.ts";
import { detectIcon } from "./icon.ts";
import { detectIff } from "./iff.ts";
import { detectOle } from "./ole.ts";
import { plainPictures } from "./plain-pictures.ts";
import type { Detector, Signature } from "./signature.ts";
import { sounds } from "./sounds.ts";
import { detectTga } from "./tga.ts";
import { detectTiff } from "./tiff.ts";

const detectors: readonly Detector[] = [
  detectTiff,
  detectIcon,
  detectIff,
  detectOle,
  ...sounds,
  ...plainPictures,
];

/** The type by the structure of a file, for types whose first bytes are shared. */
export async function detectStructure(head: Buffer, file: FileWindow): Promise<Signature | undefined> {
  for (const detect of detectors) {
    const found = await detect(head, file);
    if (found) return found;
  }
  return undefined;
}

/** For what has no signature of any kind at its start. */
export const detectUnsigned: Detector = detectTga;
