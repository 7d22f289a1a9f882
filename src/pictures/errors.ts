import { AppError } from "../errors.ts";
import { isToolMissing } from "../media/facts/momentary-error.ts";

/** The original's bytes, or a limit, do not allow it; the original itself can still be downloaded. */
export class DerivativeFailedError extends AppError {
  readonly code = "UNSUPPORTED_MEDIA";

  constructor(name: string, reason: string, options?: ErrorOptions) {
    super(`The ${name} of this file cannot be made: ${reason}`, options);
  }
}

/** It was the moment, and not the file: it is made by itself, or when it is asked for again. */
export class DerivativeLateError extends AppError {
  readonly code = "UNAVAILABLE";
  override readonly retryAfterSeconds: number;
  /** Until something is installed on the server, trying again is in vain. */
  readonly isToolMissing: boolean;

  /** @param waitMs how long to wait before asking again, in milliseconds. */
  constructor(name: string, waitMs: number, options?: ErrorOptions) {
    super(`The ${name} of this file could not be made yet; ask for it again in a few seconds`, options);
    this.retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1000));
    this.isToolMissing = isToolMissing(options?.cause);
  }
}

/** More wait already than could be served in any time worth waiting. */
export class TooBusyError extends AppError {
  readonly code = "RATE_LIMITED";
  override readonly retryAfterSeconds = 2;

  constructor() {
    super("Too many thumbnails are being made at this moment; try again in a few seconds");
  }
}
