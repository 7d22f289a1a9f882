import { graphql } from "../generated/index.ts";

/** Transactions that TRANSACTIONS gives at once. */
export const transactionsPageSize = 50;

export const TRANSACTIONS = graphql(`
  query AppTransactions($offset: Int! = 0) {
    transactions(offset: $offset, limit: 50) {
      items {
        id
        at
        actor
        reason
        operation
        entityCount
        undoneBy {
          id
        }
        changes(limit: 3) {
          items {
            id
            entityId
            isCollection
            version
            label
            originalName
            changes {
              field
              before
              after
            }
          }
        }
      }
      pagination {
        totalItems
      }
    }
  }
`);
