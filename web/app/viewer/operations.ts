import { graphql } from "../generated/index.ts";

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

/** Versions that HISTORY gives at once. */
export const historyPageSize = 50;

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
          thumbnail(size: TILE) {
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
