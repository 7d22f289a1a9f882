import type { Entity } from "../db/generated/client.ts";
import { AppError } from "../errors.ts";

/** The library has these bytes already, live or in the trash. */
export class DuplicateFileError extends AppError {
  readonly code = "DUPLICATE_FILE";
  readonly existing: Entity;

  /** @param advice what to do about one in the trash. */
  constructor(existing: Entity, advice: string) {
    super(
      existing.isDeleted
        ? `Entity ${existing.id}, which is in the trash, has the same file; ${advice}`
        : `Entity ${existing.id} has the same file already`,
    );
    this.existing = existing;
  }

  override get details() {
    return { existing: { id: String(this.existing.id), isDeleted: this.existing.isDeleted } };
  }
}
