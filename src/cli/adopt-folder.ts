import type { Command } from "commander";
import { exits, type AddCommand, type Shell } from "./command.ts";

const help = `
Database and media directory carry the same id (the folder in its file .library), and where the two differ the server
refuses to start: the disk may not be mounted, or a setting may name another library's folder. This command gives the
folder the database's id. The server must be stopped. Of up to 1000 files, half must be there, unless --files-lost says
that they are gone for good.`;

async function run(shell: Shell, areFilesLost: boolean): Promise<number> {
  const [
    { pino },
    { configOrExit },
    { Closers, openLibrary },
    { checkFolderPresent },
    { isInBucket, nameOfOriginals },
  ] = await Promise.all([
    import("pino"),
    import("../app/start.ts"),
    import("../app/library.ts"),
    import("../app/reading-library.ts"),
    import("../app/places.ts"),
  ]);
  const config = configOrExit(shell.env);
  checkFolderPresent(config);
  const closers = new Closers();
  try {
    const log = pino({ level: "silent" });
    const adopting = { areFilesLost };
    await openLibrary({ config, log, clock: { now: Date.now }, adopting }, closers);
    shell.terminal.say(
      `${nameOfOriginals(config)} is the ${isInBucket(config) ? "bucket" : "media directory"} of this library now; colan verify finds what is missing.`,
    );
    return exits.ok;
  } finally {
    await closers.close();
  }
}

export const addAdoptFolder: AddCommand = (program: Command, shell) =>
  void program
    .command("adopt-folder")
    .summary("say that MEDIA_DIR is this library's folder")
    .description(
      "Says that MEDIA_DIR is the folder of the library in DATABASE_URL, even if its mark names another library.",
    )
    .option("--files-lost", "also when most of its files are not there")
    .addHelpText("after", help)
    .action(async ({ filesLost }: { filesLost?: boolean }) => {
      shell.exit(await run(shell, filesLost === true));
    });
