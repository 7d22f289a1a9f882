import type { Entity } from "../../database/generated/client.ts";
import { AppError } from "../../errors.ts";

/** The library has these bytes already, live or in the trash. */
export class DuplicateFileError extends AppError {
  readonly code = "DUPLICATE_FILE";
  readonly existing: Entity;

  /** Whether it says where the entity is. */
  readonly #saysWhere: boolean;

  /** @param advice what to do about one in the trash; null to say nothing of the trash. */
  constructor(existing: Entity, advice: string | null) {
    super(
      existing.isDeleted && advice != null
        ? `Entity ${existing.id}, which is in the trash, has the same file; ${advice}`
        : `Entity ${existing.id} has the same file already`,
    );
    this.existing = existing;
    this.#saysWhere = advice != null;
  }

  override get toldToWriters() {
    return new DuplicateFileError(this.existing, null);
  }

  override get details() {
    const { id, isDeleted } = this.existing;
    return { existing: { id: String(id), ...(this.#saysWhere ? { isDeleted } : {}) } };
  }
}
