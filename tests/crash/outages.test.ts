import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { seededRandom } from "../../bench/random.ts";
import { findPrograms, startPostgres } from "../../scripts/postgres-server.ts";
import { buildProgram } from "../support/program.ts";
import { unhurried, whileProgressing } from "../support/progress.ts";
import { readSeed } from "../support/seed.ts";
import { liveAndDie } from "./lives.ts";
import { libraryOn, striking } from "./outages.ts";

const programs = findPrograms();
if (programs == null) console.warn("Outages of a database are not tested: PostgreSQL's programs are missing");

const outages = Number(process.env["OUTAGES"] ?? (process.env["CI"] == null ? 12 : 30));
const each = 6;
const seed = readSeed();

describe.skipIf(programs == null)("PostgreSQL that goes away in the middle of work", () => {
  test(
    `and comes back, ${outages} times, loses nothing that was acknowledged and leaves nothing (seed ${seed})`,
    unhurried,
    async () => {
      const server = await startPostgres(programs!);
      const dir = mkdtempSync(join(tmpdir(), "colan-crash-"));
      const program = buildProgram();
      onTestFinished(async () => {
        await server.stop();
        for (const folder of [dir, program]) rmSync(folder, { recursive: true, force: true });
      });
      const library = await libraryOn(server, dir);
      const { strike } = striking(library, server);
      const { wrong, acknowledged } = await whileProgressing((progress) =>
        liveAndDie({
          ...{ program, library, clients: 8, random: seededRandom(seed), progress },
          kills: Math.ceil(outages / each),
          outages: { each, strike },
        }),
      );
      expect(wrong).toEqual([]);
      expect(acknowledged).toBeGreaterThan(outages);
    },
  );
});
