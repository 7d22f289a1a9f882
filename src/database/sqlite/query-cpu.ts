import type { CpuAccount } from "../asker.ts";
import { loopCpuMs } from "../../loop-cpu.ts";

/** Milliseconds between two looks at queries that run. */
const lookEveryMs = 25;

/** Milliseconds of processor that the process has used, all its threads together. */
const cpuMsNow = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

interface Use {
  readonly account: CpuAccount;
  /** When it began, or when it was looked at last. */
  from: number;
}

/**
 * How much of the processor each query uses in its thread. No system tells it of a thread of libsql's: what the process
 * has used, but for what the event loop has, is shared out among the queries that have run, by how long they did. A query
 * that waits for a processor on a busy machine uses none. A look costs as much as a small query, so there is one every few
 * milliseconds, not one for each query.
 */
export class QueryCpu {
  readonly #running = new Set<Use>();
  /** Since the last look, and how long in milliseconds. */
  #ended: { readonly account: CpuAccount; readonly ms: number }[] = [];
  #timer: NodeJS.Timeout | undefined;
  #cpuMs = 0;
  #loopMs = 0;

  /** @returns what is to be called once, when the query has ended. */
  begin(account: CpuAccount): () => void {
    if (this.#timer == null) {
      // Nothing was running: what was used before is nobody's.
      this.#measure();
      this.#timer = setInterval(() => {
        this.#look();
      }, lookEveryMs).unref();
    }
    const use = { account, from: performance.now() };
    this.#running.add(use);
    return () => {
      this.#running.delete(use);
      this.#ended.push({ account, ms: performance.now() - use.from });
      account.goOn();
    };
  }

  #look(): void {
    const used = this.#measure();
    const now = performance.now();
    const uses = this.#ended;
    this.#ended = [];
    for (const use of this.#running) {
      uses.push({ account: use.account, ms: now - use.from });
      use.from = now;
    }
    if (this.#running.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
    const share = Math.min(1, used / uses.reduce((sum, { ms }) => sum + ms, 0));
    // Whose allowance ends here may end its query.
    if (share > 0) for (const { account, ms } of uses) account.spend(share * ms);
  }

  /** Milliseconds that threads other than the event loop's have used since the last time. */
  #measure(): number {
    const [cpuMs, loopMs] = [cpuMsNow(), loopCpuMs()];
    const used = cpuMs - this.#cpuMs - (loopMs - this.#loopMs);
    [this.#cpuMs, this.#loopMs] = [cpuMs, loopMs];
    return Math.max(0, used);
  }
}
