/**
 * Nests lists against a build of the program in which one list takes nothing from the budget, and prints what was found:
 * `npx tsx tests/fuzz/nesting/planted.ts`.
 */
import { rm } from "node:fs/promises";
import { buildProgram } from "../../support/program.ts";
import { run } from "../run.ts";
import { startTarget } from "../target.ts";
import { nestingAttack, prepareNesting } from "./attack.ts";

const scale = { entities: 2_000, chainDepth: 160, fullOf: 1 };
const [seed, count] = [2, 60];
const metered = "if (isCompositeType(named)) return composite(";

const program = buildProgram([
  {
    file: "src/graphql/metering.ts",
    right: metered,
    wrong: `if (field.name === "ancestors") return undefined;\n  ${metered}`,
  },
]);
const target = await startTarget({
  program,
  // The limit of the processor's time would end what takes too many fields before they are seen.
  env: { RESPONSE_CACHE_BYTES_MAX: "0", ANSWER_CPU_MS_MAX: "60000" },
  prepare: (dir) => prepareNesting(dir, scale),
});
const attack = await nestingAttack(target, seed, scale);
const { findings } = await run(target, attack, { count, clients: 1, timeoutMs: 120_000 });
await attack.end?.();
await target.stop();
await rm(program, { recursive: true, force: true });
console.log(JSON.stringify(findings.map(({ what, sent }) => ({ what, sent }))));
process.exit(0);
