import { rm } from "node:fs/promises";
import { afterEach, expect, test } from "vitest";
import { buildProgram, type Replacement } from "../support/program.ts";
import { nestingAttack, prepareNesting } from "./nesting/attack.ts";
import { run, type Report } from "./run.ts";
import { startTarget } from "./target.ts";

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const scale = { entities: 2_000, chainDepth: 64 };
const [seed, count] = [2, 40];

/** Nests lists against a build of the program. */
async function nest(replacements: readonly Replacement[]): Promise<Report> {
  const program = buildProgram(replacements);
  closers.push(() => rm(program, { recursive: true, force: true }));
  const target = await startTarget({
    program,
    env: { RESPONSE_CACHE_BYTES_MAX: "0" },
    prepare: (dir) => prepareNesting(dir, scale),
  });
  closers.push(() => target.stop());
  const attack = await nestingAttack(target, seed, scale);
  closers.push(async () => attack.end?.());
  return run(target, attack, { count, clients: 1, timeoutMs: 120_000 });
}

test("nesting lists finds the one list that takes nothing from the budget, within forty operations", async () => {
  const metered = "if (isCompositeType(named)) return composite(";
  const { findings } = await nest([
    {
      file: "src/graphql/metering.ts",
      right: metered,
      wrong: `if (field.name === "ancestors") return undefined;\n  ${metered}`,
    },
  ]);
  // Of what else it measures, the CPU, a busy machine may find more.
  const found = findings.filter(({ what }) =>
    /^an answer of \d+ fields; at most 100000 are right$/.test(what),
  );
  expect(found.map(({ sent }) => sent)).toContainEqual(expect.stringContaining("ancestors"));
}, 600_000);
