import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { startProcess } from "../support/process.ts";

/** A real server in a process of its own that is shot at, and what can be seen of it from outside. */
export interface Target {
  readonly url: string;
  readonly pid: number;
  /** Why it must be called dead; undefined while the process that was started first still runs. */
  death(): string | undefined;
  /** Bytes of memory in RAM. */
  memory(): Promise<number>;
  /** Most bytes of memory in RAM it ever had. */
  peakMemory(): Promise<number>;
  /** What it has logged so far, a JSON line each. */
  log(): string;
  /** What has become of shared prototypes; undefined while nothing has. */
  pollution(): string | undefined;
  /** Every file below its media directory but the lock and the library's mark, relative. */
  listFiles(): Promise<string[]>;
  /** Ends it by SIGTERM and sweeps away its folder; @returns the exit code. */
  stop(): Promise<number | null>;
}

interface Options {
  readonly env?: Readonly<Record<string, string>>;
  /** Fills the library before the server opens it. */
  readonly prepare?: ((dir: string) => Promise<void>) | undefined;
  /** The folder of another build of it, such as a broken one. */
  readonly program?: string;
}

const probe = pathToFileURL(join(import.meta.dirname, "pollution-probe.ts")).href;

async function statusOf(pid: number, name: "VmRSS" | "VmHWM"): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? Number.NaN) * 1024;
}

/** @throws what the server printed, when it ends before it listens. */
export async function startTarget({ env = {}, prepare, program }: Options = {}): Promise<Target> {
  const dir = await mkdtemp(join(tmpdir(), "colan-fuzz-"));
  await prepare?.(dir);
  const settings = { LOG_LEVEL: "warn", EXIFTOOL_PROCESSES: "2", ...env };
  // The probe looks at the prototypes from inside; tsx, which reads it, is loaded by the command line.
  const given = { NODE_OPTIONS: `--import tsx --import ${probe}`, ...settings };
  const server = await startProcess(dir, given, program == null ? {} : { program });
  const { pid } = server.child;
  if (pid == null) throw new Error("a process that listens has no id");
  const mediaDir = join(dir, "media_files");
  return {
    url: server.url,
    pid,
    death() {
      const { exitCode, signalCode } = server.child;
      if (exitCode == null && signalCode == null) return undefined;
      return `ended by ${signalCode ?? `exit code ${exitCode}`}: ${server.stderr().slice(-2_000)}`;
    },
    memory: () => statusOf(pid, "VmRSS"),
    peakMemory: () => statusOf(pid, "VmHWM"),
    log: () => server.stdout(),
    pollution: () => /^POLLUTED .*$/m.exec(server.stderr())?.[0],
    async listFiles() {
      const entries = await readdir(mediaDir, { recursive: true, withFileTypes: true });
      const files = entries.filter((entry) => entry.isFile() && !/^\.(lock|library)/.test(entry.name));
      return files.map(({ parentPath, name }) => relative(mediaDir, join(parentPath, name)));
    },
    async stop() {
      const code = await server.end("SIGTERM");
      await rm(dir, { recursive: true, force: true });
      return code;
    },
  };
}
