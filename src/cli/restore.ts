import { join } from "node:path";
import type { Command } from "commander";
import { exits, type AddCommand, type Shell } from "./command.ts";
import { bytesText } from "./terminal.ts";

const help = `
<folder> is a backup, or the folder of backups, whose newest is taken. The library goes where DATABASE_URL and
MEDIA_DIR or MEDIA_URL say, or below --to; nothing may be there. Every file is proved by its SHA-256 on the way. Stopped, it goes on
when it is started again.`;

async function run(shell: Shell, dir: string, to: string | undefined): Promise<number> {
  const [
    { configOrExit },
    { fileOfDatabase },
    { carryingPlaceOf, nameOfOriginals },
    { restoreBackup },
    { NotEmptyError },
    copying,
    { BackupError },
    manifests,
  ] = await Promise.all([
    import("../app/start.ts"),
    import("../app/paths.ts"),
    import("../app/places.ts"),
    import("../maintenance/backup/restore.ts"),
    import("../storage/local/restoring.ts"),
    import("../storage/local/copying.ts"),
    import("../maintenance/backup/service.ts"),
    import("../maintenance/backup/manifest.ts"),
  ]);
  const place =
    to == null
      ? {}
      : {
          ...{ DATABASE_URL: `file:${join(to, "media_store.db")}`, MEDIA_DIR: join(to, "media_files") },
          ...{ MEDIA_URL: "", S3_REDIRECT: "" },
        };
  const config = configOrExit({ ...shell.env, ...place });
  const databasePath = fileOfDatabase(config.databaseUrl);
  const { terminal, signal } = shell;
  const bar = terminal.openProgress();
  try {
    const needs = { config, originals: await carryingPlaceOf(config), databasePath };
    const { path, files, bytes, manifest } = await restoreBackup(needs, dir, {
      signal,
      onProgress: (progress) => {
        bar.tell(progress.files, progress.filesTotal, `${progress.files} of ${progress.filesTotal} files`);
      },
    });
    bar.close();
    terminal.say(
      `${files} files (${bytesText(bytes)}) of ${path}, as of transaction ${manifest.lastTransactionId} (${manifest.madeAt}), ` +
        `to ${nameOfOriginals(config)} and ${databasePath}.`,
    );
    return exits.ok;
  } catch (error) {
    bar.close();
    if (signal.aborted) {
      terminal.warn("Stopped; the same command goes on.");
      return exits.stopped;
    }
    const expected = [NotEmptyError, copying.DamagedCopyError, BackupError, manifests.ManifestError];
    if (!(error instanceof Error) || !expected.some((kind) => error instanceof kind)) throw error;
    terminal.warn(error.message);
    return exits.problems;
  }
}

export const addRestore: AddCommand = (program: Command, shell) =>
  void program
    .command("restore <folder>")
    .summary("put a backup into an empty place")
    .description("Puts a backup into an empty place; never overwrites anything.")
    .option("--to <folder>", "a folder for media_store.db and media_files, in place of the settings' paths")
    .addHelpText("after", help)
    .action(async (dir: string, { to }: { to?: string }) => {
      shell.exit(await run(shell, dir, to));
    });
