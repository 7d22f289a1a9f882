import { copyFileSync, existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { fileURLToPath, pathToFileURL } from "node:url";
import { startWatch } from "../tests/fuzz/nesting/watch.ts";
import { attacks, ask, makeChain, type Attack } from "./attack-list.ts";
import { cpuMsOf, watchGrowth } from "./process-usage.ts";
import type * as seeding from "./seed.ts";
import { startProgram, type Server } from "./server.ts";

/**
 * What requests of a kind that once ended the server cost it: in this checkout and, as the floor, in another one.
 * Milliseconds of CPU count; waits are those of this machine, with all that it did besides.
 */
const usage = `Usage: npx tsx bench/attacks.ts [--before CHECKOUT] [--entities 100000] [--libraries DIR] [--only NAME]
  --before     another checkout of the program, with its dependencies: the floor
  --libraries  keeps the seeded libraries there, and uses them again
  --only       one attack, by a part of its name`;

/** An attack that took so much CPU without an answer is ended with its server. */
const cpuMsMax = 30_000;

const { values: options } = parseArgs({
  options: {
    before: { type: "string" },
    entities: { type: "string", default: "100000" },
    libraries: { type: "string" },
    only: { type: "string", default: "" },
    help: { type: "boolean", default: false },
  },
});
if (options.help) {
  console.log(usage);
  process.exit(0);
}

const root = fileURLToPath(new URL("..", import.meta.url));
const scratch = await mkdtemp(join(tmpdir(), "colan-attacks-"));
const libraries = resolve(options.libraries ?? scratch);

type Seeding = Pick<typeof seeding, "seedLibrary">;

interface Side {
  readonly name: "before" | "now";
  readonly checkout: string;
  readonly dir: string;
  server?: Server;
}

/** Seeded by the checkout's own bench, for its own schema. */
async function seededLibrary({ name, checkout }: Side): Promise<string> {
  const path = join(libraries, `${name === "before" ? "before-" : ""}${options.entities}.db`);
  if (existsSync(path)) return path;
  // Every checkout has this function.
  const { seedLibrary } = (await import(pathToFileURL(join(checkout, "bench/seed.ts")).href)) as Seeding;
  await seedLibrary(`${path}.unfinished`, Number(options.entities));
  await rename(`${path}.unfinished`, path);
  return path;
}

async function serverOf(side: Side): Promise<Server> {
  return (side.server ??= await startProgram(side.checkout, side.dir, {
    AUTH_MODE: "write",
    RESPONSE_CACHE_BYTES_MAX: "0",
    DERIVATIVES_AHEAD: "false",
    OPERATIONS_PER_MINUTE_MAX: "0",
    LOG_LEVEL: "warn",
  }));
}

/** The library of one side, with a deep chain of collections in it. */
async function prepare(side: Side): Promise<void> {
  await mkdir(side.dir, { recursive: true });
  copyFileSync(await seededLibrary(side), join(side.dir, "store.db"));
  // Nobody may write without a token where the attacks run.
  const open = await startProgram(side.checkout, side.dir, { DERIVATIVES_AHEAD: "false" });
  await makeChain(open.url);
  await open.stop();
}

interface Cost {
  readonly outcome: string;
  readonly cpuMs: number;
  readonly grownMiB: number;
  readonly livezMs: number;
  readonly loopMs: number;
}

async function measure(side: Side, attack: Attack): Promise<Cost> {
  const server = await serverOf(side);
  const { url, pid } = server;
  await ask(url, "{ entities(limit: 1) { items { id } } }");
  const ending = new AbortController();
  const watch = await startWatch(url.replace("/graphql", ""), pid);
  const grown = await watchGrowth(pid);
  const before = await cpuMsOf(pid);
  const guard = setInterval(() => {
    void cpuMsOf(pid).then(
      (cpuMs) => {
        if (cpuMs - before > cpuMsMax) ending.abort();
      },
      () => {
        ending.abort();
      },
    );
  }, 500);
  const outcome = await attack.run(url, ending.signal).catch((error: unknown) => {
    if (ending.signal.aborted) return `no answer after ${cpuMsMax / 1000} s of CPU`;
    return `no answer: ${String(error)}`;
  });
  clearInterval(guard);
  const [cpuMs, grownBytes] = await Promise.all([cpuMsOf(pid).then((now) => now - before), grown()]);
  if (ending.signal.aborted) {
    process.kill(pid, "SIGKILL");
    await server.stop();
    delete side.server;
  }
  await watch.stop();
  const { wallMs, loopMs } = watch.heldMs();
  return { outcome, cpuMs, grownMiB: grownBytes / 1024 ** 2, livezMs: wallMs, loopMs };
}

const cells = ({ cpuMs, grownMiB, livezMs, loopMs, outcome }: Cost) =>
  `${(cpuMs / 1000).toFixed(2)} s | ${grownMiB.toFixed(0)} MiB | ${livezMs.toFixed(0)} ms (${loopMs.toFixed(0)}) | ${outcome}`;

const sides: Side[] = [
  ...(options.before == null
    ? []
    : [{ name: "before" as const, checkout: resolve(options.before), dir: join(scratch, "before") }]),
  { name: "now", checkout: root, dir: join(scratch, "now") },
];
try {
  await Promise.all(sides.map(prepare));
  console.log("| attack | side | CPU | memory | longest /livez (CPU of the event loop) | outcome |");
  console.log("| ------ | ---- | --- | ------ | -------------------------------------- | ------- |");
  for (const attack of attacks.filter(({ name }) => name.includes(options.only)))
    for (const side of sides)
      console.log(`| ${attack.name} | ${side.name} | ${cells(await measure(side, attack))} |`);
} finally {
  for (const { server } of sides) await server?.stop();
  await rm(scratch, { recursive: true, force: true });
}
