import type { ChangeOperation } from "../generated/graphql.ts";

const sentences: Readonly<Record<ChangeOperation, string>> = {
  CREATE: "Added",
  UPDATE: "Edited",
  REPLACE_FILE: "File replaced",
  MOVE: "Moved",
  SOFT_DELETE: "Moved to the trash",
  RESTORE: "Restored from the trash",
  REVERT: "Earlier version brought back",
  UNDO: "Undone",
  READ_FACTS: "Metadata read again",
  HARD_DELETE: "Deleted forever",
};

export const describeOperation = (operation: ChangeOperation): string => sentences[operation];

const transactionSentences: Readonly<Record<string, string>> = {
  uploadEntity: "Uploaded",
  uploadEntities: "Uploaded",
  createCollection: "Collection created",
  updateEntity: "Edited",
  updateEntities: "Edited",
  replaceFile: "File replaced",
  softDeleteEntity: "Moved to the trash",
  softDeleteEntities: "Moved to the trash",
  restoreEntity: "Restored from the trash",
  restoreEntities: "Restored from the trash",
  revertEntity: "Earlier version brought back",
  undoTransaction: "Undone",
  addToAlbum: "Added to the album",
  removeFromAlbum: "Taken out of the album",
  moveInAlbum: "Album put in another order",
  readFacts: "Metadata read again",
  facts: "Metadata read again",
  renameKeyword: "Keyword renamed",
  shiftCaptured: "Times of capture moved",
};

const destructions: Readonly<Record<string, string>> = {
  hardDeleteEntity: "Deleted forever",
  hardDeleteEntities: "Deleted forever",
  emptyTrash: "Trash emptied",
  prune: "Earlier versions pruned",
};

/** @param name of a mutation or command; a newer server's `archiveEntity` is said as `archive entity`. */
export const describeTransaction = (name: string): string =>
  transactionSentences[name] ?? destructions[name] ?? name.replace(/([A-Z])/g, " $1").toLowerCase();

/** Whether nothing brings back what it took away. */
export const isFinal = (name: string): boolean => name in destructions;
