import type { Command } from "commander";
import type { Terminal } from "./terminal.ts";

/** The surroundings of a command. */
export interface Shell {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly terminal: Terminal;
  /** Aborted by SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** Such as 1.2.3. */
  readonly version: string;
  /** Runs the server until it is stopped. */
  serve(): Promise<void>;
  /** Ends the process with this code. */
  exit(code: number): void;
}

/**
 * Adds one command. What it needs of the program is imported when it runs, so that `--help` and `--version` answer
 * at once.
 */
export type AddCommand = (program: Command, shell: Shell) => void;

/** Exit codes of commands; those above 60 are of sysexits.h, and `start.ts` has the rest of them. */
export const exits = {
  ok: 0,
  /** Something is wrong: with the library, or with the backup. */
  problems: 1,
  /** Something was wrong and is repaired. */
  repaired: 2,
  usage: 64,
  unavailable: 69,
  /** Stopped before the end; the same command goes on. */
  stopped: 75,
  config: 78,
} as const;
