import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { colan } from "../support/colan.ts";

let dir: string;
let library: { databasePath: string; mediaDir: string };
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "colan-cli-"));
  library = { databasePath: join(dir, "media_store.db"), mediaDir: join(dir, "media_files") };
});
afterAll(() => rm(dir, { recursive: true, force: true }));

test.each([
  [
    ["verify", "--deeep"],
    "colan verify: unknown option '--deeep' (Did you mean --deep?); see: colan verify --help",
  ],
  [["backup"], "colan backup: missing required argument 'folder'; see: colan backup --help"],
  [["frobnicate"], "colan: unknown command 'frobnicate'; see: colan --help"],
])("says in one line what is wrong with %j, and ends with 64", async (args, line) => {
  expect(await colan(library, args)).toEqual({ code: 64, stdout: "", stderr: `${line}\n` });
});

test("makes no library where there is none, makes one when asked to, and says how big it is", async () => {
  for (const args of [["verify"], ["stats"], ["gc"], ["backup", join(dir, "b")]]) {
    const { code, stderr } = await colan(library, args);
    expect(code).toBe(69);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).toContain(`There is no ${library.databasePath}; nothing was done.`);
    expect(stderr).toContain("colan serve");
  }
  const migrated = await colan(library, ["migrate"]);
  expect(migrated).toMatchObject({ code: 0, stdout: "The database is of this version.\n" });
  const { stdout } = await colan(library, ["stats", "--json"]);
  expect(JSON.parse(stdout)).toMatchObject({ files: 0, bytes: 0, transactions: 0 });
  expect(await colan(library, ["gc"])).toMatchObject({ code: 0, stderr: "" });
});

test("check-config shows what is in force without credentials, or everything that is wrong", async () => {
  const shown = await colan(library, ["check-config"], { PUBLIC_URL: "https://media.example" });
  expect(shown.code).toBe(0);
  expect(shown.stdout).toMatch(/^PUBLIC_URL +https:\/\/media\.example$/m);
  expect(shown.stdout).toMatch(/^LOG_LEVEL +info {2}\(default\)$/m);
  const wrong = await colan(library, ["check-config"], { PORT: "x", LOG_LEVEL: "loud" });
  expect(wrong).toMatchObject({ code: 78, stdout: "" });
  expect(wrong.stderr).toContain("PORT");
  expect(wrong.stderr).toContain("LOG_LEVEL");
});
