import { graphql } from "../generated/index.ts";

/** The collections in a place, by name. */
export const COLLECTIONS_IN = graphql(`
  query AppCollectionsIn($filter: EntityFilter!) {
    entities(filter: $filter, orderBy: [{ label: ASC }], limit: 100) {
      items {
        id
        label
        version
      }
      pagination {
        totalItems
      }
    }
  }
`);

/** The same, as they stood. */
export const COLLECTIONS_AT = graphql(`
  query AppCollectionsAt($filter: EntityFilter!, $at: DateTime!) {
    snapshot(at: { time: $at }) {
      entities(filter: $filter, orderBy: [{ label: ASC }], limit: 100) {
        items {
          id
          entityId
          label
        }
        pagination {
          totalItems
        }
      }
    }
  }
`);

/** The collections that contain a collection. */
export const TRAIL = graphql(`
  query AppTrail($id: ID!) {
    entity(id: $id) {
      id
      label
      isDeleted
      ancestors {
        id
        label
        isDeleted
      }
    }
  }
`);

/** Collections with what they lie in, for those who choose one. */
export const PLACES = graphql(`
  query AppPlaces($filter: EntityFilter!) {
    entities(filter: $filter, orderBy: [{ label: ASC }], limit: 100) {
      items {
        id
        label
        version
        ancestors {
          id
          label
        }
      }
      pagination {
        totalItems
      }
    }
  }
`);
