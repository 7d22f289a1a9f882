import type { CpuAccount } from "../../database/asker.ts";
import { QueryTooComplexError } from "../../errors.ts";

/** Changes for which the allowance holds; a filter that examines more before it finds one has more. */
const changesEach = 200_000;

/**
 * The processor's time that a subscription's filter may use before it finds a change. A simple one may look for it in a
 * history of any length; a long one that finds nothing would be as costly as any query, again and again.
 */
export class Allowance {
  readonly account: CpuAccount;
  readonly #cpuMsMax: number;
  #usedMs = 0;
  #examined = 0;

  /** @param end called when it is used up. */
  constructor(cpuMsMax: number, end: () => void) {
    this.#cpuMsMax = cpuMsMax;
    this.account = {
      spend: (cpuMs) => {
        this.#usedMs += cpuMs;
        if (this.isUsedUp) end();
      },
      goOn: () => undefined,
    };
  }

  get isUsedUp(): boolean {
    return this.#usedMs > this.#cpuMsMax * Math.max(1, this.#examined / changesEach);
  }

  /** Its filter has examined as many changes, and found nothing yet. */
  addExamined(changes: number): void {
    this.#examined += changes;
  }

  /** Its filter has found something. */
  renew(): void {
    this.#usedMs = this.#examined = 0;
  }

  error(): QueryTooComplexError {
    return new QueryTooComplexError(
      `The filter took more than ${this.#cpuMsMax / 1000} s of a processor (ANSWER_CPU_MS_MAX) without finding a ` +
        "change and was stopped; use fewer clauses, or begin with a later transaction",
    );
  }
}
