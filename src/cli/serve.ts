import type { Command } from "commander";
import type { AddCommand } from "./command.ts";

export const addServe: AddCommand = (program: Command, shell) =>
  void program
    .command("serve")
    .summary("run the server")
    .description("Runs the server until SIGTERM or SIGINT, with the settings of the environment.")
    .action(() => shell.serve());
