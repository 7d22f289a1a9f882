import { graphql } from "../generated/index.ts";

/** When the library began. */
export const BEGINNING = graphql(`
  query AppBeginning {
    transaction(id: "1") {
      id
      at
    }
  }
`);

export const STATS = graphql(`
  query AppStats {
    stats {
      entities
      collections
      trashed
      bytes
      versions
    }
  }
`);

export const CREATE_COLLECTION = graphql(`
  mutation AppCreateCollection($label: String!, $parentId: ID) {
    createCollection(input: { label: $label, parentId: $parentId }) {
      entity {
        ...Tile
        parentId
      }
      transaction {
        id
      }
    }
  }
`);

export const UPDATE = graphql(`
  mutation AppUpdate($ids: [ID!]!, $input: UpdateEntityInput!) {
    updateEntities(ids: $ids, input: $input) {
      ids
      transaction {
        id
        entityCount
      }
    }
  }
`);

/** Edits one entity, unless it has changed since that version. */
export const EDIT = graphql(`
  mutation AppEdit($id: ID!, $input: UpdateEntityInput!, $ifVersion: Int) {
    updateEntity(id: $id, input: $input, ifVersion: $ifVersion) {
      entity {
        id
        version
      }
      transaction {
        id
      }
    }
  }
`);

export const SOFT_DELETE = graphql(`
  mutation AppSoftDelete($ids: [ID!]!) {
    softDeleteEntities(ids: $ids) {
      ids
      transaction {
        id
        entityCount
      }
    }
  }
`);

export const RESTORE = graphql(`
  mutation AppRestore($ids: [ID!]!) {
    restoreEntities(ids: $ids) {
      ids
      transaction {
        id
        entityCount
      }
    }
  }
`);

export const HARD_DELETE = graphql(`
  mutation AppHardDelete($ids: [ID!]!) {
    hardDeleteEntities(ids: $ids, recursive: true) {
      deletedIds
      freedBytes
    }
  }
`);

export const EMPTY_TRASH = graphql(`
  mutation AppEmptyTrash {
    emptyTrash {
      deletedIds
      freedBytes
    }
  }
`);

export const UNDO = graphql(`
  mutation AppUndo($id: ID!) {
    undoTransaction(id: $id) {
      ids
      transaction {
        id
      }
    }
  }
`);
