import { parseArgs } from "node:util";
import { mediaAttack } from "./media/attack.ts";
import { gatherOriginals } from "./media/originals.ts";
import { multipartAttack } from "./multipart/attack.ts";
import { nestingAttack, prepareNesting } from "./nesting/attack.ts";
import { operationsAttack } from "./operations/attack.ts";
import { checkAftermath } from "./aftermath.ts";
import { run, type Attack, type Report } from "./run.ts";
import { startTarget, type Target } from "./target.ts";

/** The deepest tree that there may be. */
const nestingScale = { entities: Number(process.env["NESTING_ENTITIES"] ?? 100_000), chainDepth: 256 };

/** A family of hostile input, and what its run takes. */
interface Family {
  /** Cases of a full run. */
  readonly count: number;
  readonly clients: number;
  /** Settings of the server beside those of all. */
  readonly env: Readonly<Record<string, string>>;
  open(target: Target, seed: number): Promise<Attack>;
  /** A request that takes longer hangs. */
  readonly timeoutMs?: number;
  /** Fills the library before the server opens it. */
  readonly prepare?: (dir: string) => Promise<void>;
}

const families: Readonly<Record<string, Family>> = {
  media: {
    count: 10_000,
    clients: 8,
    env: { DERIVATIVES_AHEAD: "true" },
    open: async (target, seed) => mediaAttack(target, await gatherOriginals(), seed),
  },
  graphql: {
    count: 100_000,
    clients: 16,
    env: {},
    open: operationsAttack,
  },
  nesting: {
    count: 100_000,
    clients: 1,
    // An answer that is kept costs nothing the next time.
    env: { RESPONSE_CACHE_BYTES_MAX: "0" },
    prepare: (dir) => prepareNesting(dir, nestingScale, process.env["NESTING_LIBRARY"]),
    // Who waits for a processor does not hang.
    timeoutMs: 120_000,
    open: (target, seed) => nestingAttack(target, seed, nestingScale),
  },
  multipart: {
    count: 20_000,
    clients: 16,
    // Who falls silent in mid-form is to go within the time in which a case hangs.
    env: { UPLOAD_IDLE_TIMEOUT_MS: "5000" },
    open: multipartAttack,
  },
};

const usage = `Usage: npm run test:fuzz -- ${Object.keys(families).join(" | ")} [options]
  --count N     cases; by default as many as the figures in RELIABILITY.md are made with
  --seed N      what the cases are made from (or SEED in the environment); by default another one each time
  --first N     number of the first case: with --count 1 and its seed, a case is made again
  --clients N   connections at once
  --minutes N   the run ends after so long, however many cases are left`;

function readOptions(args: string[]) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      count: { type: "string" },
      seed: { type: "string", default: process.env["SEED"] ?? String(Date.now() % 1_000_000) },
      first: { type: "string", default: "0" },
      clients: { type: "string" },
      minutes: { type: "string" },
    },
  });
  const name = positionals[0] ?? "";
  const family = families[name];
  if (family == null) throw new RangeError(`${JSON.stringify(name)} is none of the families`);
  const number = (text: string) => {
    if (!/^\d+$/.test(text)) throw new RangeError(`${JSON.stringify(text)} is no whole number`);
    return Number(text);
  };
  return {
    name,
    family,
    seed: number(values.seed),
    first: number(values.first),
    count: number(values.count ?? String(family.count)),
    clients: number(values.clients ?? String(family.clients)),
    minutes: values.minutes == null ? undefined : number(values.minutes),
  };
}

const MiB = 1024 * 1024;

function print(report: Report) {
  const outcomes = Object.entries(report.outcomes).sort(([, a], [, b]) => b - a);
  console.log(`
${report.count} cases in ${report.seconds.toFixed(0)} s, ${report.findings.length} findings, ${report.hung} hung
answers: ${outcomes.map(([name, times]) => `${name} ${times}`).join(", ")}
time: p50 ${report.p50Ms.toFixed(0)} ms, p99 ${report.p99Ms.toFixed(0)} ms, longest ${report.maxMs.toFixed(0)} ms
memory: peak ${(report.peakMemory / MiB).toFixed(0)} MiB, in the second half ${(report.growthPerMinute / MiB).toFixed(2)} MiB a minute`);
  for (const { number, what, sent } of report.findings) console.log(`\ncase ${number}: ${what}\n  ${sent}`);
}

const options = (() => {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
    process.exit(2);
  }
})();

const { name, family, seed, ...rest } = options;
console.log(`${name}, seed ${seed}`);
const target = await startTarget({ env: family.env, prepare: family.prepare });
const attack = await family.open(target, seed);
const timeout = family.timeoutMs == null ? {} : { timeoutMs: family.timeoutMs };
const report = await run(target, attack, { ...rest, ...timeout, onProgress: console.log });
// A library that was written past the program has no files to compare its rows with.
const hasFiles = family.prepare == null;
const wrong = hasFiles && target.death() == null ? await checkAftermath(target) : [];
print(report);
// One line a run: runs of other seeds add up.
console.log(
  `run: ${name} --seed ${seed} --first ${rest.first}, cases ${report.count}, findings ${report.findings.length}, hung ${report.hung}`,
);
if (attack.summary != null) console.log(attack.summary());
await attack.end?.();
for (const line of wrong) console.log(`afterwards: ${line}`);
await target.stop();
process.exitCode = report.findings.length + wrong.length === 0 ? 0 : 1;
