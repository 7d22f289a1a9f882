import { graphql } from "../../generated/index.ts";

/** The library as it is, with what both answers have. */
export const NOW = graphql(`
  query Now(
    $filter: EntityFilter
    $search: String
    $orderBy: [EntityOrderBy!]
    $trash: TrashScope! = LIVE
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
        entityId
        version
        label
        parentId
        isDeleted
      }
      pagination {
        totalItems
        hasNext
      }
    }
  }
`);

/** The same of the library as it stood. */
export const THEN = graphql(`
  query Then(
    $at: AsOf!
    $filter: EntityFilter
    $search: String
    $orderBy: [EntityOrderBy!]
    $trash: TrashScope! = LIVE
    $offset: Int! = 0
    $limit: Int! = 100
  ) {
    snapshot(at: $at) {
      at
      transactionId
      entities(
        filter: $filter
        search: $search
        orderBy: $orderBy
        trash: $trash
        offset: $offset
        limit: $limit
      ) {
        items {
          entityId
          version
          label
          parentId
          isDeleted
        }
        pagination {
          totalItems
          hasNext
        }
      }
    }
  }
`);

export const LAST_TRANSACTION = graphql(`
  query LastTransaction {
    transactions(limit: 1) {
      items {
        id
        at
      }
    }
  }
`);

export const THEN_ENTITY = graphql(`
  query ThenEntity($at: AsOf!, $id: ID!) {
    snapshot(at: $at) {
      transactionId
      entity(id: $id) {
        id
        label
        parentId
        isDeleted
        operation
        transaction {
          id
        }
      }
    }
  }
`);

export const THEN_ITEMS = graphql(`
  query ThenItems($at: AsOf!) {
    snapshot(at: $at) {
      entities {
        items {
          id
        }
      }
    }
  }
`);
