import { execFileSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { format } from "prettier";
import { measureAsking } from "./asking.ts";
import { measureBackground } from "./background.ts";
import { measureBulk } from "./bulk.ts";
import { measureFiles } from "./files.ts";
import { measurePostgres } from "./postgres.ts";
import { readOptions, usage, type Options } from "./options.ts";
import { measurePageRows, type Library } from "./page.ts";
import { measurePhotoUpload } from "./photo-upload.ts";
import { measureRecordingUpload } from "./recording-upload.ts";
import { atMost, report, sizeName, table, type Figure, type Finding } from "./report.ts";
import { measureRepeated } from "./repeated.ts";
import { seedLibrary } from "./seed.ts";
import { startBareYoga, startStore } from "./server.ts";
import { measureStarting } from "./starting.ts";
import { measureThumbnails } from "./thumbnails.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

const say = (line: string) => process.stderr.write(`${line}\n`);

/** How long seeding took in this run, by the number of entities. */
const seeded = new Map<number, number>();

const librariesOf = async ({ entities, libraries }: Options, dir: string) => {
  const found: { path: string; entities: number }[] = [];
  for (const size of entities) found.push({ path: await libraryOf(size, libraries ?? dir), entities: size });
  return found;
};

/** @returns the path of a library of that size; one kept by an earlier run is not seeded again. */
async function libraryOf(entities: number, dir: string): Promise<string> {
  const path = join(dir, `${entities}.db`);
  if (existsSync(path)) return path;
  const startedAt = performance.now();
  // A run that is interrupted must not leave half a library under the name of a whole one.
  const unfinished = `${path}.unfinished`;
  await rm(unfinished, { force: true });
  await seedLibrary(unfinished, entities, say);
  await rename(unfinished, path);
  const seconds = (performance.now() - startedAt) / 1000;
  seeded.set(entities, seconds);
  say(`seeded ${sizeName(entities)} entities in ${seconds.toFixed(0)} s`);
  return path;
}

async function measurePage(dir: string, options: Options): Promise<Finding> {
  const given = await librariesOf(options, dir);
  const bare = await startBareYoga(dir);
  const libraries: Library[] = [];
  try {
    for (const { path, entities } of given) {
      // What is measured is the making of a page; a repeated one is measured by itself.
      const settings = { RESPONSE_CACHE_BYTES_MAX: "0" };
      const server = await startStore(join(dir, `page-${entities}`), path, settings);
      libraries.push({ entities, server });
    }
    return await measurePageRows(bare, libraries, options);
  } finally {
    await Promise.all([bare, ...libraries.map(({ server }) => server)].map((server) => server.stop()));
  }
}

async function measureLargest(dir: string, { entities, libraries, rounds }: Options): Promise<Finding> {
  const size = entities.at(-1) ?? 1;
  const path = await libraryOf(size, libraries ?? dir);
  return measureBulk(dir, { path, entities: size }, rounds);
}

/** A limit for a million; smaller libraries are held to their share of it. */
const seedSecondsMax = 120;

/** What seeding took, where this run has seeded. */
async function measureSeeding(dir: string, options: Options): Promise<Finding> {
  await librariesOf(options, dir);
  const figures = [...seeded].map(([entities, seconds]): Figure => {
    const limit = (seedSecondsMax * entities) / 1e6;
    return {
      work: `seeding ${sizeName(entities)} entities`,
      measured: `${seconds.toFixed(1)} s`,
      floor: `${limit.toFixed(1)} s`,
      ratio: seconds / limit,
      goal: atMost(1),
    };
  });
  return {
    figures,
    notes: [
      `Seeding: through the fast path of bench/fast-path.ts, with versions, totals and full-text index, checked afterwards; ` +
        `the limit is two minutes for a million.`,
    ],
  };
}

const measures = {
  seeding: measureSeeding,
  starting: async (dir: string, options: Options) =>
    measureStarting(dir, await librariesOf(options, dir), options.rounds),
  page: measurePage,
  asking: async (dir: string, options: Options) =>
    measureAsking(dir, await librariesOf(options, dir), options),
  photos: measurePhotoUpload,
  recording: measureRecordingUpload,
  files: measureFiles,
  thumbnails: measureThumbnails,
  background: measureBackground,
  repeated: measureRepeated,
  bulk: measureLargest,
  postgres: async (dir: string, options: Options) =>
    measurePostgres(dir, await librariesOf(options, dir), options),
};

async function bench(args: readonly string[]): Promise<void> {
  const options = readOptions(args);
  const [load = 0] = loadavg();
  execFileSync("npm", ["run", "build", "--silent"], { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
  const dir = await mkdtemp(join(tmpdir(), "colan-bench-"));
  // Not in a `finally`: gigabytes would stay behind when the bench is interrupted.
  process.on("exit", () => {
    rmSync(dir, { recursive: true, force: true });
  });
  const findings: Finding[] = [];
  for (const [part, measure] of Object.entries(measures)) {
    if (!options.only.has(part as keyof typeof measures)) continue;
    say(`measuring ${part} …`);
    const finding = await measure(dir, options);
    say(table(finding.figures));
    findings.push(finding);
  }
  const text = await format(report(findings, { options, load }), { parser: "markdown" });
  if (options.output == null) process.stdout.write(text);
  else await writeFile(resolve(root, options.output), text);
}

const args = process.argv.slice(2);
if (args.includes("--help")) process.stdout.write(`${usage}\n`);
else await bench(args);
