import { askerOf, nameAsker, type Asker } from "./asker.ts";
import { abandoned } from "./errors.ts";

/** One piece of work that several wait for. */
export class SharedRun<T> {
  readonly result: Promise<T>;
  readonly #ending = new AbortController();
  readonly #forget: () => void;
  readonly #askers = new Set<Asker>();
  #waiting = 0;

  /**
   * @param asker the first who asks, whose turn it is; the others would have waited as well. What it uses of the processor
   * counts for each who waits: nobody pays for somebody who has left.
   * @param forget called when the last client has gone, so that no other joins the run that is being stopped.
   */
  constructor(asker: Asker, work: (signal: AbortSignal) => Promise<T>, forget: () => void) {
    const account = {
      spend: (cpuMs: number) => {
        for (const each of [...this.#askers]) each.account?.spend(cpuMs);
      },
      goOn: () => asker.account?.goOn(),
    };
    nameAsker(this.#ending.signal, { ...asker, account });
    this.result = work(this.#ending.signal);
    this.#forget = forget;
  }

  join(signal: AbortSignal | undefined): Promise<T> {
    this.#waiting++;
    const asker = askerOf(signal);
    this.#askers.add(asker);
    return new Promise((resolve, reject) => {
      const leave = () => {
        reject(abandoned());
        this.#askers.delete(asker);
        if (--this.#waiting > 0) return;
        this.#forget();
        this.#ending.abort();
      };
      // Who stayed to the end pays for what is told after it.
      const stay = () => {
        signal?.removeEventListener("abort", leave);
      };
      this.result.then(resolve, reject).finally(stay);
      if (signal?.aborted === true) leave();
      else signal?.addEventListener("abort", leave, { once: true });
    });
  }
}
