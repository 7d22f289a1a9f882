import { graphql } from "../generated/index.ts";

/** How the list shares out: of each kind of filter, without what is chosen of it, so that more can be chosen. */
export const SURROUNDINGS = graphql(`
  query AppSurroundings(
    $byType: EntityFilter
    $byYear: EntityFilter
    $byCamera: EntityFilter
    $byProblems: EntityFilter
    $search: String
    $trash: TrashScope! = LIVE
  ) {
    types: entities(filter: $byType, search: $search, trash: $trash, limit: 1) {
      facets(fields: [TYPE], limit: 12) {
        buckets {
          value
          count
        }
      }
    }
    years: entities(filter: $byYear, search: $search, trash: $trash, limit: 1) {
      facets(fields: [YEAR], limit: 100) {
        buckets {
          value
          count
        }
      }
    }
    cameras: entities(filter: $byCamera, search: $search, trash: $trash, limit: 1) {
      facets(fields: [CAMERA_MODEL], limit: 12) {
        buckets {
          value
          count
        }
      }
    }
    problems: entities(filter: $byProblems, search: $search, trash: $trash, limit: 1) {
      pagination {
        totalItems
      }
    }
  }
`);
