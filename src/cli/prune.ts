import type { Command } from "commander";
import type { Config } from "../config/config.ts";
import type { Pruned } from "../history/pruning/service.ts";
import { exits, type AddCommand, type Shell } from "./command.ts";

/** Stopped before the end; what was said is done. */
const exitStopped = 1;

async function prune(shell: Shell, config: Config, isDryRun: boolean): Promise<number> {
  const [{ pino }, { Closers, openLibrary }, { counted, describeLimits }, { pruneHistory, surveyHistory }] =
    await Promise.all([
      import("pino"),
      import("../app/library.ts"),
      import("../history/pruning/rules.ts"),
      import("../history/pruning/service.ts"),
    ]);
  const { say } = shell.terminal;
  const summary = ({ versions, originals, bytes }: Pruned) =>
    `${counted(versions, "version")}, ${counted(originals, "file")} (${counted(bytes, "byte")})`;
  const closers = new Closers();
  try {
    const log = pino({ level: "silent" });
    const library = await openLibrary({ config, log, clock: { now: Date.now } }, closers);
    if (isDryRun) {
      say(`Would prune ${summary(await surveyHistory(library))}: ${describeLimits(config)}.`);
      return exits.ok;
    }
    const { signal } = shell;
    const pruned = await pruneHistory(library, { signal, restFactor: 0 });
    say(`Pruned ${summary(pruned)}: ${describeLimits(config)}.`);
    if (signal.aborted) say("Stopped before the end; the rest goes the next time.");
    return signal.aborted ? exitStopped : exits.ok;
  } finally {
    await closers.close();
  }
}

async function run(shell: Shell, isDryRun: boolean): Promise<number> {
  const [{ configOrExit }, { checkPresent }, { keepsEverything }] = await Promise.all([
    import("../app/start.ts"),
    import("../app/reading-library.ts"),
    import("../history/pruning/rules.ts"),
  ]);
  const config = configOrExit(shell.env);
  if (keepsEverything(config)) {
    shell.terminal.say(
      "Nothing to prune: HISTORY_VERSIONS_MAX and HISTORY_DAYS_MAX are 0, which keeps every version.",
    );
    return exits.ok;
  }
  checkPresent(config);
  return prune(shell, config, isDryRun);
}

const help = `
Destroys the old versions that HISTORY_VERSIONS_MAX and HISTORY_DAYS_MAX let go, and the files that nothing refers
to, with the settings and the library of the server, which must be stopped.`;

export const addPrune: AddCommand = (program: Command, shell) =>
  void program
    .command("prune")
    .summary("destroy the old versions that the settings let go")
    .description("Destroys the old versions that the settings let go.")
    .option("--dry-run", "only say what would go")
    .addHelpText("after", help)
    .action(async ({ dryRun }: { dryRun?: boolean }) => {
      shell.exit(await run(shell, dryRun === true));
    });
