import { execFile } from "node:child_process";
import { Agent } from "node:http";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { parseArgs, promisify } from "node:util";
import { startProgram } from "./server.ts";
import { answerOf, judge, scores, type Answer, type Judged } from "./media-score/judge.ts";
import { send } from "./multipart-client.ts";
import { readTruth } from "./media-score/truth.ts";

const run = promisify(execFile);

const usage = `Usage: npx tsx bench/media-score.ts FOLDER [--program CHECKOUT] [--output FILE] [--list]
Uploads every file of FOLDER to a server of its own, and compares its answers with exiftool, file and ffprobe.
  --program  the checkout whose program is started; this one when left out
  --output   writes every answer and its truth as JSON
  --list     prints every disagreement`;

const clients = 3;
const exiftool = join(
  dirname(createRequire(import.meta.url).resolve("exiftool-vendored.pl/package.json")),
  "bin/exiftool",
);

const query = `mutation ($file: Upload!) { uploadEntity(input: { file: $file, onDuplicate: RETURN_EXISTING }) { status entity {
  id mimeType type width height duration capturedAt problems { code message } thumbnail(width: 320) { url width height } } } }`;

async function listFiles(folder: string): Promise<string[]> {
  const names = (await readdir(folder, { recursive: true })).map((name) => join(folder, name));
  const sizes = await Promise.all(names.map(async (name) => ({ name, stats: await stat(name) })));
  return sizes
    .filter(({ stats }) => stats.isFile() && stats.size > 0)
    .map(({ name }) => name)
    .sort();
}

/** One upload, and the first fetch of its thumbnail. */
async function ask(url: string, agent: Agent, path: string): Promise<Answer> {
  const bytes = await readFile(path);
  const answer = await send({ url, agent, name: basename(path), bytes, size: bytes.length }, query);
  const found = answerOf(JSON.parse(answer));
  if (found.thumbnailUrl == null) return found;
  const response = await fetch(new URL(found.thumbnailUrl, url));
  await response.arrayBuffer();
  return { ...found, isShown: response.status === 200 };
}

async function scoreFolder(folder: string, program: string): Promise<Judged[]> {
  const dir = await mkdtemp(join(tmpdir(), "colan-score-"));
  const server = await startProgram(program, dir, { DERIVATIVES_AHEAD: "false", RATE_LIMIT_MAX: "0" });
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const judged: Judged[] = [];
  try {
    const left = (await listFiles(folder)).values();
    const one = async () => {
      for (const path of left) {
        const [answer, truth] = await Promise.all([
          ask(server.url, agent, path),
          readTruth(run, exiftool, path),
        ]);
        judged.push(judge(path.slice(folder.length + 1), answer, truth));
      }
    };
    await Promise.all(Array.from({ length: clients }, one));
    return judged.sort((a, b) => (a.name < b.name ? -1 : 1));
  } finally {
    agent.destroy();
    await server.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    program: { type: "string", default: resolve(import.meta.dirname, "..") },
    output: { type: "string" },
    list: { type: "boolean", default: false },
  },
});
const [folder] = positionals;
if (folder == null) process.stdout.write(`${usage}\n`);
else {
  const judged = await scoreFolder(resolve(folder), resolve(values.program));
  process.stdout.write(`${scores(judged, values.list)}\n`);
  if (values.output != null) await writeFile(values.output, JSON.stringify(judged, null, 1));
}
