#!/usr/bin/env node
import "./app/production.ts";
import type { Shell } from "./cli/command.ts";
import { runCommand } from "./cli/run.ts";
import { openTerminal } from "./cli/terminal.ts";
import { version } from "./version.ts";

const stopping = new AbortController();
const stop = () => {
  stopping.abort();
};
process.once("SIGTERM", stop).once("SIGINT", stop);
// The reader of the output may end first, as `head` does.
process.stdout.on("error", () => undefined);

const shell: Shell = {
  env: process.env,
  terminal: openTerminal(),
  signal: stopping.signal,
  version,
  serve: async () => {
    // The server has its own way to stop.
    process.removeListener("SIGTERM", stop).removeListener("SIGINT", stop);
    await import("./main.ts");
  },
  exit: (code) => {
    process.exitCode = code;
  },
};
await runCommand(process.argv.slice(2), shell);
