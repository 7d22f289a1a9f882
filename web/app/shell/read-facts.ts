import type { ApolloClient } from "@apollo/client";
import { graphql } from "../generated/index.ts";
import { formatCount, formatItems } from "./format.ts";

const READ_FACTS = graphql(`
  mutation AppReadFacts($ids: [ID!]!) {
    readFacts(ids: $ids) {
      ids
    }
  }
`);

const FACTS_STATES = graphql(`
  query AppFactsStates($ids: [ID!]!) {
    entities(filter: { id: { in: $ids } }, trash: ANY, limit: 100) {
      items {
        id
        version
        factsState
      }
    }
  }
`);

/** The server reads the files while the request waits: many at once would look like a request that hangs. */
const idsAtOnce = 20;

/**
 * Has the facts of files read again from their bytes, at once.
 * @returns how it went, for people: what cannot be read now either is no failure, the server tries again by itself.
 */
export async function readFactsAgain(client: ApolloClient, ids: readonly string[]): Promise<string> {
  let unread = 0;
  for (let start = 0; start < ids.length; start += idsAtOnce) {
    const variables = { ids: ids.slice(start, start + idsAtOnce) };
    await client.mutate({ mutation: READ_FACTS, variables });
    const { data } = await client.query({ query: FACTS_STATES, variables, fetchPolicy: "network-only" });
    unread += data?.entities.items.filter(({ factsState }) => factsState !== "READ").length ?? 0;
  }
  if (unread === 0) return `The facts of ${formatItems(ids.length)} have been read`;
  const which = unread === ids.length ? formatItems(unread) : `${formatCount(unread)} of ${ids.length} items`;
  return `The facts of ${which} could not be read now either; the server tries again by itself`;
}
