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
  HARD_DELETE: "Destroyed",
};

export const describeOperation = (operation: ChangeOperation): string => sentences[operation];
