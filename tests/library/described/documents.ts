import { graphql } from "../../generated/index.ts";

export const DESCRIBED = graphql(`
  query Described($id: ID!) {
    entity(id: $id) {
      version
      keywords
      rating
      altText
      creator
      copyright
      versions {
        items {
          version
          operation
          keywords
          rating
          altText
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

export const DESCRIBE = graphql(`
  mutation Describe($id: ID!, $input: UpdateEntityInput!, $ifVersion: Int) {
    updateEntity(id: $id, input: $input, ifVersion: $ifVersion) {
      entity {
        version
        keywords
        rating
        altText
        creator
        copyright
      }
      transaction {
        id
      }
    }
  }
`);

export const DESCRIBE_MANY = graphql(`
  mutation DescribeMany($ids: [ID!]!, $input: UpdateEntityInput!) {
    updateEntities(ids: $ids, input: $input) {
      ids
      transaction {
        id
        entityCount
      }
    }
  }
`);

export const DESCRIBED_THEN = graphql(`
  query DescribedThen($id: ID!, $transactionId: ID!) {
    snapshot(at: { transactionId: $transactionId }) {
      entity(id: $id) {
        keywords
        rating
        altText
        creator
        copyright
      }
    }
  }
`);

export const TAKEN = graphql(`
  fragment Taken on EntityState {
    version
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

export const WHEN_AND_WHERE = graphql(`
  query WhenAndWhere($id: ID!) {
    entity(id: $id) {
      ...Taken
      versions {
        items {
          operation
          changes {
            field
            before
            after
          }
          ...Taken
        }
      }
    }
  }
`);

export const TAKEN_THEN = graphql(`
  query TakenThen($id: ID!, $transactionId: ID!, $filter: EntityFilter) {
    snapshot(at: { transactionId: $transactionId }) {
      entity(id: $id) {
        ...Taken
      }
      entities(filter: $filter) {
        items {
          entityId
        }
      }
    }
  }
`);

export const SHIFT = graphql(`
  mutation ShiftCaptured($ids: [ID!]!, $seconds: Float!, $reason: String) {
    shiftCaptured(ids: $ids, seconds: $seconds, reason: $reason) {
      ids
      transaction {
        id
        operation
        reason
        entityCount
      }
    }
  }
`);
