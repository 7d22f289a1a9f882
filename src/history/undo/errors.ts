import { transactionIdText, type EntityId } from "../../database/model/ids.ts";
import { AppError } from "../../errors.ts";

/** The collection that the entity lay in then exists no more. */
export class ParentGoneError extends AppError {
  readonly code = "NOT_FOUND";
  readonly parentId: EntityId;

  constructor(id: EntityId, parentId: EntityId) {
    super(`Entity ${id} lay in collection ${parentId} then, which has been destroyed since`);
    this.parentId = parentId;
  }

  override get details() {
    return { parentId: String(this.parentId) };
  }
}

/** The entity would be live in a collection that is in the trash. */
export class ParentTrashedError extends AppError {
  readonly code = "BAD_USER_INPUT";
  readonly parentId: EntityId;

  constructor(id: EntityId, parentId: EntityId) {
    super(
      `Entity ${id} lay in collection ${parentId} then, which is in the trash now; restore that one first`,
    );
    this.parentId = parentId;
  }

  override get details() {
    return { parentId: String(this.parentId) };
  }
}

/** Something that happened since stands in the way of an undo; nothing was changed. */
export class UndoConflictError extends AppError {
  readonly code = "VERSION_CONFLICT";
  /** The entities that block the undo; empty when only destroyed ones do. */
  readonly conflicts: readonly EntityId[];

  /** @param why the end of a sentence. */
  constructor(transactionId: number, conflicts: readonly EntityId[], why: string) {
    super(`Transaction ${transactionIdText(transactionId)} cannot be undone: ${why}`);
    this.conflicts = conflicts;
  }

  override get details() {
    return { conflicts: this.conflicts.map(String) };
  }
}
