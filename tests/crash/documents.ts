import { graphql } from "../generated/index.ts";

/** The ledger's fields of an entity. */
graphql(`
  fragment CrashState on Entity {
    id
    version
    md5
    isDeleted
    parentId
  }
`);

export const CRASH_UPLOAD = graphql(`
  mutation CrashUpload($file: Upload!, $parentId: ID) {
    uploadEntity(input: { file: $file, parentId: $parentId }) {
      status
      transaction {
        id
      }
      entity {
        ...CrashState
      }
    }
  }
`);

export const CRASH_COLLECTION = graphql(`
  mutation CrashCollection {
    createCollection(input: { label: "shelf" }) {
      transaction {
        id
      }
      entity {
        ...CrashState
      }
    }
  }
`);

export const CRASH_REPLACE = graphql(`
  mutation CrashReplace($id: ID!, $file: Upload!) {
    replaceFile(id: $id, file: $file) {
      transaction {
        id
      }
      entity {
        ...CrashState
      }
    }
  }
`);

export const CRASH_MOVE = graphql(`
  mutation CrashMove($id: ID!, $parentId: ID) {
    updateEntity(id: $id, input: { parentId: $parentId }) {
      transaction {
        id
      }
      entity {
        ...CrashState
      }
    }
  }
`);

export const CRASH_TRASH = graphql(`
  mutation CrashTrash($id: ID!) {
    softDeleteEntity(id: $id) {
      transaction {
        id
      }
      entity {
        ...CrashState
      }
    }
  }
`);

export const CRASH_RESTORE = graphql(`
  mutation CrashRestore($id: ID!) {
    restoreEntity(id: $id) {
      transaction {
        id
      }
      entity {
        ...CrashState
      }
    }
  }
`);

export const CRASH_UNDO = graphql(`
  mutation CrashUndo($id: ID!) {
    undoTransaction(id: $id) {
      ids
      transaction {
        id
      }
    }
  }
`);

export const CRASH_DESTROY = graphql(`
  mutation CrashDestroy($id: ID!) {
    hardDeleteEntity(id: $id) {
      deletedIds
      transaction {
        id
      }
    }
  }
`);

export const CRASH_EMPTY = graphql(`
  mutation CrashEmpty {
    emptyTrash {
      deletedIds
      transaction {
        id
      }
    }
  }
`);
