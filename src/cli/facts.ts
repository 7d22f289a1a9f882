import { InvalidArgumentError, type Command } from "commander";
import type { Config } from "../config/config.ts";
import type { Progress } from "../library/facts/rereading.ts";
import { exits, type AddCommand, type Shell } from "./command.ts";

interface Options {
  readonly all?: boolean;
  readonly ids?: readonly number[];
}

const help = `
Without --all or --ids, it reads the files whose facts are pending or failed. A file of which anything is different now
gets a version (READ_FACTS); what cannot be read keeps what is known. The server must be stopped: running, it reads
pending files by itself, and others by the mutation readFacts.

Ends with 0 when every file was read, 1 when some could not be or an id is no file's, 75 when it was stopped by a signal;
started again, it reads what is left.`;

/** Several, with commas or spaces in between. */
function idsOf(text: string): number[] {
  const ids = text.split(/[\s,]+/).filter((id) => id !== "");
  if (ids.length === 0 || ids.some((id) => !/^[1-9]\d{0,15}$/.test(id)))
    throw new InvalidArgumentError("expected ids of entities, such as 3,17");
  return ids.map(Number);
}

const aboutOf = ({ files, filesTotal, changed, unreadable }: Progress) =>
  `${files} of ${filesTotal} files read, ${changed} changed, ${unreadable} unreadable`;

async function read(shell: Shell, config: Config, { all, ids }: Options): Promise<number> {
  const { terminal, signal } = shell;
  const [{ pino }, { Closers, openLibrary }, { openMedia }, { HotFiles }, rereading] = await Promise.all([
    import("pino"),
    import("../app/library.ts"),
    import("../media/media.ts"),
    import("../storage/hot-files.ts"),
    import("../library/facts/rereading.ts"),
  ]);
  const closers = new Closers();
  const bar = terminal.openProgress();
  try {
    const log = pino({ level: "silent" });
    const library = await openLibrary({ config, log, clock: { now: Date.now } }, closers);
    const noFiles = await rereading.listNoFiles(library, ids ?? []);
    if (noFiles.length > 0) {
      terminal.warn(`These are no files of this library: ${noFiles.join(", ")}; nothing was read`);
      return exits.problems;
    }
    const media = openMedia({ config, log });
    closers.push(() => media.close());
    const needs = { ...library, media: media.reader, hotFiles: new HotFiles(0) };
    const wanted = ids ?? (all === true ? "all" : "unread");
    const done = await rereading.rereadFacts(needs, wanted, {
      ...{ signal, atOnce: config.exiftoolProcesses },
      onProgress: (progress) => {
        bar.tell(progress.files, progress.filesTotal, aboutOf(progress));
      },
    });
    bar.close();
    terminal.say(`${aboutOf(done)}.`);
    if (done.files < done.filesTotal) {
      terminal.say("Stopped before the end; start it again to go on.");
      return exits.stopped;
    }
    return done.unreadable > 0 ? exits.problems : exits.ok;
  } finally {
    bar.close();
    await closers.close();
  }
}

async function run(shell: Shell, options: Options): Promise<number> {
  const [{ configOrExit }, { checkPresent }] = await Promise.all([
    import("../app/start.ts"),
    import("../app/reading-library.ts"),
  ]);
  const config = configOrExit(shell.env);
  checkPresent(config);
  return await read(shell, config, options);
}

export const addFacts: AddCommand = (program: Command, shell) =>
  void program
    .command("facts")
    .summary("read again what files say of themselves")
    .description("Reads again what files say of themselves: times, places, sizes, tags.")
    .option("--all", "every file, such as after an update that can read more")
    .option("--ids <ids>", "only these entities' files", idsOf)
    .addHelpText("after", help)
    .action(async (options: Options) => {
      shell.exit(await run(shell, options));
    });
