import type { Command } from "commander";
import { exits, type AddCommand, type Shell } from "./command.ts";

/** Settings whose values must not appear in a screenshot or a bug report. */
const secretName = /SECRET|PASSWORD|TOKEN|_KEY$|_KEYS$|HEADERS$/;
/** User and password in a URL. */
const credentials = /\/\/[^/@\s]+@/;

const shown = (name: string, value: string): string =>
  secretName.test(name) && value !== "" ? "(set, not shown)" : value.replace(credentials, "//(not shown)@");

async function run(shell: Shell): Promise<number> {
  const [{ settings }, { configOrExit }] = await Promise.all([
    import("../config/config.ts"),
    import("../app/start.ts"),
  ]);
  configOrExit(shell.env);
  const all = Object.values(settings);
  const width = Math.max(...all.map(({ env }) => env.length));
  for (const { env, byDefault } of all) {
    const given = shell.env[env];
    const origin = given ? "" : "  (default)";
    shell.terminal.say(`${env.padEnd(width)}  ${shown(env, given || byDefault)}${origin}`);
  }
  return exits.ok;
}

export const addCheckConfig: AddCommand = (program: Command, shell) =>
  void program
    .command("check-config")
    .summary("show the settings in force, or everything wrong with them")
    .description(
      "Shows the settings in force without secrets, or says everything that is wrong with them (78).",
    )
    .action(async () => {
      shell.exit(await run(shell));
    });
