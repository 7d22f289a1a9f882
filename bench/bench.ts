import { execFileSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { format } from "prettier";
import { measureBackground } from "./background.ts";
import { measureBulk } from "./bulk.ts";
import { measureFiles } from "./files.ts";
import { readOptions, usage, type Options } from "./options.ts";
import { measurePageRows, sizeName, type Library } from "./page.ts";
import { measurePhotoUpload } from "./photo-upload.ts";
import { measureRecordingUpload } from "./recording-upload.ts";
import { report, table, type Finding } from "./report.ts";
import { measureRepeated } from "./repeated.ts";
import { seedLibrary } from "./seed.ts";
import { startBareYoga, startStore } from "./server.ts";
import { measureThumbnails } from "./thumbnails.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

const say = (line: string) => process.stderr.write(`${line}\n`);

/** @returns the path of a library of that size; one kept by an earlier run is not seeded again. */
async function libraryOf(entities: number, dir: string): Promise<string> {
  const path = join(dir, `${entities}.db`);
  if (existsSync(path)) return path;
  const startedAt = performance.now();
  // A run that is interrupted must not leave half a library under the name of a whole one.
  const unfinished = `${path}.unfinished`;
  await rm(unfinished, { force: true });
  await seedLibrary(unfinished, entities);
  await rename(unfinished, path);
  say(`seeded ${sizeName(entities)} entities in ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
  return path;
}

async function measurePage(dir: string, options: Options): Promise<Finding> {
  const paths: string[] = [];
  for (const entities of options.entities) paths.push(await libraryOf(entities, options.libraries ?? dir));
  const bare = await startBareYoga(dir);
  const libraries: Library[] = [];
  try {
    for (const [index, entities] of options.entities.entries()) {
      // What is measured is the making of a page; a repeated one is measured by itself.
      const settings = { RESPONSE_CACHE_BYTES_MAX: "0" };
      const server = await startStore(join(dir, `page-${entities}`), paths[index], settings);
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

const measures = {
  page: measurePage,
  photos: measurePhotoUpload,
  recording: measureRecordingUpload,
  files: measureFiles,
  thumbnails: measureThumbnails,
  background: measureBackground,
  repeated: measureRepeated,
  bulk: measureLargest,
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
