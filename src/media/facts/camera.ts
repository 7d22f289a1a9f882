import { cleanLine } from "../types/clean-text.ts";
import type { CameraFacts } from "./facts.ts";
import { firstOf, readNumber, readText, type Tags } from "./tags.ts";

const nameCharsMax = 200;

const makes = ["EXIF:Make", "QuickTime:Make", "QuickTime:AndroidMake", "XMP:Make", "RIFF:Make"];
const models = ["EXIF:Model", "QuickTime:Model", "QuickTime:AndroidModel", "XMP:Model", "RIFF:Model"];
const lenses = ["EXIF:LensModel", "Composite:LensID", "XMP:LensModel", "XMP:Lens", "QuickTime:LensModel"];

function readName(tags: Tags, name: string): string | null {
  const text = readText(tags, name);
  const line = text == null ? null : cleanLine(text, nameCharsMax);
  // Cameras without electronic contact to the lens write dashes, zeros or exiftool's "Unknown (0)".
  return line == null || /^(-+|0+(\.0+)?|n\/a|none|unknown\b.*)$/i.test(line) ? null : line;
}

const readPositive = (tags: Tags, name: string) => {
  const number = readNumber(tags, name);
  return number != null && number > 0 ? number : null;
};

function readExposureTime(tags: Tags, name: string): string | null {
  const text = readText(tags, name);
  // exiftool says "undef" and "inf" for the fractions 0/0 and 1/0.
  return text != null && /^(1\/)?\d{1,9}(\.\d{1,12})?$/.test(text) && Number.parseFloat(text) > 0
    ? text
    : null;
}

/** Camera and exposure; null when the file has none of them. */
export function readCamera(tags: Tags): CameraFacts | null {
  const iso = firstOf(tags, ["EXIF:ISO", "Composite:ISO", "XMP:ISO"], readPositive);
  const camera: CameraFacts = {
    make: firstOf(tags, makes, readName),
    model: firstOf(tags, models, readName),
    lens: firstOf(tags, lenses, readName),
    // GraphQL's Int ends at 2^31 - 1, and no sensor gets near.
    iso: iso != null && iso < 2 ** 31 ? Math.round(iso) : null,
    aperture: firstOf(tags, ["EXIF:FNumber", "Composite:Aperture", "XMP:FNumber"], readPositive),
    exposureTime: firstOf(
      tags,
      ["EXIF:ExposureTime", "Composite:ShutterSpeed", "XMP:ExposureTime"],
      readExposureTime,
    ),
    focalLength: firstOf(tags, ["EXIF:FocalLength", "XMP:FocalLength"], readPositive),
  };
  return Object.values(camera).every((value) => value == null) ? null : camera;
}
