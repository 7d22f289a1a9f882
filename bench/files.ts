import { createReadStream } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { Agent, get, type IncomingMessage } from "node:http";
import { join } from "node:path";
import autocannon from "autocannon";
import { ask } from "./load.ts";
import { median } from "./median.ts";
import { upload } from "./multipart-client.ts";
import type { Options } from "./options.ts";
import { makePhotos } from "./photos.ts";
import { makeRecording } from "./recording-upload.ts";
import { atLeast, type Figure, type Finding } from "./report.ts";
import { startBareFiles, startStore, type Server } from "./server.ts";

const recordingMiB = 100;
/** A round of the large file is this many downloads of it. */
const downloads = 8;
const connections = 16;

/** One contestant's way to the same bytes. */
interface Target {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const begin = ({ url, headers = {} }: Target, agent: Agent) =>
  new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { agent, headers }, resolve).once("error", reject);
  });

/** @returns the bytes of the answer. @throws unless it is 200. */
async function download(target: Target, agent: Agent): Promise<Buffer> {
  const response = await begin(target, agent);
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  if (response.statusCode !== 200) throw new Error(`${target.url} was answered with ${response.statusCode}`);
  return Buffer.concat(chunks);
}

/** @returns MB per second of downloads one behind the other, whose bytes nobody looks at. */
async function speed(target: Target, agent: Agent): Promise<number> {
  const startedAt = performance.now();
  let bytes = 0;
  for (let count = 0; count < downloads; count++) {
    const response = await begin(target, agent);
    response.on("data", (chunk: Buffer) => (bytes += chunk.length));
    await new Promise((resolve, reject) => response.once("end", resolve).once("error", reject));
  }
  return bytes / 1e3 / (performance.now() - startedAt);
}

/** @returns answers per second. @throws when one has another status. */
async function rate({ url, headers = {} }: Target, status: 200 | 304, seconds: number): Promise<number> {
  const run = autocannon({ url, method: "GET", headers, connections, duration: seconds });
  const result = await run;
  const right = status === 304 ? result["3xx"] : result["2xx"];
  if (result.errors + result.timeouts > 0 || right !== result.requests.total)
    throw new Error(`only ${right} of ${result.requests.total} answers from ${url} were ${status}`);
  return right / result.duration;
}

/** Floor and work in turn. @param round 0 warms up caches and compilers. */
async function compare(
  { rounds }: Options,
  floor: Target,
  work: Target,
  measure: (target: Target) => Promise<number>,
) {
  const found = { floor: [] as number[], work: [] as number[] };
  for (let round = 0; round <= rounds; round++) {
    const [floors, works] = [await measure(floor), await measure(work)];
    if (round === 0) continue;
    found.floor.push(floors);
    found.work.push(works);
  }
  return {
    floor: median(found.floor),
    work: median(found.work),
    ratio: median(found.work.map((value, index) => value / found.floor[index]!)),
  };
}

interface Item {
  readonly fileUrl: string;
  readonly thumbnail: { readonly url: string } | null;
}

/** Uploads a recording and a photograph, and makes the photograph's thumbnail. */
async function fill(store: Server, dir: string, agent: Agent) {
  const path = join(dir, "large.wav");
  await makeRecording(path, recordingMiB);
  const size = recordingMiB * 1024 * 1024 + 44;
  const bytes = createReadStream(path, { highWaterMark: 1024 * 1024 });
  await upload({ url: store.url, agent, name: "large.wav", bytes, size });
  const [photo] = await makePhotos(join(dir, "file-photos"), 1);
  await upload({ url: store.url, agent, name: "photo.jpg", bytes: photo!.bytes, size: photo!.bytes.length });
  const fields = "fileUrl thumbnail(width: 320) { url }";
  const query = `{ large: entity(id: 1) { ${fields} } photo: entity(id: 2) { ${fields} } }`;
  // The shape that the query asks for.
  const { large, photo: shown } = (await ask(store.url, query)) as { large: Item; photo: Item };
  const absolute = (url: string) => new URL(url, store.url).href;
  return { large: absolute(large.fileUrl), thumbnail: absolute(shown.thumbnail!.url) };
}

const perSecond = (value: number) => `${value.toFixed(0)}/s`;
const MBs = (value: number) => `${value.toFixed(0)} MB/s`;

async function measureAll(store: Server, bare: Server, dir: string, options: Options): Promise<Figure[]> {
  const agent = new Agent({ keepAlive: true });
  const floorUrl = (name: string) => new URL(`/${name}`, bare.url).href;
  try {
    const { large, thumbnail } = await fill(store, dir, agent);
    const small = await download({ url: thumbnail }, agent);
    await writeFile(join(dir, "thumbnail.webp"), small);
    const etag = String((await begin({ url: thumbnail }, agent)).resume().headers.etag);

    const seconds = options.roundSeconds;
    const whole = await compare(options, { url: floorUrl("large.wav") }, { url: large }, (target) =>
      speed(target, agent),
    );
    const warm = await compare(options, { url: floorUrl("thumbnail.webp") }, { url: thumbnail }, (target) =>
      rate(target, 200, seconds),
    );
    const known = {
      url: large,
      headers: { "if-none-match": `"${/([0-9a-f]{64})\./.exec(large)?.[1] ?? ""}"` },
    };
    const unchanged = { url: floorUrl("unchanged"), headers: { "if-none-match": etag } };
    const same = await compare(options, unchanged, known, (target) => rate(target, 304, seconds));
    return [
      {
        work: `original of ${recordingMiB} MiB`,
        measured: MBs(whole.work),
        floor: `send alone: ${MBs(whole.floor)}`,
        ratio: whole.ratio,
        goal: atLeast(0.9),
      },
      {
        work: `thumbnail of ${(small.length / 1000).toFixed(0)} KB, warm`,
        measured: perSecond(warm.work),
        floor: `send alone, same bytes: ${perSecond(warm.floor)}`,
        ratio: warm.ratio,
        goal: atLeast(0.9),
      },
      {
        work: "304 for an original",
        measured: perSecond(same.work),
        floor: `bare node:http: ${perSecond(same.floor)}`,
        ratio: same.ratio,
        goal: atLeast(0.5),
      },
    ];
  } finally {
    agent.destroy();
  }
}

/** Files out: bytes against the sender alone, and answers without bytes against a handler that knows nothing. */
export async function measureFiles(dir: string, options: Options): Promise<Finding> {
  const folder = join(dir, "files");
  await mkdir(folder, { recursive: true });
  const store = await startStore(join(dir, "file-store"), undefined, { DERIVATIVES_AHEAD: "false" });
  const bare = await startBareFiles(folder);
  try {
    return {
      figures: await measureAll(store, bare, folder, options),
      notes: [
        `Files: \`send\` on node:http in a process of its own serves the same bytes; the large file ${downloads} times a ` +
          `round over one connection, thumbnails and 304s by ${connections} connections of autocannon for ` +
          `${options.roundSeconds} s a round, ${options.rounds} rounds, both in turn.`,
      ],
    };
  } finally {
    await Promise.all([store.stop(), bare.stop()]);
  }
}
