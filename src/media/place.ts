import type { Place } from "./facts.ts";
import { firstOf, readNumber, type Tags } from "./tags.ts";

const altitudes = ["Composite:GPSAltitude", "XMP:GPSAltitude", "EXIF:GPSAltitude", "QuickTime:GPSAltitude"];

function findAltitude(tags: Tags): number | null {
  const altitude = firstOf(tags, altitudes, readNumber);
  // Neither below the deepest sea nor beyond the last of the atmosphere: a device's way to say "unknown".
  return altitude != null && altitude > -12_000 && altitude < 1_000_000 ? altitude : null;
}

/**
 * Where the picture was taken; null when unknown or impossible.
 *
 * exiftool's Composite pair exists only when EXIF has its north/south and east/west references, or QuickTime
 * its ISO 6709 text: a pair without references is not a place.
 */
export function readPlace(tags: Tags): Place | null {
  for (const group of ["Composite", "XMP"]) {
    const latitude = readNumber(tags, `${group}:GPSLatitude`);
    const longitude = readNumber(tags, `${group}:GPSLongitude`);
    if (latitude == null || longitude == null) continue;
    if (Math.abs(latitude) > 90 || Math.abs(longitude) > 180) continue;
    // Exactly 0, 0 is what devices without a fix write; nobody photographs that buoy to 15 digits.
    if (latitude === 0 && longitude === 0) continue;
    return { latitude, longitude, altitude: findAltitude(tags) };
  }
  return null;
}
