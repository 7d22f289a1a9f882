import { copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { Agent } from "node:http";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { lookAtDatabase } from "../src/database/sqlite/library-row.ts";
import { writeLibraryMark } from "../src/storage/local/library-mark.ts";
import { applyLoad } from "./load.ts";
import { median } from "./median.ts";
import { upload } from "./multipart-client.ts";
import { makePhotos, renew, type Photo } from "./photos.ts";
import { cpuMsOf } from "./process-usage.ts";
import { startProgram, type Server } from "./server.ts";

const usage = `Usage: npx tsx bench/against.ts CHECKOUT [--theirs FILE --ours FILE] [--rounds 5] [--photos 100]
Asks this checkout and another one, both from their sources, the same in turn; prints the median of the ratios of CPU and of
time, the other one's over this one's: 1 is as quick, less is slower.
  --theirs, --ours  libraries of bench/seed.ts, of each checkout's version, for page, get and search; without them only
                    uploads of photographs are measured`;

/** As `applyLoad` measures it; the lower, the better. */
interface Cost {
  readonly cpuMs: number;
  readonly wallMs: number;
}

const clients = 4;
const secondsEach = 3;

async function uploadAll({ url, pid }: Server, photos: readonly Photo[]): Promise<Cost> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const [cpuBefore, startedAt] = [await cpuMsOf(pid), performance.now()];
  const left = photos.values();
  const one = async () => {
    for (const photo of left) {
      renew(photo);
      const { bytes, path } = photo;
      await upload({ url, agent, name: basename(path), bytes, size: bytes.length });
    }
  };
  await Promise.all(Array.from({ length: clients }, one));
  agent.destroy();
  const wallMs = (performance.now() - startedAt) / photos.length;
  return { cpuMs: ((await cpuMsOf(pid)) - cpuBefore) / photos.length, wallMs };
}

const queries = {
  page: `{ entities(limit: 20) { items { id label originalName mimeType width height capturedAt addedAt } pagination { totalItems hasNext } } }`,
  get: `{ entity(id: "500") { id label originalName mimeType width height capturedAt addedAt version } }`,
  search: `{ search(text: "harbour", limit: 20) { items { score entity { id label } } pagination { totalItems } } }`,
};

async function load(server: Server, query: string): Promise<Cost> {
  const until = { duration: secondsEach };
  const { cpu, perSecond } = await applyLoad({ server, query, connections: clients, until });
  return { cpuMs: cpu, wallMs: 1000 / perSecond };
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    theirs: { type: "string" },
    ours: { type: "string" },
    rounds: { type: "string", default: "5" },
    photos: { type: "string", default: "100" },
  },
});
const [other] = positionals;
if (other == null) throw new Error(usage);

const dir = await mkdtemp(join(tmpdir(), "colan-against-"));
const checkouts = [resolve(other), resolve(import.meta.dirname, "..")];
const settings = { RESPONSE_CACHE_BYTES_MAX: "0", DERIVATIVES_AHEAD: "false" };
const servers: Server[] = [];
for (const [index, checkout] of checkouts.entries()) {
  const place = join(dir, String(index));
  await mkdir(place);
  const seeded = index === 0 ? values.theirs : values.ours;
  if (seeded != null) {
    const path = join(place, "store.db");
    await copyFile(seeded, path);
    // A seeded library has no files, and any folder is its own.
    const id = await lookAtDatabase(path, ({ library }) => Promise.resolve(library?.id));
    if (id != null) await writeLibraryMark(join(place, "media_files"), id);
  }
  servers.push(await startProgram(checkout, place, settings));
}
try {
  const photos = await makePhotos(join(dir, "photos"), Number(values.photos));
  const works = new Map<string, (server: Server) => Promise<Cost>>([
    ["upload", (server) => uploadAll(server, photos)],
  ]);
  if (values.theirs != null && values.ours != null)
    for (const [name, query] of Object.entries(queries)) works.set(name, (server) => load(server, query));
  for (const [name, work] of works) {
    const ratios: Cost[] = [];
    const costs: Cost[][] = [];
    // Round 0 warms up; who begins changes, since the second one finds a warmer machine.
    for (let round = 0; round <= Number(values.rounds); round++) {
      const found: Cost[] = [];
      for (const index of round % 2 === 0 ? [0, 1] : [1, 0]) found[index] = await work(servers[index]!);
      const [theirs, ours] = found as [Cost, Cost];
      if (round === 0) continue;
      costs.push(found);
      ratios.push({ cpuMs: theirs.cpuMs / ours.cpuMs, wallMs: theirs.wallMs / ours.wallMs });
    }
    const ms = (index: number, what: keyof Cost) =>
      median(costs.map((found) => found[index]![what])).toFixed(3);
    const ratio = (what: keyof Cost) => median(ratios.map((one) => one[what])).toFixed(3);
    console.log(
      `${name}: CPU ${ms(0, "cpuMs")} → ${ms(1, "cpuMs")} ms (${ratio("cpuMs")}), time ${ms(0, "wallMs")} → ${ms(1, "wallMs")} ms (${ratio("wallMs")})`,
    );
  }
} finally {
  await Promise.all(servers.map((server) => server.stop()));
  await rm(dir, { recursive: true, force: true });
}
