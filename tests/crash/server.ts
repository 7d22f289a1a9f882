import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { clientOf, type Client } from "../support/client.ts";

export interface CrashServer extends Client {
  readonly pid: number;
  /** From the start of the process until it listens and has answered. */
  readonly startMs: number;
  readonly log: () => string;
  readonly isAlive: () => boolean;
  /** Sends the signal to the program itself and waits for the end of all that was started. */
  end(signal: NodeJS.Signals): Promise<void>;
}

/** @throws {Error} with what it printed when it ends instead of listening. */
export async function startServer(
  program: string,
  library: string,
  env: Readonly<Record<string, string>> = {},
): Promise<CrashServer> {
  const began = performance.now();
  const child = spawn(process.execPath, [join(program, "dist/main.js")], {
    cwd: program,
    env: {
      PATH: process.env["PATH"],
      PORT: "0",
      DATABASE_URL: `file:${join(library, "media_store.db")}`,
      MEDIA_DIR: join(library, "media_files"),
      EXIFTOOL_PROCESSES: "1",
      LOG_LEVEL: "warn",
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  const closed = once(child, "exit");
  const url = await new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      log = (log + chunk.toString()).slice(-20_000);
      const found = /GraphQL and GraphiQL\s+(\S+)\/graphql/.exec(log);
      if (found?.[1] != null) resolve(found[1]);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.once("error", reject);
    child.once("exit", (code) => {
      reject(new Error(`the server ended with ${code} instead of listening: ${log}`));
    });
  });
  const { pid } = child;
  if (pid == null) throw new Error("a process that listens has no id");
  await (await fetch(`${url}/graphql?query=%7B__typename%7D`)).arrayBuffer();
  return {
    ...clientOf(url),
    pid,
    startMs: performance.now() - began,
    log: () => log,
    isAlive: () => child.exitCode == null && child.signalCode == null,
    end: async (signal) => {
      // Nothing happens to one that is dead already.
      child.kill(signal);
      await closed;
    },
  };
}
