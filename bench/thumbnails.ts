import { mkdir, readFile } from "node:fs/promises";
import { Agent, get } from "node:http";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { ask } from "./load.ts";
import { median } from "./median.ts";
import { upload } from "./multipart-client.ts";
import type { Options } from "./options.ts";
import { atLeast, type Finding } from "./report.ts";
import { startStore, type Server } from "./server.ts";

/** A round asks for a size that no other has asked for, so that each is made for the first time. */
const widths = [320, 300, 400, 256, 480, 512, 200, 640, 160];
/** More than processes, so that none waits for a request to arrive. */
const clients = 2 * availableParallelism();

/** A JPEG of 12 megapixels, as hard to decode as a photograph. */
async function makeLargePhoto(path: string): Promise<void> {
  const noise = { type: "gaussian", mean: 128, sigma: 14 } as const;
  const create = { width: 1000, height: 750, channels: 3, background: "#808080", noise } as const;
  const clouds = await sharp({ create }).png({ compressionLevel: 0 }).toBuffer();
  await sharp(clouds).resize(4000, 3000).jpeg({ quality: 85 }).toFile(path);
}

interface Original {
  readonly id: string;
  readonly path: string;
}

/** Works through a list with so many at it at once; @returns how many a second. */
async function paced<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  const left = items.values();
  const one = async () => {
    for (const item of left) await work(item);
  };
  await Promise.all(Array.from({ length: clients }, one));
  return (items.length * 1000) / (performance.now() - startedAt);
}

/** @returns how many bytes came. @throws unless the answer is 200. */
const fetchAll = (url: string, agent: Agent) =>
  new Promise<number>((resolve, reject) => {
    get(url, { agent }, (response) => {
      let bytes = 0;
      response.on("data", (chunk: Buffer) => (bytes += chunk.length));
      response.once("end", () => {
        if (response.statusCode === 200) resolve(bytes);
        else reject(new Error(`${url} was answered with ${response.statusCode}`));
      });
      response.once("error", reject);
    }).once("error", reject);
  });

async function uploadAll(server: Server, dir: string, count: number, agent: Agent): Promise<Original[]> {
  await mkdir(dir, { recursive: true });
  const originals: Original[] = [];
  for (let index = 0; index < count; index++) {
    const path = join(dir, `large-${index}.jpg`);
    await makeLargePhoto(path);
    const bytes = await readFile(path);
    await upload({ url: server.url, agent, name: "large.jpg", bytes, size: bytes.length });
    // Ids count up from 1.
    originals.push({ id: String(index + 1), path });
  }
  return originals;
}

async function urlsOf(server: Server, originals: readonly Original[], width: number): Promise<string[]> {
  const fields = originals.map(
    ({ id }) => `e${id}: entity(id: ${id}) { thumbnail(width: ${width}) { url } }`,
  );
  // The shape that the query asks for.
  const data = (await ask(server.url, `{ ${fields.join(" ")} }`)) as Record<
    string,
    { thumbnail: { url: string } }
  >;
  return Object.values(data).map(({ thumbnail }) => new URL(thumbnail.url, server.url).href);
}

/** Thumbnails that were never asked for, against sharp alone making the same from the same files. */
export async function measureThumbnails(dir: string, options: Options): Promise<Finding> {
  const server = await startStore(join(dir, "thumbnail-store"), undefined, { DERIVATIVES_AHEAD: "false" });
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const count = Math.max(8, Math.round(options.photos / 12));
  // As in the processes of the program: as many pictures at once as there are cores, one thread each.
  sharp.concurrency(1);
  sharp.cache(false);
  const found = { floors: [] as number[], cold: [] as number[] };
  try {
    const originals = await uploadAll(server, join(dir, "large"), count, agent);
    // Round 0 starts the processes.
    for (let round = 0; round <= Math.min(options.rounds, widths.length - 1); round++) {
      const width = widths[round]!;
      const size = { width, height: Math.round((width * 3) / 4) };
      const floor = await paced(originals, async ({ path }) => {
        const picture = sharp(path).autoOrient().resize(size.width, size.height, { fit: "fill" });
        await picture.toColourspace("srgb").webp({ quality: 80, effort: 2 }).toFile(`${path}.${width}.webp`);
      });
      const urls = await urlsOf(server, originals, width);
      const cold = await paced(urls, async (url) => {
        await fetchAll(url, agent);
      });
      if (round === 0) continue;
      found.floors.push(floor);
      found.cold.push(cold);
    }
  } finally {
    agent.destroy();
    await server.stop();
  }
  return {
    figures: [
      {
        work: "thumbnail of a 12 MP JPEG, cold",
        measured: `${median(found.cold).toFixed(1)}/s`,
        floor: `sharp alone: ${median(found.floors).toFixed(1)}/s`,
        ratio: median(found.cold.map((cold, index) => cold / found.floors[index]!)),
        goal: atLeast(0.8),
      },
    ],
    notes: [
      `Cold thumbnails: ${count} JPEGs of 4000 × 3000 pixels, a size not asked for before in each of ${found.cold.length} rounds, ` +
        `WebP, ${clients} requests under way; the floor is sharp resizing the same files to the same size with the same ` +
        `settings in this process, ${clients} under way, one thread each.`,
    ],
  };
}
