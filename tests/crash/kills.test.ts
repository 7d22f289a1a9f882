import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { seededRandom } from "../../bench/random.ts";
import { liveAndDie } from "./lives.ts";
import { buildProgram } from "../support/program.ts";
import { unhurried, whileProgressing } from "../support/progress.ts";
import { readSeed } from "../support/seed.ts";

const kills = Number(process.env["KILLS"] ?? (process.env["CI"] == null ? 15 : 50));
const seed = readSeed();
const library = mkdtempSync(join(tmpdir(), "colan-crash-"));
const program = buildProgram();

afterAll(() => {
  for (const dir of [library, program]) rmSync(dir, { recursive: true, force: true });
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
