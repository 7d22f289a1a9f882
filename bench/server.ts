import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { lookAtDatabase } from "../src/database/sqlite/library-row.ts";
import { writeLibraryMark } from "../src/storage/local/library-mark.ts";

/** A server in a process of its own; whoever starts one stops it. */
export interface Server {
  /** Of its GraphQL endpoint. */
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

interface Script {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Where its standard output goes: straight into a file, so that nobody here spends time on it. */
  readonly logPath: string;
}

const pathOf = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const running = new Set<ChildProcess>();
// A bench that fails or is interrupted leaves no server behind.
process.on("exit", () => {
  for (const child of running) child.kill();
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

/** Starts a script that writes its address to standard error, with no environment but PATH and what is given. */
async function startScript({ args, env, logPath }: Script): Promise<Server> {
  const log = await open(logPath, "a");
  const { PATH = "" } = process.env;
  const child = spawn(process.execPath, args, { env: { PATH, ...env }, stdio: ["ignore", log.fd, "pipe"] });
  await log.close();
  running.add(child);
  const exited = once(child, "exit").then(() => running.delete(child));

  const said: string[] = [];
  const url = await new Promise<string>((resolve, reject) => {
    if (child.stderr == null) throw new Error("standard error is a pipe, as asked for above");
    createInterface(child.stderr).on("line", (line) => {
      said.push(line);
      const found = /http:\/\/\S+\/graphql/.exec(line)?.[0];
      if (found != null) resolve(found);
    });
    void exited.then(() => {
      reject(new Error(`${args.join(" ")} ended:\n${said.join("\n")}`));
    });
  });
  const stop = async () => {
    child.kill();
    await exited;
  };
  // A process that has spoken has an id.
  return { url, pid: child.pid!, stop };
}

/** The program as `npm start` runs it, with default settings but those given and a library of its own in `dir`. */
export async function startStore(
  dir: string,
  databasePath = join(dir, "store.db"),
  settings: Readonly<Record<string, string>> = {},
): Promise<Server> {
  await mkdir(dir, { recursive: true });
  const mediaDir = join(dir, "media_files");
  // A seeded library has no files, and any folder is its own.
  const id = await lookAtDatabase(databasePath, ({ library }) => Promise.resolve(library?.id));
  if (id != null) await writeLibraryMark(mediaDir, id);
  const env = { PORT: "0", DATABASE_URL: `file:${databasePath}`, MEDIA_DIR: mediaDir };
  return startScript({
    args: [pathOf("../dist/main.js")],
    env: { ...env, ...settings },
    logPath: join(dir, "server.log"),
  });
}

/** The program of any checkout, from its sources, with a library in `dir`. */
export async function startProgram(
  checkout: string,
  dir: string,
  settings: Readonly<Record<string, string>>,
): Promise<Server> {
  const env = {
    PORT: "0",
    DATABASE_URL: `file:${join(dir, "store.db")}`,
    MEDIA_DIR: join(dir, "media_files"),
  };
  const args = ["--import", "tsx", join(checkout, "src/main.ts")];
  return startScript({ args, env: { ...env, ...settings }, logPath: join(dir, "server.log") });
}

/** The floor of files: a sender from the shelf, of the files in `folder`. */
export async function startBareFiles(folder: string): Promise<Server> {
  const args = ["--import", "tsx", pathOf("bare-files.ts"), folder];
  return startScript({ args, env: {}, logPath: join(folder, "server.log") });
}

/** The floor of a page: the same HTTP server and the same GraphQL engine, with nothing to do. */
export async function startBareYoga(dir: string): Promise<Server> {
  const args = ["--import", "tsx", pathOf("bare-yoga.ts")];
  return startScript({ args, env: {}, logPath: join(dir, "yoga.log") });
}
