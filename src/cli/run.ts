import { Command, CommanderError } from "commander";
import { exits, type Shell } from "./command.ts";
import { commands } from "./commands.ts";

const about = `Keeps images, videos and other media, and never forgets. Settings come from the environment; see check-config.`;

function makeProgram(shell: Shell): Command {
  const program = new Command("colan")
    .description(about)
    .version(shell.version, "--version", "print the version")
    .helpOption("-h, --help", "print this, or what a command does")
    .helpCommand("help [command]", "print this, or what a command does")
    // Commands inherit both, so this comes before them.
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .allowExcessArguments(false)
    .showSuggestionAfterError();
  for (const add of commands) add(program, shell);
  return program;
}

/** The help of a group of commands that was called without a command; undefined for any other mistake. */
const groupHelp = ({ code, exitCode }: CommanderError, program: Command, [first]: readonly string[]) =>
  code === "commander.help" && exitCode !== 0
    ? program.commands.find((command) => command.name() === first)?.helpInformation()
    : undefined;

/** Commander's message in one line, with the command that prints the help. */
function usageMessage({ message }: CommanderError, program: Command, [first]: readonly string[]): string {
  const problem = message.replace(/^error: /, "").replaceAll(/\s*\n\s*/g, " ");
  const isKnown = program.commands.some((command) => command.name() === first);
  const name = isKnown ? `colan ${first}` : "colan";
  return `${name}: ${problem}; see: ${name} --help`;
}

/**
 * Does what the arguments say.
 * @param args without node and the program's path.
 */
export async function runCommand(args: readonly string[], shell: Shell): Promise<void> {
  const program = makeProgram(shell);
  if (args.length === 0) {
    shell.terminal.warn(program.helpInformation());
    shell.exit(exits.usage);
    return;
  }
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode !== 0)
        shell.terminal.warn(groupHelp(error, program, args) ?? usageMessage(error, program, args));
      shell.exit(error.exitCode === 0 ? exits.ok : exits.usage);
      return;
    }
    shell.terminal.warn(error instanceof Error ? error.message : String(error));
    shell.exit(exits.unavailable);
  }
}
