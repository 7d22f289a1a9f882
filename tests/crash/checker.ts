/**
 * Checks a library, from its database and its files alone: nothing of the program is imported, so that
 * its mistakes are not repeated here. `npx tsx tests/crash/checker.ts DATABASE MEDIA_DIR`
 * prints the violations, and exits with 1 if there are any.
 */
import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkRows } from "./checker-rows.ts";
import { reading, type Query } from "./reading.ts";

export interface CheckOptions {
  /** Path of SQLite's file, or a URL of PostgreSQL's. */
  readonly database: string;
  readonly mediaDir: string;
  /** Whether a server has started on it since: what a killed one left half done must be gone then. */
  readonly isRecovered: boolean;
  /** Originals up to this id have rows only, as `bench/seed.ts` makes them; 0 for none. */
  readonly rowsOnlyUntil?: number;
  /** When the server that works on it was started, UTC milliseconds: drafts of derivatives since then are its own. */
  readonly servedSince?: number;
  /** Paths, inodes and times of files whose bytes were right before, which are not read again. */
  readonly known?: Set<string>;
}

interface OriginalRow {
  readonly id: number;
  readonly md5: string;
  readonly sha256: string;
  readonly fileSize: number;
  readonly filePath: string;
}

/** @returns what is wrong, each line with its invariant; nothing when all is well. */
export const check = (options: CheckOptions): Promise<string[]> =>
  reading(options.database, async (database) => [
    ...(await checkRows(database, options.isRecovered)),
    ...(await checkFiles(database.query, options)),
  ]);

async function checkFiles(query: Query, options: CheckOptions): Promise<string[]> {
  const { mediaDir, isRecovered, rowsOnlyUntil = 0, servedSince = Infinity, known = new Set() } = options;
  const wrong: string[] = [];
  const originals = await query<OriginalRow>(
    `SELECT "id", "md5", "sha256", "fileSize", "filePath" FROM "Original" WHERE "id" > ?`,
    rowsOnlyUntil,
  );
  const files = new Set(filesBelow(mediaDir).filter((path) => !path.startsWith(".")));
  for (const original of originals) {
    const fault = faultOf(mediaDir, original, known);
    if (fault != null) wrong.push(`I1 ${original.filePath}: ${fault}`);
    files.delete(original.filePath);
  }
  // Before recovery a staged name may still lead to them.
  const staged = filesBelow(join(mediaDir, ".staging"));
  const removals = new Set(
    (await query<{ filePath: string }>(`SELECT * FROM "FileRemoval"`)).map((row) => row.filePath),
  );
  const isAwaited = (path: string) =>
    !isRecovered &&
    (removals.has(path) || staged.some((name) => name.endsWith(`~${path.replaceAll("/", "~")}`)));
  for (const path of files) if (!isAwaited(path)) wrong.push(`I2 ${path}: no row has it`);
  if (isRecovered) {
    for (const name of staged) wrong.push(`I3 .staging/${name} was left`);
    const drafts = join(mediaDir, ".derivatives", ".drafts");
    for (const name of filesBelow(drafts)) {
      const begun = lstatSync(join(drafts, name), { throwIfNoEntry: false })?.birthtimeMs ?? Infinity;
      if (begun < servedSince) wrong.push(`I3 .derivatives/.drafts/${name} was left`);
    }
    for (const path of removals) wrong.push(`I3 the removal of ${path} was not done`);
    wrong.push(...(await checkDerivatives(query, mediaDir)));
  }
  return wrong;
}

function faultOf(mediaDir: string, row: OriginalRow, known: Set<string>): string | undefined {
  if (!new RegExp(`^\\d{4,6}/\\d\\d/\\d\\d/${row.md5}\\.[a-z0-9]+$`).test(row.filePath))
    return "no such name";
  const path = join(mediaDir, row.filePath);
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat == null) return "missing";
  if (!stat.isFile()) return "no regular file";
  if (stat.size !== row.fileSize) return `${stat.size} bytes instead of ${row.fileSize}`;
  const key = `${path} ${stat.ino} ${stat.mtimeMs} ${stat.size}`;
  if (known.has(key)) return undefined;
  const bytes = readFileSync(path);
  if (createHash("md5").update(bytes).digest("hex") !== row.md5) return "other bytes (MD5)";
  if (createHash("sha256").update(bytes).digest("hex") !== row.sha256) return "other bytes (SHA-256)";
  known.add(key);
  return undefined;
}

/** `.derivatives/{md5[0..2]}/{md5}/{sha256}/{name}` */
async function checkDerivatives(query: Query, mediaDir: string): Promise<string[]> {
  const originals = new Map(
    (await query<OriginalRow>(`SELECT "md5", "sha256" FROM "Original"`)).map(({ md5, sha256 }) => [
      md5,
      sha256,
    ]),
  );
  return filesBelow(join(mediaDir, ".derivatives")).flatMap((path) => {
    const [, md5 = "", sha256] = path.split("/");
    if (path.startsWith(".") || originals.get(md5) === sha256) return [];
    return [`I9 .derivatives/${path} belongs to no original`];
  });
}

/** Paths relative to the folder; nothing when there is none. */
function filesBelow(dir: string, inside = ""): string[] {
  try {
    return readdirSync(join(dir, inside), { withFileTypes: true }).flatMap((entry) => {
      const path = join(inside, entry.name);
      return entry.isDirectory() ? filesBelow(dir, path) : [path];
    });
  } catch (error) {
    // A folder may go while a server removes what it held.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

const [, program, database, mediaDir] = process.argv;
if (program != null && basename(program) === basename(fileURLToPath(import.meta.url))) {
  if (database == null || mediaDir == null) {
    console.error("checker.ts DATABASE MEDIA_DIR");
    process.exit(64);
  }
  const wrong = await check({ database, mediaDir, isRecovered: true });
  for (const line of wrong) console.log(line);
  console.log(wrong.length === 0 ? "whole" : `${wrong.length} wrong`);
  process.exit(wrong.length === 0 ? 0 : 1);
}
