import { graphql } from "./generated/index.ts";

export const TILE = graphql(`
  fragment Tile on Entity {
    id
    version
    label
    originalName
    isCollection
    isDeleted
    type
    width
    height
    duration
    placeholder
    capturedAt
    thumbnail(width: 640, height: 640) {
      url
      width
      height
    }
  }
`);

export const LIST = graphql(`
  query AppList(
    $filter: EntityFilter
    $search: String
    $orderBy: [EntityOrderBy!]
    $trash: TrashScope! = LIVE
    $offset: Int!
    $limit: Int!
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
        ...Tile
      }
      pagination {
        offset
        limit
        totalItems
      }
    }
  }
`);

export const FOUND = graphql(`
  query AppFound(
    $text: String!
    $filter: EntityFilter
    $trash: TrashScope! = LIVE
    $offset: Int!
    $limit: Int!
  ) {
    search(text: $text, filter: $filter, trash: $trash, offset: $offset, limit: $limit) {
      items {
        entity {
          ...Tile
        }
        highlights {
          field
          fragment
        }
      }
      pagination {
        offset
        limit
        totalItems
      }
    }
  }
`);

export const PAST = graphql(`
  query AppPast(
    $at: DateTime!
    $filter: EntityFilter
    $search: String
    $orderBy: [EntityOrderBy!]
    $trash: TrashScope! = LIVE
    $offset: Int!
    $limit: Int!
  ) {
    snapshot(at: { time: $at }) {
      entities(
        filter: $filter
        search: $search
        orderBy: $orderBy
        trash: $trash
        offset: $offset
        limit: $limit
      ) {
        items {
          id
          entityId
          version
          label
          originalName
          isCollection
          isDeleted
          type
          width
          height
          duration
          placeholder
          capturedAt
          thumbnail(width: 640, height: 640) {
            url
            width
            height
          }
        }
        pagination {
          offset
          limit
          totalItems
        }
      }
    }
  }
`);

export const SURROUNDINGS = graphql(`
  query AppSurroundings($filter: EntityFilter, $search: String, $trash: TrashScope! = LIVE) {
    entities(filter: $filter, search: $search, trash: $trash, limit: 1) {
      facets(fields: [TYPE, YEAR, CAMERA_MODEL], limit: 12) {
        field
        buckets {
          value
          count
        }
      }
    }
  }
`);

export const MONTHS = graphql(`
  query AppMonths($filter: EntityFilter) {
    timeline(unit: MONTH, filter: $filter) {
      key
      count
    }
  }
`);

export const COLLECTIONS = graphql(`
  query AppCollections($filter: EntityFilter!, $offset: Int! = 0) {
    entities(filter: $filter, orderBy: [{ label: ASC }], limit: 100, offset: $offset) {
      items {
        id
        label
        parentId
        version
        isCollection
      }
      pagination {
        totalItems
      }
    }
  }
`);

export const TRAIL = graphql(`
  query AppTrail($id: ID!) {
    entity(id: $id) {
      id
      label
      isDeleted
      ancestors {
        id
        label
      }
    }
  }
`);

export const DETAILS = graphql(`
  query AppDetails($id: ID!) {
    entity(id: $id) {
      ...Tile
      entityId
      description
      parentId
      addedAt
      updatedAt
      deletedAt
      mimeType
      extension
      fileSize
      md5
      sha256
      fileUrl
      download: fileUrl(download: true)
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
      ancestors {
        id
        label
      }
      preview: thumbnail(width: 2048, height: 2048) {
        url
        width
        height
      }
      poster {
        url
      }
    }
  }
`);

export const HISTORY = graphql(`
  query AppHistory($id: ID!, $offset: Int! = 0) {
    entity(id: $id) {
      id
      version
      versions(limit: 50, offset: $offset) {
        items {
          id
          version
          operation
          label
          thumbnail(width: 640, height: 640) {
            url
            width
            height
          }
          transaction {
            id
            at
            actor
            reason
            operation
            entityCount
          }
          changes {
            field
            before
            after
          }
        }
        pagination {
          totalItems
        }
      }
    }
  }
`);

export const TRANSACTIONS = graphql(`
  query AppTransactions($offset: Int! = 0) {
    transactions(offset: $offset, limit: 50) {
      items {
        id
        at
        actor
        reason
        operation
        entityCount
        undoneBy {
          id
        }
        undoOf {
          id
        }
      }
      pagination {
        totalItems
      }
    }
  }
`);

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

export const UPLOAD = graphql(`
  mutation AppUpload($file: Upload!, $parentId: ID) {
    uploadEntity(input: { file: $file, parentId: $parentId }) {
      status
      entity {
        ...Tile
      }
      transaction {
        id
      }
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

export const REVERT = graphql(`
  mutation AppRevert($id: ID!, $toVersion: Int!, $ifVersion: Int) {
    revertEntity(id: $id, toVersion: $toVersion, ifVersion: $ifVersion) {
      entity {
        ...Tile
      }
      transaction {
        id
      }
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

export const CHANGED = graphql(`
  subscription AppChanged {
    entityChanged {
      id
      entityId
      version
      operation
    }
  }
`);
