import type { ApolloClient } from "@apollo/client";
import type { Question } from "../shell/question.ts";
import { FOUND, LIST, PAST } from "./operations.ts";

/** The id of the item at a place of the list; undefined beyond its end. */
export async function findItem(
  client: ApolloClient,
  { filter, search, orderBy, trash, at, isRanked }: Question,
  offset: number,
): Promise<string | undefined> {
  const page = { offset, limit: 1 };
  if (at != null) {
    const variables = { at, filter, search, orderBy: [...orderBy], trash, ...page };
    const { data } = await client.query({ query: PAST, variables });
    return data?.snapshot.entities.items[0]?.entityId;
  }
  if (isRanked) {
    const variables = { text: search ?? "", filter, trash, ...page };
    const { data } = await client.query({ query: FOUND, variables });
    return data?.search.items[0]?.entity.id;
  }
  const variables = { filter, search, orderBy: [...orderBy], trash, ...page };
  const { data } = await client.query({ query: LIST, variables });
  return data?.entities.items[0]?.id;
}
