import { readFile } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { cpuMsOf } from "../../../bench/process-usage.ts";

/** How a server bears up while it is asked. */
export interface Watch {
  /** Milliseconds of CPU, all threads, since the last call. */
  cpuMs(): Promise<number>;
  /** Longest wait for `/livez` since the last call. */
  heldMs(): Held;
  stop(): Promise<void>;
}

export interface Held {
  /** As the prober saw it, other programs' work included. */
  readonly wallMs: number;
  /** Of that, what the event loop's own thread computed: what an idle machine would have shown. */
  readonly loopMs: number;
}

/** Milliseconds of CPU of the main thread, which has the process's id (proc(5)). */
async function loopCpuMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/task/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

const pauseMs = 15;

/** Asks for `/livez` without a pause longer than 15 ms, until it is stopped. */
export async function startWatch(url: string, pid: number): Promise<Watch> {
  const ending = new AbortController();
  let held: Held = { wallMs: 0, loopMs: 0 };
  let spent = await cpuMsOf(pid);
  const probe = async () => {
    const [startedAt, before] = [performance.now(), await loopCpuMs(pid)];
    await (await fetch(`${url}/livez`)).arrayBuffer();
    const [wallMs, loopMs] = [performance.now() - startedAt, (await loopCpuMs(pid)) - before];
    held = { wallMs: Math.max(held.wallMs, wallMs), loopMs: Math.max(held.loopMs, Math.min(wallMs, loopMs)) };
  };
  const probing = (async () => {
    while (!ending.signal.aborted) {
      // A server that is gone is the run's to tell.
      await probe().catch(() => undefined);
      await setTimeout(pauseMs);
    }
  })();
  return {
    async cpuMs() {
      const before = spent;
      spent = await cpuMsOf(pid);
      return spent - before;
    },
    heldMs() {
      const seen = held;
      held = { wallMs: 0, loopMs: 0 };
      return seen;
    },
    async stop() {
      ending.abort();
      await probing;
    },
  };
}
