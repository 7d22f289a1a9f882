import type { ApolloClient } from "@apollo/client";
import type { EntityFilter } from "../generated/graphql.ts";
import type { Question } from "../shell/question.ts";
import { FOUND, KEYS, LIST, PAST, PAST_KEYS } from "./operations.ts";

interface Page {
  readonly ids: readonly string[];
  readonly total: number;
}

/** Ids of a part of a list, wherever it comes from. */
async function readPage(
  client: ApolloClient,
  { filter, search, orderBy, trash, at, isRanked }: Question,
  page: { readonly offset: number; readonly limit: number },
): Promise<Page> {
  if (at != null) {
    const variables = { at, filter, search, orderBy: [...orderBy], trash, ...page };
    const { data } = await client.query({ query: PAST, variables });
    const { items = [], pagination } = data?.snapshot.entities ?? {};
    return { ids: items.map(({ entityId }) => entityId), total: pagination?.totalItems ?? 0 };
  }
  if (isRanked) {
    const variables = { text: search ?? "", filter, trash, ...page };
    const { data } = await client.query({ query: FOUND, variables });
    const { items = [], pagination } = data?.search ?? {};
    return { ids: items.map(({ entity }) => entity.id), total: pagination?.totalItems ?? 0 };
  }
  const variables = { filter, search, orderBy: [...orderBy], trash, ...page };
  const { data } = await client.query({ query: LIST, variables });
  const { items = [], pagination } = data?.entities ?? {};
  return { ids: items.map(({ id }) => id), total: pagination?.totalItems ?? 0 };
}

/** The id of the item at a place of the list; undefined beyond its ends. */
export async function findItem(
  client: ApolloClient,
  question: Question,
  offset: number,
): Promise<string | undefined> {
  if (offset < 0) return undefined;
  return (await readPage(client, question, { offset, limit: 1 })).ids[0];
}

/** The sort keys of the orders. */
interface Keys {
  readonly capturedAt?: string | null;
  readonly addedAt: string;
  readonly fileSize?: number | null;
}

async function readKeys(client: ApolloClient, id: string, at: string | null): Promise<Keys | null> {
  if (at == null) {
    const { data } = await client.query({ query: KEYS, variables: { id } });
    return data?.entity ?? null;
  }
  const { data } = await client.query({ query: PAST_KEYS, variables: { id, at } });
  return data?.snapshot.entity ?? null;
}

/** A filter for the entities before an item in the list; null for orders that no filter can express. */
function before({ order, isRanked }: Question, keys: Keys): EntityFilter | null {
  const { capturedAt, addedAt, fileSize } = keys;
  if (isRanked || order === "name") return null;
  if (order === "added") return { addedAt: { gt: addedAt } };
  // Items without a size or time come last.
  if (order === "size")
    return fileSize == null ? { fileSize: { isNull: false } } : { fileSize: { gt: fileSize } };
  if (capturedAt != null) return { capturedAt: { gt: capturedAt } };
  return {
    OR: [
      { capturedAt: { isNull: false } },
      { AND: [{ capturedAt: { isNull: true } }, { addedAt: { gt: addedAt } }] },
    ],
  };
}

const pageSize = 100;
/** Where the position of an item is unknown, at most this many pages are searched for it. */
const pagesMax = 50;

/**
 * The place in a list of an item that has not been loaded with it, such as one that a link leads to.
 * @returns undefined when it is not in the list, or too far down to be found.
 */
export async function findPlace(
  client: ApolloClient,
  question: Question,
  id: string,
): Promise<number | undefined> {
  const keys = await readKeys(client, id, question.at);
  if (keys == null) return undefined;
  const above = before(question, keys);
  let offset = 0;
  if (above != null) {
    const filter = { AND: [question.filter ?? {}, above] };
    offset = (await readPage(client, { ...question, filter }, { offset: 0, limit: 1 })).total;
  }
  for (let page = 0; page < pagesMax; page++, offset += pageSize) {
    const { ids } = await readPage(client, question, { offset, limit: pageSize });
    const found = ids.indexOf(id);
    if (found >= 0) return offset + found;
    if (ids.length < pageSize) return undefined;
  }
  return undefined;
}
