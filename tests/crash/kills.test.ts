import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { seededRandom } from "../../bench/random.ts";
import { liveAndDie } from "./lives.ts";
import { buildProgram } from "../support/program.ts";

const kills = Number(process.env["KILLS"] ?? (process.env["CI"] == null ? 15 : 50));
const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
const library = mkdtempSync(join(tmpdir(), "colan-crash-"));
const program = buildProgram();

afterAll(() => {
  for (const dir of [library, program]) rmSync(dir, { recursive: true, force: true });
});

test(
  `${kills} kills among uploads, replacements, moves, undos, deletions lose nothing and leave nothing (seed ${seed})`,
  { timeout: 30_000 + kills * 10_000 },
  async () => {
    const random = seededRandom(seed);
    const { wrong, acknowledged } = await liveAndDie({ program, library, kills, clients: 16, random });
    expect(wrong).toEqual([]);
    expect(acknowledged).toBeGreaterThan(kills);
  },
);
