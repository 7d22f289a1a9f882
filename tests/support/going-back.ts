import { graphql } from "../generated/index.ts";
import type { ReplaceMutationVariables } from "../generated/graphql.ts";
import type { Client } from "./client.ts";

export const REPLACE = graphql(`
  mutation Replace($id: ID!, $file: Upload!, $ifVersion: Int, $reason: String) {
    replaceFile(id: $id, file: $file, ifVersion: $ifVersion, reason: $reason) {
      entity {
        id
        version
        md5
        filePath
      }
      transaction {
        id
        operation
        actor
        reason
        entityCount
      }
    }
  }
`);

export const REVERT = graphql(`
  mutation Revert($id: ID!, $toVersion: Int!, $ifVersion: Int, $reason: String) {
    revertEntity(id: $id, toVersion: $toVersion, ifVersion: $ifVersion, reason: $reason) {
      entity {
        id
        version
        label
        isDeleted
        deletedAt
      }
      transaction {
        id
        operation
        reason
        entityCount
      }
    }
  }
`);

export const UNDO = graphql(`
  mutation Undo($id: ID!, $reason: String) {
    undoTransaction(id: $id, reason: $reason) {
      ids
      transaction {
        id
        operation
        actor
        reason
        entityCount
        undoOf {
          id
          undoneBy {
            id
          }
        }
        undoneBy {
          id
        }
      }
    }
  }
`);

const STATE = graphql(`
  query State($id: ID!) {
    entity(id: $id) {
      label
      description
      parentId
      isDeleted
      deletedAt
      addedAt
      type
      mimeType
      extension
      originalName
      fileSize
      width
      height
      duration
      md5
      sha256
      filePath
      fileUrl
      capturedAt
      captured {
        local
        offset
        source
        isInferred
      }
      location {
        latitude
        longitude
        altitude
      }
      camera {
        make
        model
        lens
        iso
        aperture
        exposureTime
        focalLength
      }
      metadata
      problems {
        code
        message
      }
    }
  }
`);

/** Everything that going back has to bring back, and nothing that it must not. */
export async function stateOf(client: Client, id: string) {
  const { entity } = await client.run(STATE, { id });
  if (entity == null) throw new Error(`entity ${id} is gone`);
  return entity;
}

type Options = Omit<ReplaceMutationVariables, "id" | "file"> & { readonly name?: string };

const partOf = (bytes: Uint8Array, name?: string) => [
  { at: "file", bytes, ...(name == null ? {} : { name }) },
];

/** Gives an entity another file, which must be taken. */
export async function replace(client: Client, id: string, bytes: Uint8Array, options: Options = {}) {
  const { name, ...variables } = options;
  return (await client.run(REPLACE, { id, file: null, ...variables }, partOf(bytes, name))).replaceFile;
}

/** The same for one that may be refused; @returns the HTTP status, and the code or `REPLACED`. */
export async function tryReplace(client: Client, id: string, bytes: Uint8Array, options: Options = {}) {
  const { name, ...variables } = options;
  const { status, data, errors } = await client.ask(
    REPLACE,
    { id, file: null, ...variables },
    partOf(bytes, name),
  );
  const extensions = errors?.[0]?.extensions;
  const outcome = extensions?.code ?? (data == null ? "none" : "REPLACED");
  const entity = errors == null ? data?.replaceFile.entity : undefined;
  return { status, outcome, extensions, message: errors?.[0]?.message, entity };
}

export const undo = async (client: Client, id: string, reason?: string) =>
  (await client.run(UNDO, reason == null ? { id } : { id, reason })).undoTransaction;

/** How an undo is refused: the status, the code, and the ids that stand in the way. */
export async function refusedUndo(client: Client, id: string) {
  const { status, errors } = await client.ask(UNDO, { id });
  const [error] = errors ?? [];
  return {
    status,
    code: error?.extensions.code,
    conflicts: error?.extensions["conflicts"],
    message: error?.message ?? "it was not refused",
  };
}

const OPERATIONS = graphql(`
  query Operations($id: ID!) {
    entity(id: $id) {
      versions(limit: 100) {
        items {
          operation
        }
      }
    }
  }
`);

/** The operation of each version, the newest first. */
export const operationsOf = async (client: Client, id: string) =>
  (await client.run(OPERATIONS, { id })).entity?.versions.items.map(({ operation }) => operation);

const TRANSACTION_COUNT = graphql(`
  query TransactionCount {
    transactions(limit: 1) {
      items {
        id
      }
      pagination {
        totalItems
      }
    }
  }
`);

/** How many transactions there are: the same number later means that nothing was written. */
export const countTransactions = async (client: Client) =>
  (await client.run(TRANSACTION_COUNT)).transactions.pagination.totalItems;

/** The id of the newest one. */
export async function lastTransaction(client: Client): Promise<string> {
  const [last] = (await client.run(TRANSACTION_COUNT)).transactions.items;
  if (last == null) throw new Error("nothing has happened yet");
  return last.id;
}
