import type { Command } from "commander";
import { exits, type AddCommand, type Shell } from "./command.ts";

const help = `
Removes what an interrupted upload or deletion has left, and what was made from files that are gone. The server does
the first at every start. It must be stopped. --derivatives removes everything that can be made again.`;

async function run(shell: Shell, all: boolean): Promise<number> {
  const [
    { pino },
    { configOrExit },
    { Closers, openLibrary },
    { recoverFiles },
    reading,
    { findIdleDerivatives },
  ] = await Promise.all([
    import("pino"),
    import("../app/start.ts"),
    import("../app/library.ts"),
    import("../library/originals/service.ts"),
    import("../app/reading-library.ts"),
    import("../maintenance/verify/orphans.ts"),
  ]);
  const config = configOrExit(shell.env);
  reading.checkPresent(config);
  const closers = new Closers();
  try {
    const log = pino({ level: "silent" });
    const library = await openLibrary({ config, log, clock: { now: Date.now } }, closers);
    await library.derivativeStore.recover();
    const files = await recoverFiles(library);
    const { tree } = await reading.openMediaFiles(config, library.db.reader);
    let folders = 0;
    for await (const folder of all
      ? tree.walkDerivatives()
      : findIdleDerivatives({ reader: library.db.reader, tree })) {
      await tree.removeDerivatives(folder);
      folders++;
    }
    shell.terminal.say(`Removed ${files} leftover files and the derivatives of ${folders} originals.`);
    return exits.ok;
  } finally {
    await closers.close();
  }
}

export const addGc: AddCommand = (program: Command, shell) =>
  void program
    .command("gc")
    .summary("remove leftovers and derivatives that nothing needs")
    .description("Removes leftovers, and derivatives that nothing needs.")
    .option("--derivatives", "remove all derivatives; they are made again when they are asked for")
    .addHelpText("after", help)
    .action(async ({ derivatives }: { derivatives?: boolean }) => {
      shell.exit(await run(shell, derivatives === true));
    });
