import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { clientOf, type Client } from "./client.ts";
import { listFiles } from "./server.ts";

/** The program as an operator starts it, in a process of its own that may be killed. */
export interface SpawnedServer extends Client {
  readonly pid: number;
  readonly mediaDir: string;
  listFiles(): Promise<string[]>;
  /** Sends the signal, SIGTERM unless told otherwise, and waits for the end. @returns the exit code. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
}

interface Options {
  readonly env?: Readonly<Record<string, string>>;
  /** A command to run it under, such as strace with its options. */
  readonly under?: readonly string[];
}

const root = join(import.meta.dirname, "../..");
const running = new Set<ChildProcess>();

// A test that fails midway must not leave servers behind.
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** Starts `src/main.ts` on the library in `dir`. */
export function spawnProgram(dir: string, { env = {}, under = [] }: Options = {}): ChildProcess {
  const [command, ...args] = [...under, process.execPath, "--import", "tsx", "src/main.ts"];
  const child = spawn(command!, args, {
    cwd: root,
    stdio: ["ignore", "ignore", "pipe"],
    env: {
      PATH: process.env["PATH"],
      PORT: "0",
      DATABASE_URL: `file:${join(dir, "media_store.db")}`,
      MEDIA_DIR: join(dir, "media_files"),
      EXIFTOOL_PROCESSES: "1",
      LOG_LEVEL: "warn",
      ...env,
    },
  });
  running.add(child);
  child.once("exit", () => running.delete(child));
  return child;
}

/** @throws what the program wrote, when it ends before it listens. */
export async function spawnServer(dir: string, options?: Options): Promise<SpawnedServer> {
  const child = spawnProgram(dir, options);
  const url = await addressOf(child);
  const mediaDir = join(dir, "media_files");
  return {
    ...clientOf(url),
    pid: child.pid!,
    mediaDir,
    listFiles: () => listFiles(mediaDir),
    end: async (signal = "SIGTERM") => {
      if (child.exitCode != null || child.signalCode != null) return child.exitCode;
      child.kill(signal);
      await once(child, "exit");
      return child.exitCode;
    },
  };
}

/** Keeps reading afterwards: a full pipe would stop the server. */
function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    // Piped above, so it is there.
    child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      const url = /GraphQL and GraphiQL\s+(\S+)\/graphql\n/.exec(said)?.[1];
      if (url != null) resolve(url);
    });
    child.once("exit", () => {
      reject(new Error(`the server did not start: ${said}`));
    });
  });
}
