import { AppError } from "../errors.ts";

/** The original's bytes, or a limit, do not allow it; the original itself can still be downloaded. */
export class DerivativeFailedError extends AppError {
  readonly code = "UNSUPPORTED_MEDIA";

  constructor(name: string, reason: string, options?: ErrorOptions) {
    super(`The ${name} of this file cannot be made: ${reason}`, options);
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
