import type { ApolloClient } from "@apollo/client";
import { graphql } from "../generated/index.ts";
import type { Question } from "../shell/question.ts";

const IDS = graphql(`
  query AppIds(
    $filter: EntityFilter
    $search: String
    $orderBy: [EntityOrderBy!]
    $trash: TrashScope!
    $offset: Int!
  ) {
    entities(
      filter: $filter
      search: $search
      orderBy: $orderBy
      trash: $trash
      offset: $offset
      limit: 100
    ) {
      items {
        id
      }
    }
  }
`);

const RANKED_IDS = graphql(`
  query AppRankedIds($text: String!, $filter: EntityFilter, $trash: TrashScope!, $offset: Int!) {
    search(text: $text, filter: $filter, trash: $trash, offset: $offset, limit: 100) {
      items {
        entity {
          id
        }
      }
    }
  }
`);

const pageSize = 100;
/** Pages asked for at a time. */
const pagesAtOnce = 4;

async function listPage(
  client: ApolloClient,
  question: Question,
  offset: number,
): Promise<readonly string[]> {
  const { filter, search, orderBy, trash, isRanked } = question;
  // Not kept: thousands of ids without anything to show would only crowd the cache.
  const fetchPolicy = "no-cache";
  if (isRanked) {
    const variables = { text: search ?? "", filter, trash, offset };
    const { data } = await client.query({ query: RANKED_IDS, variables, fetchPolicy });
    return data?.search.items.map(({ entity }) => entity.id) ?? [];
  }
  const variables = { filter, search, orderBy: [...orderBy], trash, offset };
  const { data } = await client.query({ query: IDS, variables, fetchPolicy });
  return data?.entities.items.map(({ id }) => id) ?? [];
}

/**
 * The ids of a part of a list, seen or not.
 * @param from place of the first one.
 * @param signal ends it when the selection is given up.
 */
export async function listIds(
  client: ApolloClient,
  question: Question,
  { from, count, signal }: { readonly from: number; readonly count: number; readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const pages: (readonly string[])[] = Array.from({ length: Math.ceil(count / pageSize) }, () => []);
  let next = 0;
  const work = async () => {
    for (let page = next++; page < pages.length; page = next++) {
      signal.throwIfAborted();
      pages[page] = await listPage(client, question, from + page * pageSize);
    }
  };
  await Promise.all(Array.from({ length: pagesAtOnce }, work));
  return pages.flat().slice(0, count);
}
