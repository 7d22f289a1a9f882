import { graphql } from "../generated/index.ts";

export const UPLOAD = graphql(`
  mutation Upload($input: UploadEntityInput!) {
    uploadEntity(input: $input) {
      status
      transaction {
        id
        operation
        entityCount
      }
      entity {
        id
        entityId
        version
        isCollection
        isDeleted
        label
        description
        parentId
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
        addedAt
        updatedAt
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
        problems {
          code
          message
        }
      }
    }
  }
`);

export const UPLOAD_MANY = graphql(`
  mutation UploadMany($inputs: [UploadEntityInput!]!) {
    uploadEntities(inputs: $inputs) {
      created
      duplicates
      failed
      transaction {
        id
        entityCount
      }
      results {
        status
        code
        message
        entity {
          id
          md5
          label
        }
      }
    }
  }
`);

export const ENTITY = graphql(`
  query Entity($id: ID!) {
    entity(id: $id) {
      id
      version
      label
      description
      parentId
      isDeleted
      deletedAt
      md5
      filePath
      parent {
        id
      }
      ancestors {
        id
        label
      }
    }
  }
`);

export const ENTITIES = graphql(`
  query Entities(
    $filter: EntityFilter
    $search: String
    $orderBy: [EntityOrderBy!]
    $trash: TrashScope! = LIVE
    $offset: Int! = 0
    $limit: Int! = 20
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
        id
        label
        isDeleted
      }
      pagination {
        offset
        limit
        page
        pageSize
        totalItems
        totalPages
        hasNext
        hasPrev
      }
    }
  }
`);

export const CREATE_COLLECTION = graphql(`
  mutation CreateCollection($input: CreateCollectionInput!, $reason: String) {
    createCollection(input: $input, reason: $reason) {
      entity {
        id
        version
        label
        isCollection
        parentId
      }
      transaction {
        id
        reason
      }
    }
  }
`);

export const UPDATE = graphql(`
  mutation Update($id: ID!, $input: UpdateEntityInput!, $ifVersion: Int, $reason: String) {
    updateEntity(id: $id, input: $input, ifVersion: $ifVersion, reason: $reason) {
      entity {
        id
        version
        label
        description
        parentId
        updatedAt
      }
      transaction {
        id
        actor
        reason
        operation
        entityCount
      }
    }
  }
`);

export const UPDATE_MANY = graphql(`
  mutation UpdateMany($ids: [ID!]!, $input: UpdateEntityInput!) {
    updateEntities(ids: $ids, input: $input) {
      ids
      transaction {
        id
        entityCount
      }
    }
  }
`);

export const SOFT_DELETE = graphql(`
  mutation SoftDelete($id: ID!, $ifVersion: Int, $reason: String) {
    softDeleteEntity(id: $id, ifVersion: $ifVersion, reason: $reason) {
      entity {
        id
        version
        isDeleted
        deletedAt
      }
      transaction {
        id
        entityCount
        reason
      }
    }
  }
`);

export const RESTORE = graphql(`
  mutation Restore($id: ID!) {
    restoreEntity(id: $id) {
      entity {
        id
        version
        isDeleted
        deletedAt
      }
      transaction {
        id
        entityCount
      }
    }
  }
`);

export const HARD_DELETE = graphql(`
  mutation HardDelete($id: ID!, $recursive: Boolean! = false) {
    hardDeleteEntity(id: $id, recursive: $recursive) {
      deletedIds
      freedBytes
      transaction {
        id
        operation
        entityCount
      }
    }
  }
`);

export const VERSIONS = graphql(`
  query Versions($id: ID!, $offset: Int! = 0, $limit: Int! = 20) {
    entity(id: $id) {
      versions(offset: $offset, limit: $limit) {
        items {
          id
          entityId
          version
          operation
          label
          parentId
          isDeleted
          md5
          changes {
            field
            before
            after
          }
          transaction {
            id
            at
            actor
            reason
            operation
            entityCount
          }
        }
        pagination {
          totalItems
        }
      }
    }
  }
`);
