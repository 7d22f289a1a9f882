import type { Command } from "commander";
import { exits, type AddCommand, type Shell } from "./command.ts";

const help = `
Copies every row, with all versions, keys and secrets, from the database of DATABASE_URL to an empty one, and compares both.
The media directory stays where it is. The server must be stopped. Nothing is changed in the old database; stopped by a
signal or a crash, the new one is empty, and the command can be given again. Then set DATABASE_URL to the new one.

Example: colan move-database postgresql://colan:secret@localhost/colan`;

async function run(shell: Shell, to: string): Promise<number> {
  const [{ configOrExit }, { engineOf }, { moveDatabase, MoveError }] = await Promise.all([
    import("../app/start.ts"),
    import("../database/engines.ts"),
    import("../maintenance/move/database.ts"),
  ]);
  const { databaseUrl } = configOrExit(shell.env);
  configOrExit({ ...shell.env, DATABASE_URL: to });
  const { terminal, signal } = shell;
  const place = (url: string) => ({ engine: engineOf(url), url });
  const bar = terminal.openProgress();
  try {
    const moved = await moveDatabase(place(databaseUrl), place(to), {
      signal,
      onProgress: (rows, rowsTotal) => {
        bar.tell(rows, rowsTotal, `${rows} of ${rowsTotal} rows`);
      },
    });
    bar.close();
    const { Entity = 0, EntityVersion = 0, Transaction = 0 } = moved.rows;
    terminal.say(
      `${Entity} entities with ${EntityVersion} versions of ${Transaction} transactions are in both databases alike. ` +
        `Start the server with DATABASE_URL set to the new one.`,
    );
    return exits.ok;
  } catch (error) {
    bar.close();
    if (signal.aborted) {
      terminal.warn("Stopped; the new database is empty, the old one as it was");
      return exits.stopped;
    }
    if (!(error instanceof MoveError)) throw error;
    terminal.warn(error.message);
    return exits.problems;
  }
}

export const addMoveDatabase: AddCommand = (program: Command, shell) =>
  void program
    .command("move-database")
    .summary("copy the library's rows to another database")
    .description("Moves the library from SQLite to PostgreSQL, or back.")
    .argument("<url>", "the new DATABASE_URL")
    .addHelpText("after", help)
    .action(async (url: string) => {
      shell.exit(await run(shell, url));
    });
