import type { Command } from "commander";
import { exits, type AddCommand, type Shell } from "./command.ts";

async function run(shell: Shell): Promise<number> {
  const [{ pino }, { configOrExit }, { Closers, openLibrary }] = await Promise.all([
    import("pino"),
    import("../app/start.ts"),
    import("../app/library.ts"),
  ]);
  const config = configOrExit(shell.env);
  const closers = new Closers();
  // Which migrations were applied, and how far the index is, stands in the log.
  const log = pino(
    { level: "info", base: null, timestamp: false },
    { write: (line: string) => void process.stderr.write(line) },
  );
  try {
    await openLibrary({ config, log, clock: { now: Date.now } }, closers);
    shell.terminal.say("The database is of this version.");
    return exits.ok;
  } finally {
    await closers.close();
  }
}

const help = `
The server does so at every start; this does it alone, to see that it works and how long it takes. Make a backup
first: there is no way back but that. The server must be stopped.`;

export const addMigrate: AddCommand = (program: Command, shell) =>
  void program
    .command("migrate")
    .summary("bring the database to this version")
    .description("Brings the database to this version of the program, making it where there is none.")
    .addHelpText("after", help)
    .action(async () => {
      shell.exit(await run(shell));
    });
