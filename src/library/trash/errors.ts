import type { EntityId } from "../../database/model/ids.ts";
import { AppError } from "../../errors.ts";

/** Restored alone, the entity would be live in a collection that is in the trash. */
export class ParentDeletedError extends AppError {
  readonly code = "BAD_USER_INPUT";
  readonly parentId: EntityId;

  constructor(id: EntityId, parentId: EntityId) {
    super(`Entity ${id} is in collection ${parentId}, which is in the trash itself; restore that first`);
    this.parentId = parentId;
  }

  override get details() {
    return { parentId: String(this.parentId) };
  }
}
