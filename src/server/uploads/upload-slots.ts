import type { Config } from "../../config/config.ts";
import { Semaphore, type Release } from "../../concurrency/semaphore.ts";
import { AppError } from "../../errors.ts";
import { joinSignals } from "../../signals.ts";

export class TooManyUploadsError extends AppError {
  readonly code = "RATE_LIMITED";
  override readonly retryAfterSeconds = 5;

  constructor(options?: ErrorOptions) {
    super("Too many uploads are being taken or waiting for their turn; try again later", options);
  }
}

type Limits = Pick<Config, "uploadsMax" | "uploadsWaitingMax" | "uploadIdleTimeoutMs">;

/** At most `uploadsMax` requests with files at once; nothing of the others is read while they wait. */
export class UploadSlots {
  readonly #limits: Limits;
  readonly #slots: Semaphore;

  constructor(limits: Limits) {
    this.#limits = limits;
    this.#slots = new Semaphore(limits.uploadsMax);
  }

  /**
   * Waits for a turn; resolves at once when there is room.
   * @param signal aborted when the client has gone.
   * @returns what ends the turn, and may be called more than once.
   * @throws {TooManyUploadsError} when too many wait, when the turn does not come in time, or the client has gone.
   */
  async begin(signal: AbortSignal): Promise<Release> {
    const { uploadsWaitingMax, uploadIdleTimeoutMs } = this.#limits;
    const release = this.#slots.tryAcquire();
    if (release != null) return release;
    if (this.#slots.waiting >= uploadsWaitingMax) throw new TooManyUploadsError();
    const waiting = joinSignals([signal], uploadIdleTimeoutMs);
    try {
      return await this.#slots.acquire(waiting.signal);
    } catch {
      throw new TooManyUploadsError();
    } finally {
      waiting.release();
    }
  }
}
