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
