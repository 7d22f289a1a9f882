import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pino } from "pino";
import { readConfig } from "../../../src/config/config.ts";
import { Closers, openLibrary } from "../../../src/app/library.ts";
import { colan } from "../../support/colan.ts";

/**
 * `npm run test:verify [-- files [bytes]]`: a library of so many files, 47 of them spoiled or strange. What
 * `colan verify --deep` finds is compared with what was done, and its reading with sha256sum's of the same files.
 */
const [filesText = "10000", bytesText = "100000"] = process.argv.slice(2);
const [files, bytesEach] = [Number(filesText), Number(bytesText)];
const seed = Number(process.env["SEED"] ?? Date.now() % 2 ** 31);
console.log(`seed ${seed}, ${files} files of about ${bytesEach} bytes`);

/** Mulberry32. */
function random(state: number): () => number {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
const next = random(seed);
const below = (limit: number) => Math.floor(next() * limit);

const dir = mkdtempSync(join(tmpdir(), "colan-verify-"));
const library = { databasePath: join(dir, "media_store.db"), mediaDir: join(dir, "media_files") };
const at = (path: string) => join(library.mediaDir, path);

function makeFile(day: string) {
  const bytes = randomBytes(bytesEach + below(bytesEach));
  const md5 = createHash("md5").update(bytes).digest("hex");
  const filePath = `${day}/${md5}.jpg`;
  mkdirSync(dirname(at(filePath)), { recursive: true });
  writeFileSync(at(filePath), bytes);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { md5, sha256, filePath, fileSize: BigInt(bytes.length), mimeType: "image/jpeg", extension: "jpg" };
}

async function fill(): Promise<string[]> {
  const config = readConfig({ DATABASE_URL: `file:${library.databasePath}`, MEDIA_DIR: library.mediaDir });
  const closers = new Closers();
  const { db } = await openLibrary(
    { config, log: pino({ level: "silent" }), clock: { now: Date.now } },
    closers,
  );
  const paths: string[] = [];
  const opening = { operation: "plant", actor: null, reason: null };
  const lot = 500;
  for (let done = 0; done < files; done += lot) {
    const day = `2024/01/${String(1 + ((done / lot) % 28)).padStart(2, "0")}`;
    await db.transaction(opening, async ({ prisma }) => {
      for (let index = 0; index < Math.min(lot, files - done); index++) {
        const made = makeFile(day);
        const row = { ...made, storedAt: new Date(), metadata: "{}" };
        const original = await prisma.original.create({ data: row, select: { id: true } });
        await prisma.entity.create({
          data: { ...made, originalId: original.id, type: "IMAGE", label: made.md5 },
        });
        paths.push(made.filePath);
      }
    });
  }
  await closers.close();
  return paths;
}

/** @returns what verifying has to find. */
function spoil(paths: string[]): Set<string> {
  const take = () => paths.splice(below(paths.length), 1)[0]!;
  const planted = new Set<string>();
  for (let count = 0; count < 20; count++) {
    const path = take();
    const bytes = readFileSync(at(path));
    bytes[below(bytes.length)]! ^= 1 << below(8);
    writeFileSync(at(path), bytes);
    planted.add(`FILE_BYTES ${path}`);
  }
  for (let count = 0; count < 10; count++) {
    const path = take();
    rmSync(at(path));
    planted.add(`FILE_MISSING ${path}`);
  }
  for (let count = 0; count < 10; count++) {
    const path = `${dirname(paths[count]!)}/${count % 2 === 0 ? createHash("md5").update(String(count)).digest("hex") : `.odd-${count}`}.jpg`;
    writeFileSync(at(path), `stranger ${count}`);
    planted.add(`STRANGER ${path}`);
  }
  for (let count = 0; count < 5; count++) {
    const path = take();
    renameSync(at(path), join(dir, `elsewhere-${count}`));
    symlinkSync(join(dir, `elsewhere-${count}`), at(path));
    planted.add(`FILE_IS_LINK ${path}`);
  }
  const [one, other] = [take(), take()];
  copyFileSync(at(one), join(dir, "swap"));
  renameSync(at(other), at(one));
  renameSync(join(dir, "swap"), at(other));
  // Of other sizes, mostly.
  for (const path of [one, other]) planted.add(`SWAPPED ${path}`);
  return planted;
}

interface Found {
  readonly kind?: string;
  readonly path?: string;
  readonly summary?: { readonly bytes: number; readonly seconds: number };
}

try {
  const paths = await fill();
  const healthy = await colan(library, ["verify", "--deep"]);
  console.log(`healthy: exit ${healthy.code}, ${healthy.stdout.trim()}`);
  const time = (work: () => unknown) => {
    const from = performance.now();
    work();
    return (performance.now() - from) / 1000;
  };
  const sums = () => {
    execFileSync("sh", ["-c", `find 20* -type f -print0 | xargs -0 sha256sum > /dev/null`], {
      cwd: library.mediaDir,
    });
  };
  for (let round = 1; round <= 3; round++) {
    const { stdout } = await colan(library, ["verify", "--deep", "--json"]);
    const { summary } = JSON.parse(stdout.trim().split("\n").at(-1)!) as Found;
    const sumSeconds = time(sums);
    const speed = (summary!.bytes / 1e6 / summary!.seconds).toFixed(0);
    const ratio = sumSeconds / summary!.seconds;
    console.log(
      `round ${round}: verify --deep ${speed} MB/s, sha256sum ${(summary!.bytes / 1e6 / sumSeconds).toFixed(0)} MB/s, ratio ${ratio.toFixed(2)}`,
    );
  }
  const planted = spoil(paths);
  const { code, stdout } = await colan(library, ["verify", "--deep", "--json"]);
  const found = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Found)
    .filter(({ kind }) => kind != null);
  const isPlanted = ({ kind, path }: Found) =>
    planted.delete(`${kind} ${path}`) ||
    (/^FILE_(BYTES|SIZE)$/.test(kind!) && planted.delete(`SWAPPED ${path}`));
  const rest = found.filter((finding) => !isPlanted(finding));
  console.log(`exit ${code}: found ${47 - planted.size} of 47, ${rest.length} false`);
  if (planted.size > 0 || rest.length > 0) {
    console.log({ missed: [...planted], rest });
    process.exitCode = 1;
  }
} finally {
  rmSync(dir, { recursive: true, force: true });
}
