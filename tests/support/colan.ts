import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { builtProgram } from "./program.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

interface Where {
  readonly databasePath: string;
  readonly mediaDir: string;
}

/** `colan …` as a process of its own. */
export function startColan(
  { databasePath, mediaDir }: Where,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
) {
  const child = spawn(process.execPath, [join(builtProgram(), "dist/colan.js"), ...args], {
    cwd: root,
    env: {
      PATH: process.env["PATH"],
      DATABASE_URL: `file:${databasePath}`,
      MEDIA_DIR: mediaDir,
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, stdout, stderr }));
  return { child, ended };
}

export const colan = (...args: Parameters<typeof startColan>) => startColan(...args).ended;
