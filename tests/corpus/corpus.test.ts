import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { httpStatusOf } from "../../src/errors.ts";
import { corpusDir } from "../support/corpus.ts";
import { spawnServer, type SpawnedServer } from "../support/spawned-server.ts";
import { expectConsistent, md5Of, sha256Of, tryUpload } from "../support/uploading.ts";

const run = promisify(execFile);
const isAbsent = !existsSync(corpusDir);
if (isAbsent) console.warn(`The corpus is not tested: there is no ${corpusDir} (set CORPUS_DIR)`);

const clients = 8;

/** One file and what became of it. */
interface Fate extends Awaited<ReturnType<typeof tryUpload>> {
  readonly path: string;
  readonly md5: string;
  readonly sha256: string;
  readonly size: number;
}

/** What exiftool itself says of a file, numbers unformatted. */
interface Said {
  readonly SourceFile: string;
  readonly "File:MIMEType"?: string;
  readonly "File:ImageWidth"?: number;
  readonly "File:ImageHeight"?: number;
  readonly "EXIF:ImageWidth"?: number;
  readonly "EXIF:ImageHeight"?: number;
  readonly "EXIF:Orientation"?: number;
  readonly "EXIF:DateTimeOriginal"?: string;
}

async function listCorpus(): Promise<string[]> {
  const entries = await readdir(corpusDir, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

async function uploadAll(server: SpawnedServer, paths: readonly string[]): Promise<Fate[]> {
  const fates: Fate[] = [];
  const waiting = [...paths];
  const client = async () => {
    for (let path = waiting.shift(); path != null; path = waiting.shift()) {
      const bytes = await readFile(path);
      const answer = await tryUpload(server, bytes, { name: path });
      fates.push({ ...answer, path, md5: md5Of(bytes), sha256: sha256Of(bytes), size: bytes.length });
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return fates;
}

/** One run over the whole folder; exit code 1 only says that some files were unreadable. */
async function askExiftool(): Promise<Map<string, Said>> {
  const home = dirname(createRequire(import.meta.url).resolve("exiftool-vendored.pl/package.json"));
  const tags = [
    "File:MIMEType",
    "File:ImageWidth",
    "File:ImageHeight",
    "EXIF:ImageWidth",
    "EXIF:ImageHeight",
  ];
  const more = ["EXIF:Orientation", "EXIF:DateTimeOriginal"];
  const options = [
    "-config",
    "",
    "-json",
    "-n",
    "-G0",
    "-r",
    "-q",
    "-q",
    ...[...tags, ...more].map((tag) => `-${tag}`),
  ];
  const { stdout } = await run("perl", [join(home, "bin/exiftool"), ...options, "-ext", "*", corpusDir], {
    maxBuffer: 64 * 1024 * 1024,
  }).catch((error: unknown) => error as { stdout: string });
  // exiftool's answer is a list of one object for each file.
  return new Map((JSON.parse(stdout) as Said[]).map((said) => [said.SourceFile, said]));
}

/** Width and height as people see the picture: EXIF's orientations 5 to 8 are quarter turns. */
function sizeOf(said: Said): [number | undefined, number | undefined] {
  const isTiff = said["File:MIMEType"] === "image/tiff";
  const width = isTiff ? said["EXIF:ImageWidth"] : said["File:ImageWidth"];
  const height = isTiff ? said["EXIF:ImageHeight"] : said["File:ImageHeight"];
  return (said["EXIF:Orientation"] ?? 1) >= 5 ? [height, width] : [width, height];
}

describe.skipIf(isAbsent)("every file of the corpus", () => {
  let dir: string;
  let server: SpawnedServer;
  let fates: Fate[];
  let said: Map<string, Said>;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "colan-"));
    const env = { EXIFTOOL_PROCESSES: "2", UPLOAD_MIME_TYPES: "image/*,video/*,audio/*,application/pdf" };
    server = await spawnServer(dir, { env });
    fates = await uploadAll(server, await listCorpus());
    said = await askExiftool();
  }, 300_000);
  afterAll(async () => {
    await server.end("SIGTERM");
    await rm(dir, { recursive: true, force: true });
  });

  const created = () => fates.filter(({ outcome }) => outcome === "CREATED");
  const expectNone = (found: readonly unknown[]) => {
    expect(found).toEqual([]);
  };

  test("is stored or refused with a code, never with a 5xx", () => {
    expect(fates.length).toBeGreaterThan(0);
    const codes = Object.keys(httpStatusOf);
    expectNone(
      fates.filter(
        ({ status, outcome }) =>
          status >= 500 || (outcome !== "CREATED" && (outcome == null || !codes.includes(outcome))),
      ),
    );
  });

  test("is refused for one of four reasons only", () => {
    const reasons = ["CREATED", "UNSUPPORTED_MEDIA", "EMPTY_FILE", "DUPLICATE_FILE", "HASH_COLLISION"];
    expectNone(fates.filter(({ outcome }) => !reasons.includes(outcome ?? "")));
  });

  test("is stored under the checksums of its bytes", async () => {
    expectNone(
      created().filter(
        ({ entity, md5, sha256, size }) =>
          entity?.md5 !== md5 || entity.sha256 !== sha256 || entity.fileSize !== size,
      ),
    );
    expect(await expectConsistent(server)).toHaveLength(created().length);
  });

  test("has a type, a MIME type and an extension", () => {
    expectNone(
      created().filter(
        ({ entity }) =>
          entity?.type == null || entity.mimeType == null || !/^[a-z0-9]+$/.test(entity.extension!),
      ),
    );
  });

  test("is called a duplicate only when the very same bytes came before", () => {
    const known = new Map(created().map(({ sha256, entity }) => [sha256, entity?.id]));
    expectNone(
      fates.filter(
        ({ outcome, sha256, extensions }) =>
          outcome === "DUPLICATE_FILE" &&
          known.get(sha256) !== (extensions?.["existing"] as { id: string } | undefined)?.id,
      ),
    );
  });

  test("leaves the server alive and at peace", async () => {
    const health = await fetch(`${server.url}/health`);
    expect(health.status).toBe(200);
    expect(process.kill(server.pid, 0)).toBe(true);
  });

  test("of one MD5 and other bytes is refused as HASH_COLLISION", () => {
    const pairs = fates.filter(({ path }) => path.includes("/md5-collisions/"));
    for (const { md5 } of pairs) {
      const outcomes = pairs.filter((twin) => twin.md5 === md5).map(({ outcome }) => outcome);
      expect(outcomes.sort()).toEqual(["CREATED", "HASH_COLLISION"]);
    }
  });

  test("that is a JPEG or a TIFF is as wide and high as exiftool says, upright", () => {
    const pictures = created().filter(({ entity }) => /^image\/(jpeg|tiff)$/.test(entity?.mimeType ?? ""));
    const told = pictures.flatMap(({ path, entity }) => {
      const [width, height] = sizeOf(said.get(path)!);
      return width == null || height == null ? [] : [{ path, entity, width, height }];
    });
    expect(told.length).toBeGreaterThan(pictures.length / 2);
    expectNone(
      told
        .filter(({ entity, width, height }) => entity?.width !== width || entity.height !== height)
        .map(({ path, entity, width, height }) => ({
          path,
          got: [entity?.width, entity?.height],
          width,
          height,
        })),
    );
  });

  test("that is a JPEG or a TIFF was captured when exiftool says", () => {
    const dated = created().flatMap(({ path, entity }) => {
      const date = said.get(path)?.["EXIF:DateTimeOriginal"];
      if (!/^image\/(jpeg|tiff)$/.test(entity?.mimeType ?? "") || date == null) return [];
      const [, year, month, day, time] = /^(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)$/.exec(date) ?? [];
      if (year == null || year === "0000" || month === "00" || day === "00") return [];
      return [{ path, local: entity?.captured?.local ?? null, wanted: `${year}-${month!}-${day!}T${time!}` }];
    });
    expect(dated.length).toBeGreaterThan(10);
    expectNone(dated.filter(({ local, wanted }) => !local?.startsWith(wanted)));
  });
});
