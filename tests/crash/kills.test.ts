import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { seededRandom } from "../../bench/random.ts";
import { postgresLibrary, sqliteLibrary } from "./crash-library.ts";
import { liveAndDie } from "./lives.ts";
import { buildProgram } from "../support/program.ts";
import { dropDatabase, makeDatabase, testEngine } from "../support/postgres.ts";
import { unhurried, whileProgressing } from "../support/progress.ts";
import { readSeed } from "../support/seed.ts";

const kills = Number(process.env["KILLS"] ?? (process.env["CI"] == null ? 15 : 50));
const seed = readSeed();
const dir = mkdtempSync(join(tmpdir(), "colan-crash-"));
const library = testEngine === "postgres" ? postgresLibrary(dir, await makeDatabase()) : sqliteLibrary(dir);
const program = buildProgram();

afterAll(async () => {
  for (const folder of [dir, program]) rmSync(folder, { recursive: true, force: true });
  if (testEngine === "postgres") await dropDatabase(library.databaseUrl);
});

test(
  `${kills} kills among uploads, replacements, moves, undos, deletions lose nothing and leave nothing (seed ${seed})`,
  unhurried,
  async () => {
    const random = seededRandom(seed);
    const { wrong, acknowledged } = await whileProgressing((progress) =>
      liveAndDie({ program, library, kills, clients: 16, random, progress }),
    );
    expect(wrong).toEqual([]);
    expect(acknowledged).toBeGreaterThan(kills);
  },
);
