import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { builtProgram } from "./program.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The server as a process of its own, as `npm start` runs it, for what a test cannot do to itself. */
export interface ServerProcess {
  readonly child: ChildProcess;
  readonly url: string;
  /** Log lines. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Sends the signal and waits for the end; @returns exit code, or null when the signal ended it. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

interface Started {
  child: ChildProcess;
  stdout: () => string;
  stderr: () => string;
}

interface Running {
  /** A command to run it under, such as strace with its options. */
  readonly under?: readonly string[];
  /** The folder of another build of it, with `dist/main.js`. */
  readonly program?: string;
}

export function spawnServer(
  dir: string,
  env: Readonly<Record<string, string>> = {},
  { under = [], program = builtProgram() }: Running = {},
): Started {
  const [command, ...args] = [...under, process.execPath, join(program, "dist/main.js")];
  const child = spawn(command, args, {
    cwd: root,
    env: {
      PATH: process.env["PATH"],
      PORT: "0",
      DATABASE_URL: `file:${dir}/media_store.db`,
      MEDIA_DIR: `${dir}/media_files`,
      EXIFTOOL_PROCESSES: "1",
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const read = (stream: NodeJS.ReadableStream | null) => {
    let text = "";
    stream?.on("data", (chunk: Buffer) => (text += chunk.toString()));
    return () => text;
  };
  return { child, stdout: read(child.stdout), stderr: read(child.stderr) };
}

/** @throws {Error} with what it printed when the process ends instead of listening. */
export async function startProcess(
  dir: string,
  env?: Readonly<Record<string, string>>,
  running?: Running,
): Promise<ServerProcess> {
  const started = spawnServer(dir, env, running);
  const { child, stderr } = started;
  const url = await new Promise<string>((resolve, reject) => {
    const look = () => {
      const found = /GraphQL and GraphiQL\s+(\S+)\/graphql/.exec(stderr());
      if (found?.[1] != null) resolve(found[1]);
    };
    child.stderr?.on("data", look);
    child.once("exit", (code) => {
      reject(new Error(`the server ended with ${code} instead of listening: ${stderr()}`));
    });
  });
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode != null || child.signalCode != null) return child.exitCode;
    const ended = once(child, "exit");
    child.kill(signal);
    const [code] = (await ended) as [number | null];
    return code;
  };
  return { ...started, url, end };
}
