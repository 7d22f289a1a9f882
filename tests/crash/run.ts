/**
 * `npm run test:crash -- [--kills 1000] [--seed S] [--clients 16] [--entities 10000]`, or the same with
 * `--engine postgres [--outages 6]`, which also takes the database away so often in each life, or `--prove`, or
 * `--syscalls [--operations upload,hardDelete] [--faults kill,EIO] [--calls fsync] [--every 10]`; exits with 1 when something is wrong.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import Libsql from "libsql";
import { seededRandom } from "../../bench/random.ts";
import { seedLibrary } from "../../bench/seed.ts";
import { findPrograms, startPostgres, type PostgresServer } from "../../scripts/postgres-server.ts";
import { sqliteLibrary } from "./crash-library.ts";
import { liveAndDie } from "./lives.ts";
import { libraryOn, striking } from "./outages.ts";
import { buildProgram } from "../support/program.ts";
import { operations, type OperationName } from "./operations.ts";
import { prove } from "./prove.ts";
import { canTrace } from "./strace.ts";
import { everyError, tryEachCall } from "./system-calls.ts";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "50" },
    seed: { type: "string", default: process.env["SEED"] ?? String(Date.now() % 1_000_000) },
    clients: { type: "string", default: "16" },
    /** How many the library has to begin with. */
    entities: { type: "string", default: "0" },
    engine: { type: "string", default: "sqlite" },
    /** Of the database in each life, before its end. */
    outages: { type: "string", default: "0" },
    prove: { type: "boolean", default: false },
    syscalls: { type: "boolean", default: false },
    operations: { type: "string", default: Object.keys(operations).join() },
    faults: { type: "string", default: `kill,${everyError.join()}` },
    calls: { type: "string" },
    every: { type: "string", default: "1" },
  },
});
const seed = Number(values.seed);
const say = (line: string) => {
  console.log(line);
};

if (values.prove) process.exit((await prove(seed, say)) ? 0 : 1);

if (values.syscalls) process.exit((await runSystemCalls()) ? 0 : 1);

const dir = mkdtempSync(join(tmpdir(), "colan-crash-"));
const program = buildProgram();
const server = values.engine === "postgres" ? await startServerOf() : undefined;
const library = server == null ? sqliteLibrary(dir) : await libraryOn(server, dir);
const { database } = library;
const entities = Number(values.entities);
if (entities > 0) await seedLibrary(database, entities);
const last = (table: string) => {
  const opened = new Libsql(database, { readonly: true });
  const row = opened.prepare(`SELECT MAX("id") AS id FROM "${table}"`).get() as { id: number };
  opened.close();
  return row.id;
};
say(
  `seed ${seed}, ${cpus()[0]?.model ?? "?"} x${cpus().length}, Node ${process.version}, ${entities} entities at first`,
);
const { struck, strike } = striking(library, server);
const report = await liveAndDie({
  ...{ program, library, say, kills: Number(values.kills), clients: Number(values.clients) },
  random: seededRandom(seed),
  ...(server == null ? {} : { outages: { each: Number(values.outages), strike } }),
  ...(entities > 0 ? { seeded: { lastEntityId: last("Entity"), lastOriginalId: last("Original") } } : {}),
});
for (const line of report.wrong.slice(0, 50)) say(`WRONG ${line}`);
const starts = report.startsMs.toSorted((one, other) => one - other);
const at = (share: number) => Math.round(starts[Math.floor(share * (starts.length - 1))] ?? 0);
say(
  `${report.kills} kills: ${report.acknowledged} acknowledged, ${report.wrong.length} wrong; start to first answer ` +
    `${at(0.5)} ms (median), ${at(0.95)} ms (95 %), ${at(1)} ms (longest)`,
);
if (report.outages > 0)
  say(
    `${report.outages} outages (${Object.entries(struck)
      .map(([name, count]) => `${name}: ${count}`)
      .join("; ")}): ` +
      `${report.refused.unavailable} requests refused, ${report.refused.unknown} of unknown outcome`,
  );
await server?.stop();
if (report.wrong.length === 0) rmSync(dir, { recursive: true });
else say(`The library is left in ${dir}, to be done again with --seed ${seed}`);
rmSync(program, { recursive: true });
process.exit(report.wrong.length === 0 ? 0 : 1);

async function startServerOf(): Promise<PostgresServer> {
  const programs = findPrograms();
  if (programs == null) throw new Error("PostgreSQL is missing; install it (apt install postgresql)");
  return startPostgres(programs);
}

/** @returns whether nothing was wrong. */
async function runSystemCalls(): Promise<boolean> {
  if (!canTrace) throw new Error("strace is missing or may not trace here; install it (apt install strace)");
  const built = buildProgram();
  const report = await tryEachCall({
    program: built,
    // An unknown operation is reported by name.
    names: values.operations.split(",") as OperationName[],
    isKilled: values.faults.split(",").includes("kill"),
    errors: everyError.filter((error) => values.faults.split(",").includes(error)),
    only: values.calls?.split(","),
    every: Number(values.every),
    say,
  });
  rmSync(built, { recursive: true });
  say(`${report.kills} kills, ${report.errors} errors at system calls, ${report.wrong.length} wrong`);
  return report.wrong.length === 0;
}
