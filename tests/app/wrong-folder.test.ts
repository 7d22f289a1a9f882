import { once } from "node:events";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Libsql from "libsql";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { colan } from "../support/colan.ts";
import { spawnServer, startProcess, type ServerProcess } from "../support/process.ts";
import { makeLibrary } from "./made.ts";

// A server was started with a library's database and an empty folder, as when a disk is not mounted. It said that it was
// ready, refused what it had as duplicates, and took new files onto the wrong disk. And a second server on the same
// database with another folder ran beside the first.

let dir: string;
let server: ServerProcess | undefined;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "colan-"));
  for (const [name, files] of Object.entries({ one: 1, other: 1, empty: 0 }))
    await makeLibrary(join(dir, name), files);
});
afterEach(async () => {
  await server?.end("SIGKILL");
  server = undefined;
});
afterAll(() => rm(dir, { recursive: true, force: true }));

/** Every name below a folder with the checksum of its bytes; what SQLite keeps beside an open database is left out. */
async function contentsOf(path: string): Promise<Record<string, string>> {
  if (!existsSync(path)) return {};
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const named = entries
    .filter(({ name }) => !/-(wal|shm)$/.test(name))
    .map(async (entry) => {
      const at = join(entry.parentPath, entry.name);
      const bytes = entry.isFile()
        ? createHash("md5")
            .update(await readFile(at))
            .digest("hex")
        : "";
      return [at.slice(path.length), bytes] as const;
    });
  return Object.fromEntries((await Promise.all(named)).sort(([one], [two]) => (one < two ? -1 : 1)));
}

/** A copy of the prepared libraries, to be spoilt. */
async function makeScene() {
  const scene = await mkdtemp(join(tmpdir(), "colan-"));
  await cp(dir, scene, { recursive: true });
  return {
    path: (...parts: string[]) => join(scene, ...parts),
    contents: () => contentsOf(scene),
    [Symbol.asyncDispose]: () => rm(scene, { recursive: true, force: true }),
  };
}

async function exitOf(databasePath: string, mediaDir: string) {
  const { child, stderr } = spawnServer(dir, { DATABASE_URL: `file:${databasePath}`, MEDIA_DIR: mediaDir });
  const [code] = (await once(child, "exit")) as [number];
  return { code, stderr: stderr() };
}

const database = "media_store.db";
const folder = "media_files";

test.each([
  ["an empty folder, as of a disk that is not mounted", ["one", database], ["nothing"], "mount its disk"],
  ["a folder that is not there", ["one", database], ["absent", "deeper"], "mount its disk"],
  ["another library's folder", ["one", database], ["other", folder], "belongs to another library"],
  ["an empty library's folder", ["one", database], ["empty", folder], "belongs to another library"],
  ["a folder that is a library's, for a new database", ["new", database], ["one", folder], "is new or empty"],
  [
    "a folder with files, for an empty library's database",
    ["empty", database],
    ["one", folder],
    "another library",
  ],
  ["originals without a mark, for a new database", ["new", database], ["unmarked"], "does not know"],
])("%s is refused with 69 and one sentence, and nothing is written", async (_, at, media, sentence) => {
  await using scene = await makeScene();
  await mkdir(scene.path("nothing"));
  await cp(scene.path("one", folder), scene.path("unmarked"), { recursive: true });
  for (const name of [".library", ".lock"]) await rm(scene.path("unmarked", name));
  const before = await scene.contents();
  const { code, stderr } = await exitOf(scene.path(...at), scene.path(...media));
  expect(code).toBe(69);
  expect(stderr).toContain(sentence);
  expect(stderr).toContain("colan adopt-folder");
  expect(stderr.trim().split("\n")).toHaveLength(1);
  expect(await scene.contents()).toEqual(before);
});

test.each([
  "gc",
  "gc --derivatives",
  "verify",
  "verify --repair",
  "prune",
  "migrate",
  "stats",
  "keys list",
  "backup",
])("colan %s refuses it as well, and writes nothing", async (command) => {
  await using scene = await makeScene();
  await mkdir(scene.path("nothing"));
  const before = await scene.contents();
  const args = command === "backup" ? ["backup", scene.path("backups")] : command.split(" ");
  for (const media of [scene.path("nothing"), scene.path("other", folder)]) {
    const where = { databasePath: scene.path("one", database), mediaDir: media };
    const { code, stderr } = await colan(where, args, { HISTORY_VERSIONS_MAX: "5" });
    expect({ code, stderr }).toMatchObject({ code: 69 });
    expect(stderr).toContain("MEDIA_DIR");
  }
  expect(await scene.contents()).toEqual(before);
});

test("a second server on the same database is refused, with whichever folder and by whichever name", async () => {
  await using scene = await makeScene();
  await symlink(scene.path("empty", database), scene.path("linked.db"));
  server = await startProcess(scene.path("empty"));
  for (const path of [scene.path("empty", database), scene.path("linked.db")]) {
    const { code, stderr } = await exitOf(path, scene.path("second"));
    expect(code).toBe(69);
    expect(stderr).toMatch(/The database \S+ is in use by another process/);
    expect(existsSync(scene.path("second"))).toBe(false);
  }
});

test("the lock goes with the process, however it ends", async () => {
  await using scene = await makeScene();
  server = await startProcess(scene.path("one"));
  await server.end("SIGKILL");
  server = await startProcess(scene.path("one"));
});

test("a database of another program is left as it is", async () => {
  await using scene = await makeScene();
  const foreign = new Libsql(scene.path("mail.db"));
  foreign.exec("CREATE TABLE message (id INTEGER PRIMARY KEY)");
  foreign.close();
  const before = await scene.contents();
  const { code, stderr } = await exitOf(scene.path("mail.db"), scene.path("fresh"));
  expect(code).toBe(69);
  expect(stderr).toContain("is a database of another program");
  expect(await scene.contents()).toEqual(before);
});
