import { AppError } from "../../errors.ts";

export class ChecksumMismatchError extends AppError {
  readonly code = "CHECKSUM_MISMATCH";
  constructor(expected: string, actual: string) {
    super(
      `The bytes that arrived have the MD5 ${actual}, not ${expected}; they were damaged on the way, send them again`,
    );
  }
}

export class UnsupportedMediaError extends AppError {
  readonly code = "UNSUPPORTED_MEDIA";
  readonly mimeType: string | null;

  /** @param mimeType what the bytes are; null when they are nothing known. */
  constructor(mimeType: string | null, admitted: readonly string[]) {
    super(
      `${mimeType == null ? "The file's bytes are no known kind of media" : `The file's bytes are ${mimeType}`}; ` +
        `this library takes ${admitted.join(", ")}`,
    );
    this.mimeType = mimeType;
  }

  override get details() {
    return { mimeType: this.mimeType };
  }
}

/** The first bytes do not tell the type, and the tool that could gives no answer now. */
export class TypeUnknownError extends AppError {
  readonly code = "UNAVAILABLE";
  override readonly retryAfterSeconds = 30;

  constructor(options?: ErrorOptions) {
    super(
      "The file's type could not be found out now, because exiftool gave no answer; nothing was stored, send it again later",
      options,
    );
  }
}
