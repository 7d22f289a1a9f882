import { createHash, randomBytes } from "node:crypto";
import * as documents from "./documents.ts";
import type { Ledger, State } from "./ledger.ts";
import type { CrashServer } from "./server.ts";
import type { GraphQLFailure } from "../support/client.ts";

export interface Stage {
  readonly server: CrashServer;
  readonly ledger: Ledger;
  readonly picture: Buffer;
  readonly shelfId: string;
}

/** The outcome of a request: done, refused with errors, or the connection broke. */
export type Outcome =
  "done" | "cut" | { readonly status: number; readonly errors: readonly GraphQLFailure[] };

interface Edited {
  readonly entity: State & { readonly id: string };
  readonly transaction: { readonly id: string } | null;
}

/** The same picture followed by other bytes, more than one write's. */
function makeFile(picture: Buffer): { bytes: Buffer; md5: string } {
  const bytes = Buffer.concat([picture, randomBytes(150_000)]);
  return { bytes, md5: createHash("md5").update(bytes).digest("hex") };
}

/** Asks; what is not answered with data may have happened or not, and the ledger knows both. */
async function ask<T>(
  asking: Promise<{ status: number; data: T | null; errors: readonly GraphQLFailure[] | undefined }>,
  acknowledge: (data: T) => void,
): Promise<Outcome> {
  let answer;
  try {
    answer = await asking;
  } catch (error) {
    if (error instanceof TypeError || error instanceof SyntaxError) return "cut";
    throw error;
  }
  const { status, data, errors } = answer;
  if (errors != null || data == null) return { status, errors: errors ?? [] };
  acknowledge(data);
  return "done";
}

const take = ({ ledger }: Stage, { entity, transaction }: Edited) => {
  const { id, version, md5, isDeleted, parentId } = entity;
  ledger.acknowledge(id, { version, md5, isDeleted, parentId }, transaction?.id ?? null);
};

const settledOne = ({ ledger, shelfId }: Stage, isDeleted: boolean) =>
  [...ledger.settled()].find(([id, state]) => id !== shelfId && state.isDeleted === isDeleted);

/** One of the pictures in the trash, or of those that are not; made where there is none. */
async function pick(stage: Stage, isDeleted: boolean): Promise<readonly [string, State]> {
  if (settledOne(stage, isDeleted) == null) {
    await (
      await upload(stage)
    )();
    if (isDeleted) await (await softDelete(stage))();
  }
  const found = settledOne(stage, isDeleted);
  if (found == null) throw new Error("there is no picture to work with");
  return found;
}

/** Finds or makes what it needs; what it returns asks for the change itself. */
type Operation = (stage: Stage) => Promise<() => Promise<Outcome>>;

export const upload: Operation = (stage) =>
  Promise.resolve(() => {
    const { bytes, md5 } = makeFile(stage.picture);
    stage.ledger.send(md5);
    const variables = { file: null, parentId: stage.shelfId };
    return ask(
      stage.server.ask(documents.CRASH_UPLOAD, variables, [{ at: "file", bytes }]),
      ({ uploadEntity: { entity, transaction } }) => {
        take(stage, { entity, transaction: transaction ?? null });
      },
    );
  });

const replaceFile: Operation = async (stage) => {
  const [id, state] = await pick(stage, false);
  return () => {
    const { bytes, md5 } = makeFile(stage.picture);
    stage.ledger.expect(id, { ...state, version: state.version + 1, md5 });
    return ask(
      stage.server.ask(documents.CRASH_REPLACE, { id, file: null }, [{ at: "file", bytes }]),
      (data) => {
        take(stage, data.replaceFile);
      },
    );
  };
};

const updateEntity: Operation = async (stage) => {
  const [id, state] = await pick(stage, false);
  return () => {
    const parentId = state.parentId == null ? stage.shelfId : null;
    stage.ledger.expect(id, { ...state, version: state.version + 1, parentId });
    return ask(stage.server.ask(documents.CRASH_MOVE, { id, parentId }), (data) => {
      take(stage, data.updateEntity);
    });
  };
};

const softDelete: Operation = async (stage) => {
  const [id, state] = await pick(stage, false);
  return () => {
    stage.ledger.expect(id, { ...state, version: state.version + 1, isDeleted: true });
    return ask(stage.server.ask(documents.CRASH_TRASH, { id }), (data) => {
      take(stage, data.softDeleteEntity);
    });
  };
};

const restore: Operation = async (stage) => {
  const [id, state] = await pick(stage, true);
  return () => {
    stage.ledger.expect(id, { ...state, version: state.version + 1, isDeleted: false });
    return ask(stage.server.ask(documents.CRASH_RESTORE, { id }), (data) => {
      take(stage, data.restoreEntity);
    });
  };
};

const hardDelete: Operation = async (stage) => {
  const [id] = await pick(stage, false);
  return () => {
    stage.ledger.expect(id, "gone");
    return ask(stage.server.ask(documents.CRASH_DESTROY, { id }), ({ hardDeleteEntity }) => {
      stage.ledger.acknowledge(id, "gone", hardDeleteEntity.transaction!.id);
    });
  };
};

const emptyTrash: Operation = async (stage) => {
  await pick(stage, true);
  return () => {
    stage.ledger.beginEmptying();
    return ask(stage.server.ask(documents.CRASH_EMPTY), ({ emptyTrash: { deletedIds, transaction } }) => {
      stage.ledger.endEmptying(deletedIds, transaction?.id ?? null);
    });
  };
};

/** Everything that changes files or rows, by name. */
export const operations = {
  upload,
  replaceFile,
  updateEntity,
  softDelete,
  restore,
  hardDelete,
  emptyTrash,
} as const;

export type OperationName = keyof typeof operations;
