import { abandoned } from "./errors.ts";

/** One piece of work that several wait for. */
export class SharedRun<T> {
  readonly result: Promise<T>;
  readonly #ending = new AbortController();
  readonly #forget: () => void;
  #waiting = 0;

  /** @param forget called when the last client has gone, so that no other joins the run that is being stopped. */
  constructor(work: (signal: AbortSignal) => Promise<T>, forget: () => void) {
    this.result = work(this.#ending.signal);
    this.#forget = forget;
  }

  join(signal: AbortSignal | undefined): Promise<T> {
    this.#waiting++;
    return new Promise((resolve, reject) => {
      const leave = () => {
        reject(abandoned());
        if (--this.#waiting > 0) return;
        this.#forget();
        this.#ending.abort();
      };
      const stay = () => signal?.removeEventListener("abort", leave);
      this.result.then(resolve, reject).finally(stay);
      if (signal?.aborted === true) leave();
      else signal?.addEventListener("abort", leave, { once: true });
    });
  }
}
