import { resolve } from "node:path";
import type { Command } from "commander";
import type { Config } from "../config/config.ts";
import type { MoveProgress } from "../maintenance/move/storage.ts";
import { exits, type AddCommand, type Shell } from "./command.ts";
import { bytesText, type ProgressBar } from "./terminal.ts";

interface Options {
  readonly dryRun?: boolean;
  readonly removeSource?: boolean;
}

const help = `
<place> is a bucket (s3://bucket/prefix, with the S3 settings of the server) or a folder: empty, or the library's from an
earlier move. Every original is copied from where MEDIA_URL or MEDIA_DIR say, and proved by its SHA-256 in the new place.
The server must be stopped. Stopped by a signal or a crash, the same command goes on. The old place stays as it is, unless
--remove-source is given: then its originals go when all are in the new one. Start the server with the new setting then.

Ends with 0 when all is moved, 1 when originals are missing or damaged, 69 when the place is another library's, not empty
or not reachable, 75 when it was stopped by a signal.

Examples: colan move-storage s3://photos/library
          colan move-storage /srv/media --dry-run`;

const settingOf = ({ mediaUrl, mediaDir }: Config): string =>
  mediaUrl === "" ? `MEDIA_DIR=${resolve(mediaDir)}, without MEDIA_URL` : `MEDIA_URL=${mediaUrl}`;

/** Files, and how fast they come. */
function tellOn(bar: ProgressBar) {
  const beganAt = performance.now();
  return ({ files, filesTotal, bytes, bytesTotal, copiedBytes }: MoveProgress) => {
    const seconds = Math.max(0.001, (performance.now() - beganAt) / 1000);
    // What was there before takes no time that could be foreseen by.
    const [done, total] =
      copiedBytes > 0 ? [copiedBytes, bytesTotal - bytes + copiedBytes] : [bytes, bytesTotal];
    const rate = `${bytesText(Math.round(copiedBytes / seconds))}/s`;
    bar.tell(done, total, `${files} of ${filesTotal} files, ${rate}`);
  };
}

async function move(shell: Shell, config: Config, target: Config, options: Options): Promise<number> {
  const { terminal, signal } = shell;
  const [{ Closers }, { openStorageMove }, storage] = await Promise.all([
    import("../app/library.ts"),
    import("./move-storage-opening.ts"),
    import("../maintenance/move/storage.ts"),
  ]);
  const closers = new Closers();
  const bar = terminal.openProgress();
  const moving = { signal, onProgress: tellOn(bar) };
  try {
    const { holdRemovals, ...plan } = await openStorageMove(config, target, closers, options.dryRun === true);
    if (options.dryRun === true) {
      const { filesTotal, bytesTotal, there, thereBytes } = await storage.planStorageMove(plan, moving);
      bar.close();
      terminal.say(
        `${filesTotal} files (${bytesText(bytesTotal)}) would be in ${plan.to.title}; of ${there} of them ` +
          `(${bytesText(thereBytes)}) a file of the same size is there, which would be proved. Nothing was written.`,
      );
      return exits.ok;
    }
    const moved = await storage.moveStorage(plan, moving);
    bar.close();
    terminal.say(
      `${moved.filesTotal} files (${bytesText(moved.bytesTotal)}) are in ${plan.to.title}, each proved by its SHA-256; ` +
        `${bytesText(moved.copiedBytes)} were copied. Start the server with ${settingOf(target)}.`,
    );
    if (moved.strangers > 0)
      terminal.warn(
        `${moved.strangers} more files are there that no row names; colan verify --repair puts them aside`,
      );
    if (options.removeSource !== true) return exits.ok;
    const release = await holdRemovals();
    try {
      const removed = await storage.clearSource(plan, signal);
      terminal.say(`${plan.from.title} has none of these ${removed} files any longer.`);
    } finally {
      release();
    }
    return exits.ok;
  } catch (error) {
    bar.close();
    if (signal.aborted) {
      terminal.warn("Stopped; the same command goes on.");
      return exits.stopped;
    }
    if (!(error instanceof storage.DamagedOriginalsError)) throw error;
    terminal.warn(error.message);
    return exits.problems;
  } finally {
    await closers.close();
  }
}

async function run(shell: Shell, to: string, options: Options): Promise<number> {
  const { configOrExit } = await import("../app/start.ts");
  const config = configOrExit(shell.env);
  const place = to.startsWith("s3://")
    ? { MEDIA_URL: to }
    : { MEDIA_URL: "", MEDIA_DIR: to, S3_REDIRECT: "" };
  return move(shell, config, configOrExit({ ...shell.env, ...place }), options);
}

export const addMoveStorage: AddCommand = (program: Command, shell) =>
  void program
    .command("move-storage")
    .summary("copy the originals to a bucket, or to another folder")
    .description("Moves the library's originals from a folder to a bucket, or back.")
    .argument("<place>", "the new MEDIA_URL, or the new MEDIA_DIR")
    .option("--dry-run", "say what would be done, and write nothing")
    .option("--remove-source", "remove the originals from the old place when all are in the new one")
    .addHelpText("after", help)
    .action(async (to: string, options: Options) => {
      shell.exit(await run(shell, to, options));
    });
