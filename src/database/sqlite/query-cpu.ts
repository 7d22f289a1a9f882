import type { CpuAccount } from "../asker.ts";
import { loopCpuMs } from "../../loop-cpu.ts";

/** Milliseconds between two looks at queries that run. */
const lookEveryMs = 25;

/** Milliseconds of processor that the process has used, all its threads together. */
const cpuMsNow = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/**
 * How much of the processor each query uses in its thread. No system tells it of a thread of libsql's: what the process
 * has used, but for what the event loop has, is shared out among the queries that run. A query that
 * waits for a processor on a busy machine uses none.
 */
export class QueryCpu {
  readonly #running = new Set<{ readonly account: CpuAccount }>();
  #timer: NodeJS.Timeout | undefined;
  #wallMs = 0;
  #cpuMs = 0;
  #loopMs = 0;

  /** @returns what is to be called once, when the query has ended. */
  begin(account: CpuAccount): () => void {
    this.#share();
    account.begin();
    const running = { account };
    this.#running.add(running);
    this.#timer ??= setInterval(() => {
      this.#share();
    }, lookEveryMs).unref();
    return () => {
      this.#share();
      this.#running.delete(running);
      if (this.#running.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }

  #share(): void {
    const [wallMs, cpuMs, loopMs] = [performance.now(), cpuMsNow(), loopCpuMs()];
    const used = Math.max(0, cpuMs - this.#cpuMs - (loopMs - this.#loopMs));
    const each = Math.min(wallMs - this.#wallMs, used / this.#running.size);
    [this.#wallMs, this.#cpuMs, this.#loopMs] = [wallMs, cpuMs, loopMs];
    // Whose allowance ends here may end its query.
    if (each > 0) for (const { account } of [...this.#running]) account.spend(each);
  }
}
