import { graphql } from "../generated/index.ts";

export const CHANGE = graphql(`
  fragment HistoryChange on EntityPayload {
    entity {
      deletedAt
      ...HistoryState
    }
    transaction {
      ...HistoryWritten
    }
  }
`);

export const CHANGES = graphql(`
  fragment HistoryChanges on BulkPayload {
    ids
    transaction {
      ...HistoryWritten
    }
  }
`);

export const DESTROYED = graphql(`
  fragment HistoryDestroyed on HardDeletePayload {
    deletedIds
    freedBytes
    transaction {
      ...HistoryWritten
    }
  }
`);

export const ADD_FILE = graphql(`
  mutation HistoryUpload($input: UploadEntityInput!) {
    uploadEntity(input: $input) {
      status
      entity {
        deletedAt
        ...HistoryState
      }
      transaction {
        ...HistoryWritten
      }
    }
  }
`);

export const ADD_FILES = graphql(`
  mutation HistoryUploads($inputs: [UploadEntityInput!]!) {
    uploadEntities(inputs: $inputs) {
      results {
        status
        code
      }
      transaction {
        ...HistoryWritten
      }
    }
  }
`);

export const ADD_COLLECTION = graphql(`
  mutation HistoryCollection($input: CreateCollectionInput!) {
    createCollection(input: $input) {
      ...HistoryChange
    }
  }
`);

export const EDIT = graphql(`
  mutation HistoryEdit($id: ID!, $input: UpdateEntityInput!, $ifVersion: Int) {
    updateEntity(id: $id, input: $input, ifVersion: $ifVersion) {
      ...HistoryChange
    }
  }
`);

export const EDIT_MANY = graphql(`
  mutation HistoryEditMany($ids: [ID!]!, $input: UpdateEntityInput!) {
    updateEntities(ids: $ids, input: $input) {
      ...HistoryChanges
    }
  }
`);

export const SHIFT = graphql(`
  mutation HistoryShift($ids: [ID!]!, $seconds: Float!) {
    shiftCaptured(ids: $ids, seconds: $seconds) {
      ...HistoryChanges
    }
  }
`);

export const TRASH = graphql(`
  mutation HistoryTrash($id: ID!, $ifVersion: Int) {
    softDeleteEntity(id: $id, ifVersion: $ifVersion) {
      ...HistoryChange
    }
  }
`);

export const TRASH_MANY = graphql(`
  mutation HistoryTrashMany($ids: [ID!]!) {
    softDeleteEntities(ids: $ids) {
      ...HistoryChanges
    }
  }
`);

export const UNTRASH = graphql(`
  mutation HistoryUntrash($id: ID!) {
    restoreEntity(id: $id) {
      ...HistoryChange
    }
  }
`);

export const UNTRASH_MANY = graphql(`
  mutation HistoryUntrashMany($ids: [ID!]!) {
    restoreEntities(ids: $ids) {
      ...HistoryChanges
    }
  }
`);

export const DESTROY = graphql(`
  mutation HistoryDestroy($ids: [ID!]!, $recursive: Boolean!) {
    hardDeleteEntities(ids: $ids, recursive: $recursive) {
      ...HistoryDestroyed
    }
  }
`);

export const EMPTY_TRASH = graphql(`
  mutation HistoryEmptyTrash($deletedBefore: DateTime) {
    emptyTrash(deletedBefore: $deletedBefore) {
      ...HistoryDestroyed
    }
  }
`);

export const REPLACE = graphql(`
  mutation HistoryReplace($id: ID!, $file: Upload!, $ifVersion: Int) {
    replaceFile(id: $id, file: $file, ifVersion: $ifVersion) {
      ...HistoryChange
    }
  }
`);

export const GO_BACK = graphql(`
  mutation HistoryRevert($id: ID!, $toVersion: Int!, $ifVersion: Int) {
    revertEntity(id: $id, toVersion: $toVersion, ifVersion: $ifVersion) {
      ...HistoryChange
    }
  }
`);

export const TAKE_BACK = graphql(`
  mutation HistoryUndo($id: ID!) {
    undoTransaction(id: $id) {
      ids
      transaction {
        ...HistoryWritten
      }
    }
  }
`);

export const ALBUM_CHANGE = graphql(`
  fragment HistoryAlbumChange on AlbumPayload {
    album {
      deletedAt
      ...HistoryState
    }
    transaction {
      ...HistoryWritten
    }
  }
`);

export const ADD_MEMBERS = graphql(`
  mutation HistoryAddMembers($id: ID!, $ids: [ID!]!, $before: ID, $ifVersion: Int) {
    addToAlbum(id: $id, entityIds: $ids, before: $before, ifVersion: $ifVersion) {
      ...HistoryAlbumChange
    }
  }
`);

export const REMOVE_MEMBERS = graphql(`
  mutation HistoryRemoveMembers($id: ID!, $ids: [ID!]!, $ifVersion: Int) {
    removeFromAlbum(id: $id, entityIds: $ids, ifVersion: $ifVersion) {
      ...HistoryAlbumChange
    }
  }
`);

export const MOVE_MEMBERS = graphql(`
  mutation HistoryMoveMembers($id: ID!, $ids: [ID!]!, $before: ID, $ifVersion: Int) {
    moveInAlbum(id: $id, entityIds: $ids, before: $before, ifVersion: $ifVersion) {
      ...HistoryAlbumChange
    }
  }
`);
