import type { Command } from "commander";
import { exits, type AddCommand, type Shell } from "./command.ts";
import { bytesText } from "./terminal.ts";

const help = `
Makes <folder>/<time>/ with the database, the originals and manifest.json (size and SHA-256 of each), as the library
was at one transaction. Files that the newest backup there has already are given a second name instead of being copied
again. Originals in a bucket are fetched from there. While it runs, files of destroyed entities stay a little longer.`;

async function run(shell: Shell, dir: string): Promise<number> {
  const [
    { configOrExit },
    { Closers },
    { fileOfDatabase },
    { carryingPlaceOf },
    { openLibraryForReading },
    { makeBackup, BackupError },
  ] = await Promise.all([
    import("../app/start.ts"),
    import("../app/library.ts"),
    import("../app/paths.ts"),
    import("../app/places.ts"),
    import("../app/reading-library.ts"),
    import("../maintenance/backup/service.ts"),
  ]);
  const config = configOrExit(shell.env);
  const { terminal, signal, version } = shell;
  const closers = new Closers();
  const bar = terminal.openProgress();
  try {
    await openLibraryForReading(config, closers);
    const databasePath = fileOfDatabase(config.databaseUrl);
    const needs = { config, originals: await carryingPlaceOf(config), databasePath };
    const made = await makeBackup({ ...needs, program: version, now: Date.now }, dir, {
      signal,
      onProgress: ({ files, filesTotal, bytes }) => {
        bar.tell(files, filesTotal, `${files} of ${filesTotal} files, ${bytesText(bytes)} copied`);
      },
    });
    bar.close();
    const { path, files, copied, bytes, lastTransactionId } = made;
    terminal.say(
      `${path}: ${files} files, ${copied} of them copied (${bytesText(bytes)}), as of transaction ${lastTransactionId}.`,
    );
    return exits.ok;
  } catch (error) {
    bar.close();
    if (signal.aborted) {
      terminal.warn("Stopped; no backup was made.");
      return exits.stopped;
    }
    if (!(error instanceof BackupError)) throw error;
    terminal.warn(error.message);
    return exits.problems;
  } finally {
    await closers.close();
  }
}

export const addBackup: AddCommand = (program: Command, shell) =>
  void program
    .command("backup <folder>")
    .summary("copy the library as it is now, also while the server runs")
    .description("Copies the library as it is at one transaction, also while the server runs.")
    .addHelpText("after", help)
    .action(async (dir: string) => {
      shell.exit(await run(shell, dir));
    });
