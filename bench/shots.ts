import { hash } from "node:crypto";
import { fold } from "../src/database/model/fold.ts";
import type { StateColumn } from "../src/database/model/entity-state.ts";
import { seededRandom, type Random } from "./random.ts";

/** A town and its place on Earth, in degrees. */
export interface Town {
  readonly name: string;
  readonly latitude: number;
  readonly longitude: number;
}

interface CameraKind {
  readonly make: string;
  readonly model: string;
  readonly lens: string;
  readonly prefix: string;
  readonly width: number;
  readonly height: number;
}

export const towns: readonly Town[] = [
  { name: "Lisboa", latitude: 38.72, longitude: -9.14 },
  { name: "Zürich", latitude: 47.37, longitude: 8.54 },
  { name: "Praha", latitude: 50.08, longitude: 14.44 },
  { name: "København", latitude: 55.68, longitude: 12.57 },
  { name: "Reykjavík", latitude: 64.15, longitude: -21.94 },
  { name: "Kyoto", latitude: 35.01, longitude: 135.77 },
  { name: "São Paulo", latitude: -23.55, longitude: -46.63 },
  { name: "Cape Town", latitude: -33.92, longitude: 18.42 },
  { name: "Auckland", latitude: -36.85, longitude: 174.76 },
  { name: "Vancouver", latitude: 49.28, longitude: -123.12 },
];

const cameras: readonly CameraKind[] = [
  { make: "Canon", model: "Canon EOS R6", lens: "RF24-105mm F4", prefix: "IMG_", width: 5472, height: 3648 },
  {
    make: "NIKON CORPORATION",
    model: "NIKON Z 6",
    lens: "Z 24-70mm",
    prefix: "DSC_",
    width: 6048,
    height: 4024,
  },
  { make: "SONY", model: "ILCE-7M4", lens: "FE 35mm F1.8", prefix: "DSC0", width: 7008, height: 4672 },
  {
    make: "Apple",
    model: "iPhone 14 Pro",
    lens: "back triple camera",
    prefix: "IMG_",
    width: 4032,
    height: 3024,
  },
  { make: "Google", model: "Pixel 7", lens: "rear camera", prefix: "PXL_", width: 4080, height: 3072 },
];

const things = ["Market", "Harbour", "Old town", "Garden", "Museum", "Beach", "Station", "Dinner", "Concert"];
const keywords = ["family", "holiday", "street", "night", "architecture", "portrait", "food", "snow", "sea"];

const still = { type: "IMAGE", mimeType: "image/jpeg", extension: "jpg" };
const phone = { type: "IMAGE", mimeType: "image/heic", extension: "heic" };
const film = { type: "VIDEO", mimeType: "video/mp4", extension: "mp4" };
const kinds = [still, still, still, still, still, still, still, phone, phone, film];

/** Each in every so many rows of a library, among the keywords. */
export const words = { lighthouse: 10, regatta: 100, aurora: 1000 } as const;

const wordsOf = (number: number): string[] =>
  Object.entries(words).flatMap(([word, every]) => (number % every === 3 ? [word] : []));

/** In about every fifth row, and in ten rows of any library, whatever its size. */
export const commonWord = "canon";
export const rareWord = "zeppelin";

export interface ShotOrder {
  /** Its number in the whole library; decides the checksums. */
  readonly number: number;
  /** UTC milliseconds of the day it is filed under. */
  readonly at: number;
  readonly town: Town;
  readonly isRare: boolean;
}

/** The columns a real upload would fill from the file, in the order of `shotColumns`. */
export type Shot = ReturnType<typeof makeShot>;

const dayMs = 86_400_000;
const foldOrNull = (text: string | null) => (text == null ? null : fold(text));

/** Everything that is known of one made-up photograph or film. */
export function makeShot(random: Random, { number, at, town, isRare }: ShotOrder) {
  const camera = random.pick(cameras);
  const kind = random.pick(kinds);
  const md5 = hash("md5", String(number));
  const capturedAt = at - random.below(30 * dayMs);
  const originalName = `${camera.prefix}${String(number % 10_000).padStart(4, "0")}.${kind.extension}`;
  const label = random.below(3) === 0 ? `${random.pick(things)}, ${town.name}` : null;
  const words = `${random.pick(things)} in ${town.name} with ${random.pick(keywords)}`;
  const description = isRare ? `A ${rareWord} above ${town.name}` : random.below(4) === 0 ? words : null;
  const day = new Date(at).toISOString().slice(0, 10).replaceAll("-", "/");
  return {
    type: kind.type,
    mimeType: kind.mimeType,
    extension: kind.extension,
    label,
    description,
    originalName,
    md5,
    sha256: hash("sha256", String(number)),
    filePath: `${day}/${md5}.${kind.extension}`,
    fileSize: 400_000 + random.below(kind === film ? 400_000_000 : 12_000_000),
    width: kind === film ? 1920 : camera.width,
    height: kind === film ? 1080 : camera.height,
    duration: kind === film ? 1 + random.below(240_000) / 1000 : null,
    capturedAt,
    capturedLocal: new Date(capturedAt).toISOString().slice(0, -1),
    capturedOffset: "+00:00",
    capturedSource: "EXIF:DateTimeOriginal",
    capturedIsInferred: false,
    latitude: town.latitude + random.below(1000) / 10_000,
    longitude: town.longitude + random.below(1000) / 10_000,
    altitude: random.below(800),
    cameraMake: camera.make,
    cameraModel: camera.model,
    cameraLens: camera.lens,
    iso: 100 * (1 + random.below(32)),
    aperture: 1.8 + random.below(60) / 10,
    exposureTime: `1/${30 + random.below(2000)}`,
    focalLength: 24 + random.below(80),
    keywords: [random.pick(keywords), town.name, ...wordsOf(number)].join("\n"),
    labelFolded: foldOrNull(label),
    descriptionFolded: foldOrNull(description),
    originalNameFolded: fold(originalName),
    cameraMakeFolded: fold(camera.make),
    cameraModelFolded: fold(camera.model),
  } satisfies Partial<Record<StateColumn, string | number | boolean | null>>;
}

export const shotColumns = Object.keys(
  makeShot(seededRandom(1), { number: 0, at: 0, town: towns[0]!, isRare: false }),
);
