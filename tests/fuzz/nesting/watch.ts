import { readdir, readFile } from "node:fs/promises";
import { Agent, get } from "node:http";
import { setTimeout } from "node:timers/promises";
import { cpuMsOf } from "../../../bench/process-usage.ts";

/** How a server bears up while it is asked. */
export interface Watch {
  /** Milliseconds of CPU, all threads, since the last call. */
  cpuMs(): Promise<number>;
  /** Longest wait for `/livez` since the last call. */
  heldMs(): Held;
  /** Resolves as soon as no thread of it has computed for a while, nor waits for a processor. */
  untilAtRest(): Promise<void>;
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

/** Threads that compute or wait for a processor, of which a busy machine may have too few (proc(5)). */
async function runnableThreads(pid: number): Promise<number[]> {
  const threads = await readdir(`/proc/${pid}/task`);
  const states = await Promise.all(
    threads.map(async (thread) => {
      // A thread may end at any time.
      const stat = await readFile(`/proc/${pid}/task/${thread}/stat`, "utf8").catch(() => ") S");
      return stat.slice(stat.lastIndexOf(")") + 2)[0] === "R" ? [Number(thread)] : [];
    }),
  );
  return states.flat();
}

const pauseMs = 25;
const restPauseMs = 30;
/** So many looks in turn must find nothing to do; the event loop may answer `/livez` in a few of them. */
const restLooks = 6;
const loopLooksMax = 3;

async function untilAtRest(pid: number): Promise<void> {
  let looks = 0;
  let loopLooks = 0;
  while (looks < restLooks) {
    await setTimeout(restPauseMs);
    const runnable = await runnableThreads(pid);
    if (runnable.includes(pid)) loopLooks++;
    looks = runnable.some((thread) => thread !== pid) || loopLooks > loopLooksMax ? 0 : looks + 1;
    if (looks === 0) loopLooks = 0;
  }
}

/** Dearer clients would take more of the processor than what they watch. */
const askLivez = (url: string, agent: Agent) =>
  new Promise<void>((resolve, reject) => {
    get(`${url}/livez`, { agent }, (response) => {
      response.resume().once("end", resolve);
    }).once("error", reject);
  });

/** Asks for `/livez` without a pause longer than 25 ms, until it is stopped. */
export async function startWatch(url: string, pid: number): Promise<Watch> {
  const ending = new AbortController();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let held: Held = { wallMs: 0, loopMs: 0 };
  let spent = await cpuMsOf(pid);
  const probe = async () => {
    const [startedAt, before] = [performance.now(), await loopCpuMs(pid)];
    await askLivez(url, agent);
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
    untilAtRest: () => untilAtRest(pid),
    async stop() {
      ending.abort();
      await probing;
      agent.destroy();
    },
  };
}
