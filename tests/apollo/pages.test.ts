import { expect, test } from "vitest";
import {
  ChildrenDocument,
  createCollection,
  EntitiesByCursorDocument,
  EntitiesDocument,
  EntityVersionsDocument,
  SearchDocument,
  SnapshotDocument,
  TransactionsDocument,
  updateEntity,
} from "../../apollo/index.ts";
import { gql, type TypedDocumentNode } from "@apollo/client";
import { plantCollections } from "../support/planted.ts";
import { startServer } from "../support/server.ts";
import { openClient } from "./support.ts";

async function open(entities: number) {
  const server = await startServer();
  const rows = Array.from({ length: entities }, (_, n) => ({ label: `c${n}` }));
  const ids = await plantCollections(server, rows);
  const { client, requests } = openClient(server);
  const get = async (offset: number, limit: number) => {
    const { data } = await client.query({ query: EntitiesDocument, variables: { offset, limit } });
    return data!.entities;
  };
  return { server, ids, client, get, requests };
}

const idsOf = ({ items }: { readonly items: readonly { readonly id: string }[] }) =>
  items.map(({ id }) => id);

test("merges pages of different sizes into one list and gives any part of it back", async () => {
  const { ids, get, requests } = await open(250);
  const newestFirst = ids.toReversed();
  const all = [await get(0, 100), await get(170, 100), await get(100, 70)].map(idsOf);
  expect([all[0], all[2], all[1]].flat()).toEqual(newestFirst);
  expect(requests()).toBe(3);

  const part = await get(90, 95);
  expect(idsOf(part)).toEqual(newestFirst.slice(90, 185));
  expect(part.pagination).toMatchObject({ totalItems: 250, totalPages: 3, hasNext: true, hasPrev: true });
  expect(idsOf(await get(240, 20))).toEqual(newestFirst.slice(240));
  expect(idsOf(await get(300, 20))).toEqual([]);
  expect(requests()).toBe(3);
});

test("asks for a page of which a part was never fetched", async () => {
  const { ids, get, requests } = await open(60);
  await get(0, 20);
  await get(40, 20);
  expect(idsOf(await get(10, 40))).toEqual(ids.toReversed().slice(10, 50));
  expect(requests()).toBe(3);
});

test("fetches a page again that has lost an item, and never shows it short", async () => {
  const { ids, client, get, requests } = await open(12);
  const shown: number[] = [];
  const watching = client
    .watchQuery({ query: EntitiesDocument, variables: { limit: 10 } })
    .subscribe(({ data, dataState }) => {
      if (dataState === "complete") shown.push(data.entities.items.length);
    });
  await get(0, 10);
  const before = requests();
  client.cache.evict({ id: client.cache.identify({ __typename: "Entity", id: ids.at(-1)! })! });
  client.cache.gc();
  expect(idsOf(await get(0, 10))).toEqual(ids.toReversed().slice(0, 10));
  expect(requests()).toBe(before + 1);
  watching.unsubscribe();
  expect(new Set(shown)).toEqual(new Set([10]));
});

test("keeps the list through garbage collection, and through JSON", async () => {
  const { server, client, get, requests } = await open(30);
  await get(0, 10);
  await get(20, 10);
  client.cache.gc();
  const saved: unknown = JSON.parse(JSON.stringify(client.cache.extract()));
  const other = openClient(server);
  other.client.cache.restore(saved);
  const { data } = await other.client.query({
    query: EntitiesDocument,
    variables: { offset: 22, limit: 8 },
  });
  expect(data!.entities.items).toEqual((await get(22, 8)).items);
  expect([requests(), other.requests()]).toEqual([2, 0]);
  // What nobody had asked for is null after JSON.
  await other.client.query({ query: EntitiesDocument, variables: { offset: 5, limit: 10 } });
  expect(other.requests()).toBe(1);
});

test("a total that has changed drops the other pages: the list has moved", async () => {
  const { server, ids, get, requests } = await open(40);
  await get(0, 20);
  const [more] = await plantCollections(server, [{ label: "more" }]);
  expect(idsOf(await get(20, 20))).toEqual(ids.toReversed().slice(19, 39));
  expect(idsOf(await get(0, 20))[0]).toBe(more);
  expect(requests()).toBe(3);
});

interface Bare {
  readonly entities: { readonly items: readonly { readonly id: string }[] };
}
const bare: TypedDocumentNode<Bare, { offset: number; limit: number }> = gql`
  query ($offset: Int!, $limit: Int!) {
    entities(offset: $offset, limit: $limit) {
      items {
        id
      }
    }
  }
`;

test("without totals an item in another place shows that the list has moved, and the last page its end", async () => {
  const { server, ids, client, requests } = await open(25);
  const get = async (offset: number, limit: number) =>
    idsOf((await client.query({ query: bare, variables: { offset, limit } })).data!.entities);
  const newestFirst = ids.toReversed();
  await get(0, 10);
  await get(10, 10);
  expect(await get(5, 10)).toEqual(newestFirst.slice(5, 15));
  expect(requests()).toBe(2);

  await plantCollections(server, [{ label: "more" }]);
  // Begins with what was the last one of the page before.
  expect(await get(20, 10)).toEqual(newestFirst.slice(19));
  expect(requests()).toBe(3);
  expect(await get(26, 10)).toEqual([]);
  expect(await get(22, 10)).toEqual(newestFirst.slice(21));
  expect(requests()).toBe(3);
  expect((await get(10, 10))[0]).toBe(newestFirst[9]);
  expect(requests()).toBe(4);
});

test("an empty page behind the end, without totals, is kept as one", async () => {
  const { client, requests } = await open(5);
  const get = () => client.query({ query: bare, variables: { offset: 40, limit: 10 } });
  expect((await get()).data!.entities.items).toEqual([]);
  expect((await get()).data!.entities.items).toEqual([]);
  expect(requests()).toBe(1);
});

const totals = gql`
  query {
    entities {
      pagination {
        totalItems
      }
      facets(fields: [PARENT]) {
        buckets {
          value
          count
        }
      }
    }
  }
`;

test("totals and facets without items join the same list", async () => {
  const { client, get, requests } = await open(30);
  const { data } = await client.query({ query: totals });
  expect(data).toMatchObject({ entities: { pagination: { totalItems: 30 }, facets: [{ buckets: [] }] } });
  await get(0, 20);
  await client.query({ query: totals });
  expect(requests()).toBe(2);
});

test("children, search, versions, snapshots and transactions are lists of their own", async () => {
  const { server, ids, client, requests } = await open(1);
  const [top] = ids as [string];
  const rows = Array.from({ length: 30 }, (_, n) => ({ label: `leaf ${n}`, parentId: top }));
  const leaves = await plantCollections(server, rows);
  for (const label of ["one", "two", "three"]) await updateEntity(client, top, { label });
  const at = {
    transactionId: (await client.query({ query: TransactionsDocument })).data!.transactions.items[0]!.id,
  };

  const reads = [
    async (offset: number, limit: number) => {
      const { data } = await client.query({ query: ChildrenDocument, variables: { id: top, offset, limit } });
      return idsOf(data!.entity!.children);
    },
    async (offset: number, limit: number) => {
      const variables = { text: "leaf", offset, limit };
      const { data } = await client.query({ query: SearchDocument, variables });
      return data!.search.items.map(({ entity }) => entity.id);
    },
    async (offset: number, limit: number) => {
      const variables = { at, filter: { parentId: { equals: top } }, offset, limit };
      const { data } = await client.query({ query: SnapshotDocument, variables });
      return data!.snapshot.entities.items.map(({ entityId }) => entityId);
    },
  ];
  for (const read of reads) {
    const before = requests();
    const all = [...(await read(0, 20)), ...(await read(20, 20))];
    expect(all.toSorted()).toEqual(leaves.toSorted());
    expect(await read(7, 18)).toEqual(all.slice(7, 25));
    expect(requests()).toBe(before + 2);
  }

  const versions = { id: top, limit: 2 };
  const before = requests();
  await client.query({ query: EntityVersionsDocument, variables: versions });
  await client.query({ query: EntityVersionsDocument, variables: { ...versions, offset: 2 } });
  const { data } = await client.query({ query: EntityVersionsDocument, variables: { id: top, limit: 4 } });
  expect(data!.entity!.versions.items.map(({ label }) => label)).toEqual(["three", "two", "one", "c0"]);
  expect(requests()).toBe(before + 2);
});

test("a search that has lost an entity is fetched again", async () => {
  const { ids, client, requests } = await open(3);
  const search = async () =>
    (await client.query({ query: SearchDocument, variables: { text: "c*" } })).data!.search.items.length;
  expect(await search()).toBe(3);
  client.cache.evict({ id: client.cache.identify({ __typename: "Entity", id: ids[1]! })! });
  expect(await search()).toBe(3);
  expect(requests()).toBe(2);
});

test("what came in a list need not be fetched again by its id", async () => {
  const { ids, client, get, requests } = await open(3);
  await get(0, 3);
  const query = gql`
    query ($id: ID!) {
      entity(id: $id) {
        id
        label
      }
    }
  `;
  const { data } = await client.query({ query, variables: { id: ids[0] } });
  expect(data).toMatchObject({ entity: { label: "c0" } });
  expect((await client.query({ query, variables: { id: "999" } })).data).toEqual({ entity: null });
  expect(requests()).toBe(2);
});

test("`node` finds in the cache what came under another field; what it did not find is asked for when there is more", async () => {
  const { ids, client, get, requests } = await open(2);
  await get(0, 2);
  const NODES = gql`
    query ($id: ID!, $ids: [ID!]!) {
      node(id: $id) {
        id
        ... on Entity {
          label
        }
      }
      nodes(ids: $ids) {
        id
      }
    }
  `;
  const next = String(Math.max(...ids.map(Number)) + 1);
  const ask = async (id: string) =>
    (await client.query({ query: NODES, variables: { id, ids: [ids[0], next] } })).data;
  expect(await ask(next)).toEqual({ node: null, nodes: [{ __typename: "Entity", id: ids[0] }, null] });
  const before = requests();
  expect(await ask(ids[1]!)).toMatchObject({ node: { label: "c1" }, nodes: [{ id: ids[0] }, null] });
  expect(requests(), "the entity of the page").toBe(before);
  const { entity } = await createCollection(client, { label: "new" });
  expect(entity.id).toBe(next);
  expect(await ask(next)).toMatchObject({ node: { label: "new" }, nodes: [{ id: ids[0] }, { id: next }] });
});

test("lists by cursors grow, one from each end, and are fetched again when they have lost an entity", async () => {
  const { ids, client, requests } = await open(50);
  const variables = { first: 20 };
  const list = client.watchQuery({ query: EntitiesByCursorDocument, variables });
  const shown: number[] = [];
  const watching = list.subscribe(({ data, dataState }) => {
    if (dataState === "complete") shown.push(data.entitiesConnection.edges.length);
  });
  const read = async () =>
    (await client.query({ query: EntitiesByCursorDocument, variables })).data!.entitiesConnection;
  for (let page = await read(); page.pageInfo.hasNextPage; page = await read())
    await list.fetchMore({ variables: { after: page.pageInfo.endCursor } });
  expect((await read()).edges.map(({ node }) => node.id)).toEqual(ids.toReversed());
  expect(requests()).toBe(3);

  const last = gql`
    query {
      entitiesConnection(last: 5) {
        edges {
          cursor
          node {
            id
          }
        }
      }
    }
  `;
  await client.query({ query: last });
  expect((await read()).edges).toHaveLength(50);
  expect(requests()).toBe(4);

  client.cache.evict({ id: client.cache.identify({ __typename: "Entity", id: ids[7]! })! });
  expect((await read()).edges).toHaveLength(50);
  expect(requests()).toBe(5);
  watching.unsubscribe();
  expect(shown).not.toContain(49);
});
