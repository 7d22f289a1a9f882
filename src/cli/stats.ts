import type { Command } from "commander";
import { exits, type AddCommand, type Shell } from "./command.ts";

async function run(shell: Shell, isJson: boolean): Promise<number> {
  const [{ configOrExit }, { Closers }, { openLibraryForReading }, { readCounters }] = await Promise.all([
    import("../app/start.ts"),
    import("../app/library.ts"),
    import("../app/reading-library.ts"),
    import("../find/search/totals.ts"),
  ]);
  const closers = new Closers();
  try {
    const { reader } = await openLibraryForReading(configOrExit(shell.env), closers);
    const counters = await readCounters({ db: { reader } });
    const count = (name: string) => counters[name] ?? 0;
    const stats = {
      files: count("media.live"),
      collections: count("collections.live"),
      trashed: count("media.trashed") + count("collections.trashed"),
      bytes: count("originals.bytes"),
      versions: count("versions"),
      transactions: count("transactions"),
    };
    const { say } = shell.terminal;
    if (isJson) say(JSON.stringify(stats));
    else for (const [name, value] of Object.entries(stats)) say(`${name.padEnd(12)} ${value}`);
    return exits.ok;
  } finally {
    await closers.close();
  }
}

export const addStats: AddCommand = (program: Command, shell) =>
  void program
    .command("stats")
    .summary("say how big the library is")
    .description("Says how big the library is, also while the server runs.")
    .option("--json", "one JSON object")
    .action(async ({ json }: { json?: boolean }) => {
      shell.exit(await run(shell, json === true));
    });
