import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";

/** Whether system calls of other processes can be watched here: strace is there, and may trace. */
export const canTrace = spawnSync("strace", ["-o", "/dev/null", "true"]).status === 0;

/** SQLite works in the main thread, all other files are libuv's, in a pool that has one thread here. */
export type Thread = "main" | "pool";

/** Settings that make both threads recognisable: a pool of one, and no background work. */
export const tracedSettings = { UV_THREADPOOL_SIZE: "1", DERIVATIVES_AHEAD: "false" } as const;

/** Node's threads are named node; libuv's pool begins after all others of them. */
export function threadOf(pid: number, thread: Thread): number {
  if (thread === "main") return pid;
  const names = readdirSync(`/proc/${pid}/task`).map((id) => ({
    id: Number(id),
    name: readFileSync(`/proc/${pid}/task/${id}/comm`, "utf8").trim(),
  }));
  const own = names.filter(({ name }) => name === "node" || name === "libuv-worker").map(({ id }) => id);
  return Math.max(...own);
}

export interface Tracing {
  /** Lets go of the thread, unless it is dead. @returns the calls that were tampered with. */
  end(): Promise<readonly string[]>;
}

/**
 * Lets the `nth` of a thread's next calls of this name end the process before it is made, or fail without being made.
 * @param call as strace names it, such as `fsync`.
 * @param fault `signal=SIGKILL`, or such as `error=EIO`.
 */
export async function tamper(
  tid: number,
  { call, fault, nth }: { readonly call: string; readonly fault: string; readonly nth: number },
): Promise<Tracing> {
  const child = spawn(
    "strace",
    ["-y", "-s", "0", "-p", String(tid), "-e", `trace=${call}`, "-e", `inject=${call}:${fault}:when=${nth}`],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  const closed = once(child, "close");
  let text = "";
  await new Promise<void>((resolve, reject) => {
    child.stderr.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes(" attached")) resolve();
    });
    child.once("error", reject);
    child.once("exit", () => {
      reject(new Error(`strace ended at once: ${text}`));
    });
  });
  return {
    async end() {
      if (child.exitCode == null && child.signalCode == null) child.kill("SIGINT");
      await closed;
      return text.split("\n").filter((line) => line.includes("(INJECTED)") || line.includes("killed by"));
    },
  };
}
