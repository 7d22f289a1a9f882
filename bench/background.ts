import { Agent } from "node:http";
import { basename, join } from "node:path";
import { median } from "./median.ts";
import { upload } from "./multipart-client.ts";
import type { Options } from "./options.ts";
import { makePhotos, renew, type Photo } from "./photos.ts";
import { atLeast, type Finding } from "./report.ts";
import { startStore, type Server } from "./server.ts";

const clients = 8;

/** @returns files per second. */
async function uploadAll(server: Server, photos: readonly Photo[], agent: Agent): Promise<number> {
  const startedAt = performance.now();
  const left = photos.values();
  const one = async () => {
    for (const photo of left) {
      renew(photo);
      const { bytes, path } = photo;
      await upload({ url: server.url, agent, name: basename(path), bytes, size: bytes.length });
    }
  };
  await Promise.all(Array.from({ length: clients }, one));
  return (photos.length * 1000) / (performance.now() - startedAt);
}

/** Uploads while the background makes thumbnails of what came before, against the same uploads without it. */
export async function measureBackground(dir: string, options: Options): Promise<Finding> {
  const photos = await makePhotos(join(dir, "background-photos"), options.photos);
  const servers = {
    without: await startStore(join(dir, "quiet-store"), undefined, { DERIVATIVES_AHEAD: "false" }),
    with: await startStore(join(dir, "ahead-store")),
  };
  const agent = new Agent({ keepAlive: true, maxSockets: 2 * clients });
  const found = { without: [] as number[], with: [] as number[] };
  try {
    // Round 0 leaves the background so much to do that it has not done before the last round is over.
    for (let round = 0; round <= options.rounds; round++) {
      // Left alone, it would work at full speed, and take the time from the one being measured.
      process.kill(servers.with.pid, "SIGSTOP");
      const without = await uploadAll(servers.without, photos, agent);
      process.kill(servers.with.pid, "SIGCONT");
      const background = await uploadAll(servers.with, photos, agent);
      if (round === 0) continue;
      found.without.push(without);
      found.with.push(background);
    }
  } finally {
    agent.destroy();
    await Promise.all([servers.without.stop(), servers.with.stop()]);
  }
  return {
    figures: [
      {
        work: `upload of small JPEGs with thumbnails made ahead`,
        measured: `${median(found.with).toFixed(1)} files/s`,
        floor: `without: ${median(found.without).toFixed(1)} files/s`,
        ratio: median(found.with.map((files, index) => files / found.without[index]!)),
        goal: atLeast(0.85),
      },
    ],
    notes: [
      `Background: the photographs of the small uploads, to two servers in turn, of which one makes two thumbnails of each ` +
        `in the background (320 and 1600 pixels wide).`,
    ],
  };
}
