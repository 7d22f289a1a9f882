import type { Entity } from "../db/generated/client.ts";
import { AppError } from "../errors.ts";

/** The library has these bytes already, live or in the trash. */
export class DuplicateFileError extends AppError {
  readonly code = "DUPLICATE_FILE";
  readonly existing: Entity;

  constructor(existing: Entity) {
    super(
      existing.isDeleted
        ? `Entity ${existing.id}, which is in the trash, has the same file; restore it, or upload with RESTORE_IF_TRASHED`
        : `Entity ${existing.id} has the same file already`,
    );
    this.existing = existing;
  }

  override get details() {
    return { existing: { id: String(this.existing.id), isDeleted: this.existing.isDeleted } };
  }
}

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
