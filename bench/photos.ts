import { randomUUID } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { ExifTool } from "exiftool-vendored";
import sharp from "sharp";

/** A JPEG of 1600 × 1200 pixels and about 280 KB, with what a camera writes. */
export interface Photo {
  readonly path: string;
  readonly bytes: Buffer;
  /** Where its ImageUniqueID stands: 32 hex digits that make it another file. */
  readonly idAt: number;
}

const noId = "0".repeat(32);

/** Cloudy noise: as hard for an encoder as a photograph, and never twice the same. */
async function makePixels(): Promise<Buffer> {
  const noise = { type: "gaussian", mean: 128, sigma: 14 } as const;
  const create = { width: 400, height: 300, channels: 3, background: "#808080", noise } as const;
  const clouds = await sharp({ create }).png({ compressionLevel: 0 }).toBuffer();
  return sharp(clouds).resize(1600, 1200).jpeg({ quality: 80 }).toBuffer();
}

const tagsOf = (index: number) => {
  const time = new Date(Date.UTC(2024, 4, 1) + index * 61_000)
    .toISOString()
    .slice(0, 19)
    .replaceAll("-", ":");
  const local = time.replace("T", " ");
  return {
    ...{
      Make: "Canon",
      Model: "Canon EOS R6",
      LensModel: "RF24-105mm F4 L IS USM",
      Software: "Firmware 1.8.2",
    },
    ...{ DateTimeOriginal: local, CreateDate: local, SubSecTimeOriginal: 250, OffsetTimeOriginal: "+02:00" },
    ...{
      ExposureTime: "1/250",
      FNumber: 5.6,
      ISO: 400,
      FocalLength: "50 mm",
      Flash: "No Flash",
      WhiteBalance: "Auto",
    },
    ...{
      MeteringMode: "Evaluative",
      ExposureProgram: "Aperture-priority AE",
      ColorSpace: "sRGB",
      Orientation: 1,
    },
    ...{
      GPSLatitude: 47.3769,
      GPSLatitudeRef: "N",
      GPSLongitude: 8.5417,
      GPSLongitudeRef: "E",
      GPSAltitude: 408,
    },
    ...{
      Artist: "A. Photographer",
      Copyright: "2024",
      ImageDescription: `Number ${index}`,
      ImageUniqueID: noId,
    },
    ...{ Keywords: ["holiday", "lake"], Subject: ["holiday", "lake"], Rating: 4 },
  };
};

/** Writes so many different photographs to a folder. */
export async function makePhotos(dir: string, count: number): Promise<readonly Photo[]> {
  await mkdir(dir, { recursive: true });
  const exiftool = new ExifTool({ maxProcs: availableParallelism() });
  const make = async (index: number): Promise<Photo> => {
    const path = join(dir, `IMG_${String(index).padStart(4, "0")}.jpg`);
    await writeFile(path, await makePixels());
    await exiftool.write(path, tagsOf(index), { writeArgs: ["-overwrite_original", "-m"] });
    const bytes = await readFile(path);
    const idAt = bytes.indexOf(noId);
    if (idAt < 0) throw new Error(`${path} has no ImageUniqueID to count up`);
    return { path, bytes, idAt };
  };
  try {
    const photos: Photo[] = [];
    for (let index = 0; index < count; index += 8)
      photos.push(
        ...(await Promise.all(
          Array.from({ length: Math.min(8, count - index) }, (_, next) => make(index + next)),
        )),
      );
    return photos;
  } finally {
    await exiftool.end();
  }
}

/** Makes it another file of the same size and with the same metadata, so that no round uploads a duplicate. */
export function renew({ bytes, idAt }: Photo): void {
  bytes.write(randomUUID().replaceAll("-", ""), idAt, "latin1");
}
