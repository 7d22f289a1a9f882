import { graphql } from "../../generated/index.ts";

export const CREATE_ALBUM = graphql(`
  mutation CreateAlbum($label: String!, $parentId: ID) {
    createCollection(input: { label: $label, kind: ALBUM, parentId: $parentId }) {
      entity {
        id
        kind
        isCollection
      }
    }
  }
`);

export const ADD = graphql(`
  mutation Add($id: ID!, $entityIds: [ID!]!, $before: ID, $ifVersion: Int, $reason: String) {
    addToAlbum(id: $id, entityIds: $entityIds, before: $before, ifVersion: $ifVersion, reason: $reason) {
      album {
        id
        version
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

export const REMOVE = graphql(`
  mutation Remove($id: ID!, $entityIds: [ID!]!, $ifVersion: Int) {
    removeFromAlbum(id: $id, entityIds: $entityIds, ifVersion: $ifVersion) {
      album {
        version
      }
      transaction {
        id
      }
    }
  }
`);

export const MOVE = graphql(`
  mutation MoveInAlbum($id: ID!, $entityIds: [ID!]!, $before: ID, $ifVersion: Int) {
    moveInAlbum(id: $id, entityIds: $entityIds, before: $before, ifVersion: $ifVersion) {
      album {
        version
      }
      transaction {
        id
      }
    }
  }
`);

export const MEMBERS = graphql(`
  query Members(
    $id: ID!
    $trash: TrashScope! = LIVE
    $filter: EntityFilter
    $orderBy: [EntityOrderBy!]
    $offset: Int! = 0
    $limit: Int! = 100
  ) {
    entity(id: $id) {
      version
      children(trash: $trash, filter: $filter, orderBy: $orderBy, offset: $offset, limit: $limit) {
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

export const ALBUMS_OF = graphql(`
  query AlbumsOf($id: ID!) {
    entity(id: $id) {
      version
      parentId
      albums {
        id
        label
      }
    }
  }
`);

export const FOUND = graphql(`
  query Found($filter: EntityFilter!, $trash: TrashScope! = LIVE) {
    entities(filter: $filter, trash: $trash, limit: 100, orderBy: [{ id: ASC }]) {
      items {
        id
      }
      pagination {
        totalItems
      }
    }
  }
`);

export const FOUND_THEN = graphql(`
  query FoundThen($at: ID!, $filter: EntityFilter!) {
    snapshot(at: { transactionId: $at }) {
      entities(filter: $filter, limit: 100, orderBy: [{ id: ASC }]) {
        items {
          entityId
        }
        pagination {
          totalItems
        }
      }
    }
  }
`);

export const ALBUM_HISTORY = graphql(`
  query AlbumHistory($id: ID!) {
    entity(id: $id) {
      versions {
        items {
          version
          operation
          kind
          membersChangedIn
          changes {
            field
            before
            after
          }
        }
      }
    }
  }
`);
