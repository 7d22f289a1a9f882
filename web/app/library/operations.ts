import { graphql } from "../generated/index.ts";

/** The fields of a tile, of an entity as of a version of it; the other documents name it. */
export const SHOWN = graphql(`
  fragment Shown on EntityState {
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
    thumbnail(size: TILE) {
      url
      width
      height
    }
  }
`);

export const TILE = graphql(`
  fragment Tile on Entity {
    id
    ...Shown
    factsState
    problems {
      message
    }
  }
`);

/** The sort keys of the lists' orders. */
export const KEYS = graphql(`
  query AppKeys($id: ID!) {
    entity(id: $id) {
      id
      capturedAt
      addedAt
      fileSize
    }
  }
`);

/** The same, as it stood. */
export const PAST_KEYS = graphql(`
  query AppPastKeys($id: ID!, $at: DateTime!) {
    snapshot(at: { time: $at }) {
      entity(id: $id) {
        id
        capturedAt
        addedAt
        fileSize
      }
    }
  }
`);

/** A piece of a list. */
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

/** A piece of what a ranked search finds. */
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

/** A piece of a list as it stood: versions. */
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
          ...Shown
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

export const MONTHS = graphql(`
  query AppMonths($filter: EntityFilter) {
    timeline(unit: MONTH, filter: $filter) {
      key
      count
    }
  }
`);
