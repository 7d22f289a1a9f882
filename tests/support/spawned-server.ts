import { join } from "node:path";
import { clientOf, type Client } from "./client.ts";
import { startProcess } from "./process.ts";
import { listFiles } from "./server.ts";

/** A client of the program in a process of its own, which may be killed. */
export interface SpawnedServer extends Client {
  readonly pid: number;
  readonly mediaDir: string;
  listFiles(): Promise<string[]>;
  /** Sends the signal and waits for the end; @returns the exit code, null when the signal ended it. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

interface Options {
  readonly env?: Readonly<Record<string, string>>;
  /** A command to run it under, such as strace with its options. */
  readonly under?: readonly string[];
}

/** Starts the program on the library in `dir`. @throws what it printed, when it ends before it listens. */
export async function spawnServer(dir: string, { env, under }: Options = {}): Promise<SpawnedServer> {
  const server = await startProcess(
    dir,
    { LOG_LEVEL: "warn", DERIVATIVES_AHEAD: "false", ...env },
    under == null ? {} : { under },
  );
  const { pid } = server.child;
  if (pid == null) throw new Error("a process that listens has no id");
  const mediaDir = join(dir, "media_files");
  return {
    ...clientOf(server.url),
    pid,
    mediaDir,
    listFiles: () => listFiles(mediaDir),
    end: (signal) => server.end(signal),
  };
}
