import { graphql } from "../generated/index.ts";

export const SURROUNDINGS = graphql(`
  query AppSurroundings($filter: EntityFilter, $search: String, $trash: TrashScope! = LIVE) {
    entities(filter: $filter, search: $search, trash: $trash, limit: 1) {
      facets(fields: [TYPE, YEAR, CAMERA_MODEL], limit: 12) {
        field
        buckets {
          value
          count
        }
      }
    }
  }
`);
