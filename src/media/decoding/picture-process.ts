import { spawn, type ChildProcess } from "node:child_process";
import { createRequire } from "node:module";
import { homedir, tmpdir } from "node:os";
import type { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { startClock, type Allowance, type Over } from "../sandbox/cpu-clock.ts";
import type { ProcessGroupReaper } from "../sandbox/process-group-reaper.ts";
import type { ProgramSettings, Reply, Task } from "./picture-tasks.ts";

/** How a task ended, where the process gave no reply. */
export type Outcome = Reply | { readonly died: string } | { readonly isLate: Over };

/** One kept process that decodes pictures. */
export interface PictureProcess {
  readonly pid: number;
  /** False once it has ended, was ended, or has served long enough; then it is to be closed. */
  readonly isUsable: boolean;
  /** One task at a time. A process that is late is dead when this resolves. */
  carryOut(task: Task, allowance: Allowance): Promise<Outcome>;
  /** Ends it and all that it started, by force; resolves when it is gone. */
  close(): Promise<void>;
}

/** Decoders fragment memory; the cost of a new process, spread over this many pictures, is negligible. */
const tasksMax = 1_000;

const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
const program = fileURLToPath(new URL(`./picture-program/program${extension}`, import.meta.url));
// Of TypeScript sources, the process is started as those who develop start the server.
const loader = extension === ".ts" ? ["--import", createRequire(import.meta.url).resolve("tsx")] : [];

const environment = {
  LANG: "C",
  // Fonts of SVGs are found through a cache in there.
  HOME: homedir(),
  // For libvips: pictures too large for memory.
  TMPDIR: tmpdir(),
  UV_THREADPOOL_SIZE: "2",
  // Of freed memory glibc gives back less the more arenas it has.
  MALLOC_ARENA_MAX: "2",
};

function start(confinement: readonly string[], settings: ProgramSettings): ChildProcess {
  const [command, ...args] = [...confinement, process.execPath];
  const options = ["--max-old-space-size=128", ...loader, program, JSON.stringify(settings)];
  return spawn(command, [...args, ...options], {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    env: environment,
    // Its own group, so that what it starts can be ended with it.
    detached: true,
  });
}

/** Ends all that is left of its group; it may itself have ended before what it started. */
function endGroup({ pid }: ChildProcess) {
  if (pid == null) return;
  try {
    process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
  } catch {
    // ESRCH: nothing is left.
  }
}

/** Its last words, for the log. */
function keepWords(child: ChildProcess): () => string {
  let words = "";
  child.stderr?.on("data", (chunk: Buffer) => (words = (words + chunk.toString()).slice(-500)));
  return () => words.trim();
}

/** An idle process must not keep this one running, a busy one must. */
function setBusy(child: ChildProcess, isBusy: boolean) {
  const change = isBusy ? "ref" : "unref";
  child[change]();
  child.channel?.[change]();
  // A pipe is a socket, whatever its property's type says.
  (child.stderr as Socket | null)?.[change]();
}

/** Starts a process. @throws when it does not come up; that is never a picture's fault. */
export async function openPictureProcess(
  { confinement, watch }: { readonly confinement: readonly string[]; readonly watch: ProcessGroupReaper },
  settings: ProgramSettings,
): Promise<PictureProcess> {
  const child = start(confinement, settings);
  watch.add(child.pid);
  const words = keepWords(child);
  const gone = new Promise<string>((resolve) => {
    child.on("exit", (code, signal) => {
      endGroup(child);
      watch.forget(child.pid);
      resolve(`${signal ?? `exit code ${code}`}${words() && `: ${words()}`}`);
    });
    // Could not be started, or not be written to.
    child.on("error", (error) => {
      resolve(error.message);
    });
  });
  const nextReply = () =>
    new Promise<Reply>((resolve) => {
      // The program sends nothing else.
      child.once("message", (reply) => {
        resolve(reply as Reply);
      });
    });
  const died = gone.then((reason) => ({ died: reason }));
  const first = await Promise.race([nextReply(), died]);
  if ("died" in first) throw new Error(`a picture process could not be started: ${first.died}`);
  return keep(child, nextReply, died);
}

function keep(
  child: ChildProcess,
  nextReply: () => Promise<Reply>,
  died: Promise<{ died: string }>,
): PictureProcess {
  let tasks = 0;
  let isEnded = false;
  const close = async () => {
    if (!isEnded) endGroup(child);
    isEnded = true;
    // Nothing else may keep this program running until the process is gone, and then the promise would never settle.
    child.ref();
    await died;
  };
  void died.then(() => (isEnded = true));
  setBusy(child, false);
  return {
    // It has said that it is ready.
    pid: child.pid ?? 0,
    get isUsable() {
      return !isEnded && tasks < tasksMax;
    },
    async carryOut(task, allowance) {
      tasks++;
      setBusy(child, true);
      let stopClock = () => {};
      const late = new Promise<{ isLate: Over }>((resolve) => {
        stopClock = startClock(child.pid, allowance, (isLate) => {
          resolve({ isLate });
        });
      });
      const reply = nextReply();
      child.send(task);
      const outcome = await Promise.race([reply, died, late]);
      stopClock();
      if ("isLate" in outcome || ("isSpent" in outcome && outcome.isSpent)) await close();
      setBusy(child, false);
      return outcome;
    },
    close,
  };
}
