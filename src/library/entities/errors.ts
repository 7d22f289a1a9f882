import type { EntityId } from "../../database/model/ids.ts";
import { AppError, BadUserInputError } from "../../errors.ts";

/** Another client changed the entity since this one read it. */
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
        : `Collection ${id} cannot be moved into ${parentId}, which is inside it`,
    );
  }
}

/** Levels of the tree; what is at the top is on the first. */
export const treeDepthMax = 256;

/** Paths are read with every entity that shows its `ancestors`: a tree without end would make each of them long. */
export class TreeTooDeepError extends BadUserInputError {
  readonly depth: number;

  constructor(field: string, depth: number) {
    super(
      field,
      `the tree has at most ${treeDepthMax} levels, and this would be on level ${depth}; choose a collection higher up`,
    );
    this.depth = depth;
  }

  override get details() {
    return { ...super.details, depth: this.depth, depthMax: treeDepthMax };
  }
}
