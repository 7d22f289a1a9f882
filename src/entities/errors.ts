import type { EntityId } from "../db/ids.ts";
import { AppError } from "../errors.ts";

/** Somebody else changed the entity since the client looked at it. */
export class VersionConflictError extends AppError {
  readonly code = "VERSION_CONFLICT";
  readonly currentVersion: number;

  constructor(id: EntityId, expected: number, currentVersion: number) {
    super(
      `Entity ${id} is at version ${currentVersion}, not ${expected}; look at it again before you change it`,
    );
    this.currentVersion = currentVersion;
  }

  override get details() {
    return { currentVersion: this.currentVersion };
  }
}

export class NotACollectionError extends AppError {
  readonly code = "NOT_A_COLLECTION";
  constructor(id: EntityId) {
    super(`Entity ${id} is a file, not a collection; nothing can lie in it`);
  }
}

export class ParentCycleError extends AppError {
  readonly code = "PARENT_CYCLE";
  constructor(id: EntityId, parentId: EntityId) {
    super(
      id === parentId
        ? `Collection ${id} cannot lie in itself`
        : `Collection ${id} cannot be moved into ${parentId}, which lies in it`,
    );
  }
}
