import { graphql } from "../generated/index.ts";

/** The fields of the viewer, of an entity as of a version of it. */
export const VIEWED = graphql(`
  fragment Viewed on EntityState {
    ...Shown
    entityId
    description
    parentId
    addedAt
    updatedAt
    mimeType
    extension
    fileSize
    md5
    sha256
    fileUrl
    download: fileUrl(download: true)
    display: thumbnail(width: 2048, height: 2048) {
      url
      width
      height
    }
    large: thumbnail(width: 4096, height: 4096) {
      url
      width
      height
    }
    moving: preview(edge: 64) {
      url
    }
    poster(width: 2048, height: 2048) {
      url
    }
  }
`);

export const DETAILS = graphql(`
  query AppDetails($id: ID!) {
    entity(id: $id) {
      id
      ...Viewed
      factsState
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
    }
  }
`);

/** The same, as it stood; what a version does not say of itself is left out. */
export const PAST_DETAILS = graphql(`
  query AppPastDetails($id: ID!, $at: DateTime!) {
    snapshot(at: { time: $at }) {
      entity(id: $id) {
        id
        ...Viewed
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
          md5
          thumbnail(width: 1024, height: 1024) {
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

export const DIFF = graphql(`
  query AppDiff($id: ID!, $version: Int!, $against: Int!) {
    entity(id: $id) {
      id
      versionAt(version: $version) {
        id
        diff(against: $against) {
          field
          before
          after
        }
      }
    }
  }
`);
