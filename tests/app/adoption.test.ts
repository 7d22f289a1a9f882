import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { once } from "node:events";
import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Libsql from "libsql";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { colan } from "../support/colan.ts";
import { ENTITIES } from "../support/documents.ts";
import { spawnServer } from "../support/process.ts";
import { buildProgram, type Replacement } from "../support/program.ts";
import { startServer } from "../support/server.ts";
import { makeLibrary } from "./made.ts";

let made: string;
let dir: string;
beforeAll(async () => {
  made = await mkdtemp(join(tmpdir(), "colan-"));
  for (const files of [0, 3]) await makeLibrary(join(made, String(files)), files);
});
afterAll(() => rm(made, { recursive: true, force: true }));
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "colan-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

/** A library with so many files, and no server. */
const fill = (files: 0 | 3) => cp(join(made, String(files)), dir, { recursive: true });

const library = () => ({ databasePath: join(dir, "media_store.db"), mediaDir: join(dir, "media_files") });
const mark = () => join(dir, "media_files", ".library");
const readMark = async () => (await readFile(mark(), "utf8")).split("\n")[0];

function query<Row>(sql: string): Row[] {
  const database = new Libsql(join(dir, "media_store.db"));
  try {
    return database.prepare(sql).all() as Row[];
  } finally {
    database.close();
  }
}
const readRow = () => query<{ id: string; isPaired: number }>(`SELECT "id", "isPaired" FROM "Library"`)[0];
const paths = () => query<{ filePath: string }>(`SELECT "filePath" FROM "Original" ORDER BY "id"`);

/** As a version of this program left it that knew of no ids. */
async function makeOld(): Promise<void> {
  const database = new Libsql(join(dir, "media_store.db"));
  database.exec(
    `DROP TABLE "Library"; DELETE FROM "_prisma_migrations" WHERE "migration_name" LIKE '%\\_library' ESCAPE '\\'`,
  );
  database.close();
  await rm(mark());
}

async function exitCode() {
  const { child, stderr } = spawnServer(dir);
  const [code] = (await once(child, "exit")) as [number];
  return { code, stderr: stderr() };
}

const settings = (at = dir) => ({
  DATABASE_URL: `file:${join(at, "media_store.db")}`,
  MEDIA_DIR: join(at, "media_files"),
});

async function expectServed(files: number): Promise<void> {
  const server = await startServer({ env: settings() });
  const { entities } = await server.run(ENTITIES);
  expect(entities.pagination.totalItems).toBe(files);
  await server.stop();
  const id = await readMark();
  expect(id).toMatch(/^[0-9a-f]{32}$/);
  expect(readRow()).toEqual({ id, isPaired: 1 });
}

test("a new library gets an id, which its folder has as well and keeps", async () => {
  await expectServed(0);
  const id = await readMark();
  await expectServed(0);
  expect(await readMark()).toBe(id);
});

describe("a library from before there were ids", () => {
  test("is known by its files, of which some may be missing", async () => {
    await fill(3);
    await makeOld();
    await rm(join(dir, "media_files", paths()[1]!.filePath));
    await expectServed(3);
  });

  test("is refused a folder with none or few of them, and stays what it was", async () => {
    await fill(3);
    await makeOld();
    const [first, second, third] = paths().map(({ filePath }) => join(dir, "media_files", filePath));
    const bytes = await Promise.all([first!, second!, third!].map((path) => readFile(path)));
    await rm(first!);
    await rm(second!);
    for (const present of [1, 0]) {
      if (present === 0) await rm(third!);
      const { code, stderr } = await exitCode();
      expect(code).toBe(69);
      expect(stderr).toContain(`has ${present} of the 3 files looked for`);
      expect(existsSync(mark())).toBe(false);
      expect(query(`SELECT 1 FROM sqlite_master WHERE "name" = 'Library'`)).toEqual([]);
    }
    await writeFile(first!, bytes[0]!);
    await writeFile(second!, bytes[1]!);
    await expectServed(3);
  });

  test("without files takes an empty folder", async () => {
    await fill(0);
    await makeOld();
    await expectServed(0);
  });
});

describe("killed while the two are being marked", () => {
  const kill = `process.kill(process.pid, "SIGKILL");`;
  const pairing = "src/app/pairing.ts";
  const points: Readonly<Record<string, Replacement>> = {
    "before either": {
      file: "src/app/library.ts",
      right: "  await pairing.begin();",
      wrong: `  ${kill}`,
    },
    "before the database's row": {
      file: pairing,
      right: "      if (!isFolderFirst) {",
      wrong: `      ${kill}\n      if (!isFolderFirst) {`,
    },
    "before the folder's name": {
      file: "src/storage/local/library-mark.ts",
      right: "    await rename(draft,",
      wrong: `    ${kill}\n    await rename(draft,`,
    },
    "before it is noted that both are": {
      file: pairing,
      right: "      if (isMarked && !isNoted)",
      wrong: `      ${kill}\n      if (isMarked && !isNoted)`,
    },
  };

  test.each(
    Object.keys(points).flatMap((point) => [
      { point, files: 0 as const },
      { point, files: 3 as const },
    ]),
  )("$point, a library of $files files starts the next time", async ({ point, files }) => {
    if (files > 0) {
      await fill(files);
      await makeOld();
    }
    const broken = buildProgram([points[point]!]);
    try {
      const child = spawn(process.execPath, [join(broken, "dist/main.js")], {
        env: { PATH: process.env["PATH"], PORT: "0", ...settings() },
        stdio: "ignore",
      });
      expect(await once(child, "exit")).toEqual([null, "SIGKILL"]);
      await expectServed(files);
    } finally {
      await rm(broken, { recursive: true, force: true });
    }
  });
});

describe("colan adopt-folder", () => {
  test("gives the folder the database's id when its mark is lost or another's", async () => {
    await fill(3);
    const id = await readMark();
    for (const spoil of [() => rm(mark()), () => writeFile(mark(), "0".repeat(32))]) {
      await spoil();
      expect(await exitCode()).toMatchObject({ code: 69 });
      expect(await colan(library(), ["adopt-folder"])).toMatchObject({ code: 0, stderr: "" });
      expect(await readMark()).toBe(id);
    }
    await expectServed(3);
  });

  test("wants the files to be there, unless the administrator says that they are lost", async () => {
    await fill(3);
    await rm(join(dir, "media_files"), { recursive: true });
    expect(await colan(library(), ["adopt-folder"])).toMatchObject({ code: 69 });
    expect(existsSync(join(dir, "media_files"))).toBe(false);
    await mkdir(join(dir, "media_files"));
    const refused = await colan(library(), ["adopt-folder"]);
    expect(refused.code).toBe(69);
    expect(refused.stderr).toContain("has 0 of the 3 files");
    expect(await colan(library(), ["adopt-folder", "--files-lost"])).toMatchObject({ code: 0 });
    await expectServed(3);
  });

  test("is refused beside a server", async () => {
    await startServer({ env: settings() });
    expect(await colan(library(), ["adopt-folder"])).toMatchObject({ code: 69 });
  });
});

test("a damaged mark is refused in a sentence", async () => {
  await fill(3);
  for (const text of ["", "what is this"]) {
    await writeFile(mark(), text);
    const { code, stderr } = await exitCode();
    expect(code).toBe(69);
    expect(stderr).toContain("does not begin with a library's id");
  }
});

test("a restored library is one of its own: it runs beside the first, and neither takes the other's folder", async () => {
  await fill(3);
  const backups = join(dir, "backups");
  const to = join(dir, "restored");
  expect(await colan(library(), ["backup", backups])).toMatchObject({ code: 0 });
  expect(await colan(library(), ["restore", backups, "--to", to])).toMatchObject({ code: 0 });
  const first = await startServer({ env: settings() });
  const second = await startServer({ env: settings(to) });
  const { entities } = await second.run(ENTITIES);
  expect(entities.pagination.totalItems).toBe(3);
  await second.stop();
  await first.stop();
  const { child, stderr } = spawnServer(to, { MEDIA_DIR: join(dir, "media_files") });
  expect(await once(child, "exit")).toEqual([69, null]);
  expect(stderr()).toContain("belongs to another library");
});

test("database and folder of a backup, copied by hand, are the library that was backed up", async () => {
  await fill(3);
  const backups = join(dir, "backups");
  await colan(library(), ["backup", backups]);
  const [name] = (await readdir(backups)).filter((one) => !one.startsWith("."));
  const id = await readMark();
  for (const file of ["media_store.db", "media_files"]) {
    await rm(join(dir, file), { recursive: true });
    await cp(join(backups, name!, file), join(dir, file), { recursive: true });
  }
  await expectServed(3);
  expect(await readMark()).toBe(id);
});
