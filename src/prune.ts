import "./production.ts";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pino } from "pino";
import type { Config } from "./config.ts";
import { Closers, openLibrary, pathOfDatabase } from "./library.ts";
import { counted, describeLimits, keepsEverything } from "./pruning/rules.ts";
import { pruneHistory, surveyHistory, type Pruned } from "./pruning/service.ts";
import { configOrExit, exitCodes, fail } from "./start.ts";

const usage = `Usage: npm run prune [-- --dry-run]

Destroys the old versions that HISTORY_VERSIONS_MAX and HISTORY_DAYS_MAX let go, and the files that nothing refers
to any more, with the settings and the library of the server, which must be stopped.

  --dry-run   only says what would go`;

/** Stopped before the end; what was said is done. */
const exitStopped = 1;

const say = (line: string) => process.stdout.write(`${line}\n`);
const summary = ({ versions, originals, bytes }: Pruned) =>
  `${counted(versions, "version")}, ${counted(originals, "file")} (${counted(bytes, "byte")})`;

/** A typing error in a path must not be answered with an empty library, or with rows that lose their files. */
function checkPresent({ databaseUrl, mediaDir }: Config): void {
  for (const path of [pathOfDatabase(databaseUrl), resolve(mediaDir)])
    if (!existsSync(path)) fail(`There is no ${path}; nothing was pruned`, exitCodes.unavailable);
}

/** @returns the exit code. */
async function prune(config: Config, isDryRun: boolean): Promise<number> {
  const closers = new Closers();
  const stopping = new AbortController();
  const { signal } = stopping;
  const stop = () => {
    stopping.abort();
  };
  process.once("SIGTERM", stop).once("SIGINT", stop);
  try {
    const log = pino({ level: "silent" });
    const library = await openLibrary({ config, log, clock: { now: Date.now } }, closers);
    if (isDryRun) {
      say(`Would prune ${summary(surveyHistory(library))}: ${describeLimits(config)}.`);
      return 0;
    }
    const pruned = await pruneHistory(library, { signal, restFactor: 0 });
    say(`Pruned ${summary(pruned)}: ${describeLimits(config)}.`);
    if (signal.aborted) say("Stopped before the end; the rest goes the next time.");
    return signal.aborted ? exitStopped : 0;
  } finally {
    await closers.close();
  }
}

const args = process.argv.slice(2);
if (args.some((arg) => arg !== "--dry-run")) fail(usage, exitCodes.usage);
const config = configOrExit(process.env);
if (keepsEverything(config)) {
  say("Nothing to prune: HISTORY_VERSIONS_MAX and HISTORY_DAYS_MAX are 0, which keeps every version.");
} else {
  checkPresent(config);
  try {
    process.exitCode = await prune(config, args.length > 0);
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error), exitCodes.unavailable);
  }
}
