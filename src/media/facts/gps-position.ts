import type { Place } from "./facts.ts";
import { readNumber, readText, type Tags } from "./tags.ts";

/** exiftool writes "33.856784000 S"; XMP may have a bare signed number. */
function readDegrees(tags: Tags, name: string): number | null {
  const degrees = readNumber(tags, name);
  return degrees != null && / [SW]$/i.test(readText(tags, name) ?? "") ? -Math.abs(degrees) : degrees;
}

/** Metres with the sign of the reference beside it. Composite, which QuickTime alone needs, is rounded. */
function findAltitude(tags: Tags): number | null {
  for (const group of ["EXIF", "XMP", "Composite"]) {
    const metres = readNumber(tags, `${group}:GPSAltitude`);
    if (metres == null) continue;
    const words = `${readText(tags, `${group}:GPSAltitude`) ?? ""} ${readText(tags, `${group}:GPSAltitudeRef`) ?? ""}`;
    const altitude = /below sea/i.test(words) ? -Math.abs(metres) : metres;
    // Neither below the deepest sea nor beyond the last of the atmosphere: a device's way to say "unknown".
    return altitude > -12_000 && altitude < 1_000_000 ? altitude : null;
  }
  return null;
}

/**
 * Where the picture was taken; null when unknown or impossible.
 *
 * exiftool's Composite pair exists only when EXIF has its north/south and east/west references, or QuickTime
 * its ISO 6709 text: a pair without references is not a place.
 */
export function readPlace(tags: Tags): Place | null {
  for (const group of ["Composite", "XMP"]) {
    const latitude = readDegrees(tags, `${group}:GPSLatitude`);
    const longitude = readDegrees(tags, `${group}:GPSLongitude`);
    if (latitude == null || longitude == null) continue;
    if (Math.abs(latitude) > 90 || Math.abs(longitude) > 180) continue;
    // Exactly 0, 0 is written by devices without a fix; no photograph is taken at that buoy to 15 digits.
    if (latitude === 0 && longitude === 0) continue;
    return { latitude, longitude, altitude: findAltitude(tags) };
  }
  return null;
}
