import { graphql } from "../../generated/index.ts";

export const FACTS = graphql(`
  query PendingFacts($id: ID!) {
    entity(id: $id) {
      version
      factsState
      label
      type
      mimeType
      extension
      width
      height
      duration
      capturedAt
      captured {
        local
        offset
        source
      }
      location {
        latitude
        longitude
      }
      camera {
        make
        model
      }
      metadata(groups: ["EXIF", "XMP"])
      problems {
        code
        message
      }
      placeholder
      thumbnail(width: 320) {
        url
        width
        height
      }
      versions {
        items {
          version
          operation
          capturedAt
          changes {
            field
          }
          transaction {
            id
            actor
            operation
          }
        }
      }
    }
  }
`);

export const READ_FACTS = graphql(`
  mutation ReadFacts($ids: [ID!]!, $reason: String) {
    readFacts(ids: $ids, reason: $reason) {
      ids
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
