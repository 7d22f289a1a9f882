import type { Config } from "../../config/config.ts";
import { AppError } from "../../errors.ts";

export class TooManyUploadsError extends AppError {
  readonly code = "RATE_LIMITED";
  override readonly retryAfterSeconds = 5;

  constructor(options?: ErrorOptions) {
    super("Too many uploads are being taken or waiting for their turn; try again later", options);
  }
}

type Limits = Pick<Config, "uploadsMax" | "uploadsWaitingMax" | "uploadIdleTimeoutMs">;

/** Requests with files are taken so many at a time; nothing of the others is read until it is their turn. */
export class UploadSlots {
  readonly #limits: Limits;
  /** In the order of their arrival. */
  readonly #waiting = new Set<() => void>();
  #running = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /**
   * Waits for a turn; resolves at once when there is room.
   * @param signal aborted when the client has gone.
   * @returns what ends the turn, and may be called more than once.
   * @throws {TooManyUploadsError} when too many wait, when the turn does not come in time, or the client has gone.
   */
  async begin(signal: AbortSignal): Promise<() => void> {
    const { uploadsMax, uploadsWaitingMax } = this.#limits;
    if (this.#running < uploadsMax) this.#running++;
    else if (this.#waiting.size >= uploadsWaitingMax) throw new TooManyUploadsError();
    else await this.#wait(signal);

    let hasEnded = false;
    return () => {
      if (hasEnded) return;
      hasEnded = true;
      this.#handOn();
    };
  }

  /** The turn goes to the request that has waited longest, without being free in between. */
  #handOn(): void {
    const [next] = this.#waiting;
    if (next == null) this.#running--;
    else next();
  }

  #wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (settled: () => void) => {
        clearTimeout(timer);
        signal.removeEventListener("abort", refuse);
        this.#waiting.delete(begin);
        settled();
      };
      const refuse = () => {
        settle(() => {
          reject(new TooManyUploadsError());
        });
      };
      const begin = () => {
        settle(resolve);
      };
      const timer = setTimeout(refuse, this.#limits.uploadIdleTimeoutMs);
      this.#waiting.add(begin);
      if (signal.aborted) refuse();
      else signal.addEventListener("abort", refuse, { once: true });
    });
  }
}
