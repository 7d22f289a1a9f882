import { Agent } from "node:http";
import { basename, join } from "node:path";
import { readConfig } from "../src/config/config.ts";
import { openTagReader } from "../src/media/facts/exiftool.ts";
import { median } from "./median.ts";
import { upload } from "./multipart-client.ts";
import type { Options } from "./options.ts";
import { makePhotos, renew, type Photo } from "./photos.ts";
import { atLeast, type Finding } from "./report.ts";
import { startStore } from "./server.ts";

const clients = 8;

/** Works through a list with so many at it at once; @returns files per second. */
async function paced(photos: readonly Photo[], work: (photo: Photo) => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  const left = photos.values();
  // All of them draw from the same iterator.
  const one = async () => {
    for (const photo of left) await work(photo);
  };
  await Promise.all(Array.from({ length: clients }, one));
  return (photos.length * 1000) / (performance.now() - startedAt);
}

/** Small uploads over HTTP against exiftool alone, read by the program's own reader with as many processes. */
export async function measurePhotoUpload(dir: string, options: Options): Promise<Finding> {
  const photos = await makePhotos(join(dir, "photos"), options.photos);
  const config = readConfig({});
  const silent = { warn: () => undefined };
  const server = await startStore(join(dir, "photo-store"));
  const reader = openTagReader({ config, log: silent });
  const agent = new Agent({ keepAlive: true, maxSockets: clients });

  const read = async ({ path }: Photo) => {
    const reading = await reader.read(path, true);
    if ("failure" in reading) throw new Error(reading.failure);
  };
  const send = async (photo: Photo) => {
    renew(photo);
    const { bytes, path } = photo;
    await upload({ url: server.url, agent, name: basename(path), bytes, size: bytes.length });
  };
  try {
    const floors: number[] = [];
    const uploads: number[] = [];
    // Round 0 starts the processes and warms up the compiler.
    for (let round = 0; round <= options.rounds; round++) {
      const floor = await paced(photos, read);
      const sent = await paced(photos, send);
      if (round === 0) continue;
      floors.push(floor);
      uploads.push(sent);
    }
    return finding(photos, { floors, uploads, processes: config.exiftoolProcesses, rounds: options.rounds });
  } finally {
    agent.destroy();
    await Promise.all([server.stop(), reader.close()]);
  }
}

function finding(
  photos: readonly Photo[],
  found: { floors: readonly number[]; uploads: readonly number[]; processes: number; rounds: number },
): Finding {
  const { floors, uploads, processes, rounds } = found;
  const kilobytes = median(photos.map(({ bytes }) => bytes.length)) / 1000;
  return {
    figures: [
      {
        work: `upload of small JPEGs, ${clients} clients`,
        measured: `${median(uploads).toFixed(1)} files/s`,
        floor: `exiftool alone, ${processes} processes: ${median(floors).toFixed(1)} files/s`,
        ratio: median(uploads.map((sent, index) => sent / floors[index]!)),
        goal: atLeast(0.8),
      },
    ],
    notes: [
      `Small uploads: ${photos.length} JPEGs of 1600 × 1200 pixels, ${kilobytes.toFixed(0)} KB each with EXIF, ` +
        `IPTC, XMP and a place, one \`uploadEntity\` each over keep-alive connections; ${rounds} rounds. ` +
        `The floor reads the same files with the same arguments through as many exiftool processes, ` +
        `${clients} readings under way.`,
    ],
  };
}
