import type { ChangeOperation } from "../generated/graphql.ts";

const sentences: Readonly<Record<ChangeOperation, string>> = {
  CREATE: "Added",
  UPDATE: "Edited",
  REPLACE_FILE: "File replaced",
  MOVE: "Moved",
  SOFT_DELETE: "Put into the trash",
  RESTORE: "Taken out of the trash",
  REVERT: "Earlier version brought back",
  UNDO: "Undone",
  READ_FACTS: "Read again",
  HARD_DELETE: "Destroyed",
};

export const describeOperation = (operation: ChangeOperation): string => sentences[operation];

const transactionSentences: Readonly<Record<string, string>> = {
  uploadEntity: "Uploaded",
  uploadEntities: "Uploaded",
  createCollection: "Collection made",
  updateEntity: "Edited",
  updateEntities: "Edited",
  replaceFile: "File replaced",
  softDeleteEntity: "Put into the trash",
  softDeleteEntities: "Put into the trash",
  restoreEntity: "Taken out of the trash",
  restoreEntities: "Taken out of the trash",
  revertEntity: "Earlier version brought back",
  undoTransaction: "Undone",
  readFacts: "Read again",
  facts: "Read again",
};

const destructions: Readonly<Record<string, string>> = {
  hardDeleteEntity: "Destroyed",
  hardDeleteEntities: "Destroyed",
  emptyTrash: "Trash emptied",
  prune: "Earlier versions pruned",
};

/** @param name of a mutation or command; a newer server's `archiveEntity` is said as `archive entity`. */
export const describeTransaction = (name: string): string =>
  transactionSentences[name] ?? destructions[name] ?? name.replace(/([A-Z])/g, " $1").toLowerCase();

/** Whether nothing brings back what it took away. */
export const isFinal = (name: string): boolean => name in destructions;
