import { graphql } from "../generated/index.ts";

/** Everything that the model knows of a state, now or then. */
export const STATE = graphql(`
  fragment HistoryState on EntityState {
    entityId
    version
    isCollection
    kind
    membersChangedIn
    label
    description
    parentId
    isDeleted
    addedAt
    updatedAt
    type
    mimeType
    extension
    originalName
    fileSize
    width
    height
    md5
    sha256
    filePath
    fileUrl
    keywords
    rating
    altText
    creator
    copyright
    capturedAt
    captured {
      local
      offset
      instant
      source
      isInferred
    }
    location {
      latitude
      longitude
      altitude
      source
    }
  }
`);

export const WRITTEN = graphql(`
  fragment HistoryWritten on Transaction {
    id
    at
    operation
    entityCount
    undoOf {
      id
    }
    undoneBy {
      id
    }
  }
`);

export const LIVE = graphql(`
  query HistoryLive(
    $filter: EntityFilter
    $search: String
    $orderBy: [EntityOrderBy!]
    $trash: TrashScope! = ANY
    $offset: Int! = 0
    $limit: Int! = 100
  ) {
    entities(
      filter: $filter
      search: $search
      orderBy: $orderBy
      trash: $trash
      offset: $offset
      limit: $limit
    ) {
      items {
        deletedAt
        ...HistoryState
      }
      pagination {
        totalItems
        hasNext
      }
    }
    stats {
      entities
      collections
      trashed
      bytes
      versions
      transactions
    }
  }
`);

export const THEN = graphql(`
  query HistoryThen(
    $at: AsOf!
    $id: ID!
    $filter: EntityFilter
    $search: String
    $orderBy: [EntityOrderBy!]
    $trash: TrashScope! = ANY
    $offset: Int! = 0
    $limit: Int! = 100
  ) {
    snapshot(at: $at) {
      at
      transactionId
      entity(id: $id) {
        ...HistoryState
      }
      entities(
        filter: $filter
        search: $search
        orderBy: $orderBy
        trash: $trash
        offset: $offset
        limit: $limit
      ) {
        items {
          operation
          ...HistoryState
        }
        pagination {
          totalItems
          hasNext
        }
      }
    }
  }
`);

export const ONE = graphql(`
  query HistoryOne($id: ID!, $at: DateTime!, $version: Int!, $offset: Int!) {
    entity(id: $id) {
      byTime: versionAt(at: $at) {
        version
      }
      byNumber: versionAt(version: $version) {
        version
      }
      versions(offset: $offset, limit: 100) {
        items {
          operation
          transaction {
            id
          }
          changes {
            field
            before
            after
          }
          diff(against: $version) {
            field
            before
            after
          }
          ...HistoryState
        }
        pagination {
          totalItems
        }
      }
    }
  }
`);

export const TRANSACTIONS = graphql(`
  query HistoryTransactions($offset: Int!, $entityId: ID) {
    transactions(offset: $offset, limit: 100, entityId: $entityId) {
      items {
        changes(limit: 100) {
          items {
            id
            operation
            isDeleted
            md5
          }
          pagination {
            totalItems
          }
        }
        ...HistoryWritten
      }
      pagination {
        totalItems
        hasNext
      }
    }
  }
`);

export const FEED = graphql(`
  subscription HistoryFeed($after: ID!) {
    entityChanged(afterTransactionId: $after) {
      id
      operation
      transaction {
        id
      }
    }
  }
`);

export const ALBUM = graphql(`
  query HistoryAlbum($id: ID!, $trash: TrashScope!, $offset: Int!, $limit: Int!) {
    entity(id: $id) {
      children(trash: $trash, offset: $offset, limit: $limit) {
        items {
          id
        }
        pagination {
          totalItems
        }
      }
    }
  }
`);
