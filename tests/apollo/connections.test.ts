import { isDeepStrictEqual } from "node:util";
import {
  gql,
  type ApolloClient,
  type FetchPolicy,
  type OperationVariables,
  type TypedDocumentNode,
} from "@apollo/client";
import { expect, onTestFinished, test } from "vitest";
import {
  createCollection,
  EntitiesByCursorDocument,
  followChanges,
  restoreEntities,
  softDeleteEntities,
  undoTransaction,
  updateEntity,
  type EntitiesByCursorQueryVariables,
} from "../../apollo/index.ts";
import { addCollection } from "../support/library.ts";
import { plantCollections, plantFiles } from "../support/planted.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { openClient } from "./support.ts";

// Seen: 40 of 78 entities were shown in a list that had grown by fetchMore; somebody else made a collection, and 10 of 79
// were left. The list was dropped from the cache, and the view that showed it asked for its first page.

type Variables = EntitiesByCursorQueryVariables;

const listOf = async (client: ApolloClient, variables: Variables, isFresh = false) => {
  const fetchPolicy = isFresh ? "no-cache" : "cache-first";
  const { data } = await client.query({ query: EntitiesByCursorDocument, variables, fetchPolicy });
  return data!.entitiesConnection;
};

/** Somebody who has scrolled to the given number of edges, and hears of what others do. */
async function scroll(server: TestServer, variables: Variables, edges: number) {
  const { client, requests } = openClient(server);
  const list = client.watchQuery({ query: EntitiesByCursorDocument, variables });
  let shown: Awaited<ReturnType<typeof listOf>> | undefined;
  const sizes: number[] = [];
  const watching = list.subscribe(({ data, dataState }) => {
    if (dataState !== "complete") return;
    shown = data.entitiesConnection;
    sizes.push(shown.edges.length);
  });
  let end = () => {};
  await new Promise<void>((resolve) => {
    end = followChanges(client, { groupMs: 1, onBegin: resolve });
  });
  onTestFinished(() => {
    end();
    watching.unsubscribe();
  });
  const more = async () => {
    const before = shown!.edges.length;
    await list.fetchMore({ variables: { after: shown!.pageInfo.endCursor } });
    // Apollo tells those who watch a moment later.
    await expect.poll(() => shown!.edges.length, { interval: 5 }).toBeGreaterThan(before);
  };
  await expect.poll(() => shown?.edges.length ?? 0).toBeGreaterThan(0);
  while (shown!.edges.length < edges) await more();
  sizes.length = 0;
  const sizeMin = () => Math.min(...sizes);
  /** What is shown is as long as this, and what the server says. */
  const expectTrue = async (length: number) => {
    await expect.poll(() => shown!.edges.length).toBe(length);
    const { client: other } = openClient(server);
    // Once more where somebody wrote between the two looks.
    await expect
      .poll(async () => isDeepStrictEqual(shown, await trueList(other, variables, length)))
      .toBe(true);
  };
  return { client, requests, shown: () => shown!, more, sizeMin, expectTrue };
}

/** As many edges as are given, by pages. */
async function trueList(client: ApolloClient, variables: Variables, edges: number) {
  const all = await listOf(client, { ...variables, first: Math.min(edges, 100) }, true);
  let list = all;
  while (list.edges.length < edges) {
    const first = Math.min(edges - list.edges.length, 100);
    const next = await listOf(client, { ...variables, first, after: list.pageInfo.endCursor! }, true);
    list = {
      ...next,
      edges: [...list.edges, ...next.edges],
      pageInfo: {
        ...next.pageInfo,
        hasPreviousPage: all.pageInfo.hasPreviousPage,
        startCursor: all.pageInfo.startCursor,
      },
    };
  }
  return list;
}

const at = (minute: number) => new Date(Date.UTC(2020, 0, 1, 0, minute));
const rows = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ label: `c${String(n).padStart(3, "0")}` }));

test.each<[string, number, Variables]>([
  ["newest first", 41, { first: 10 }],
  ["by the last change", 41, { first: 10, orderBy: [{ updatedAt: "DESC" }] }],
  ["by label", 40, { first: 10, orderBy: [{ label: "ASC" }] }],
  ["of a search", 40, { first: 10, search: "c*" }],
  ["with a filter that only the server judges", 40, { first: 10, filter: { label: { startsWith: "c" } } }],
])("a list %s that has grown to 40 shows %i when somebody adds something", async (_, length, variables) => {
  const server = await startServer();
  await plantCollections(server, rows(60));
  const here = await scroll(server, variables, 40);
  await addCollection(server, "c000 a");
  await expect.poll(() => here.shown().totalCount).toBe(61);
  await here.expectTrue(length);
  expect(here.sizeMin()).toBeGreaterThanOrEqual(40);
  while (here.shown().pageInfo.hasNextPage) await here.more();
  await here.expectTrue(61);
});

test("what one creates, deletes and takes back oneself leaves a list that has grown as long as it was", async () => {
  const server = await startServer();
  const ids = await plantCollections(server, rows(40));
  const here = await scroll(server, { first: 10 }, 30);
  const { entity } = await createCollection(here.client, { label: "mine" });
  await here.expectTrue(31);
  expect(here.shown().edges[0]!.node.id).toBe(entity.id);
  const { transaction } = await softDeleteEntities(here.client, [ids[30]!, ids[20]!]);
  await here.expectTrue(29);
  await undoTransaction(here.client, transaction!.id);
  await here.expectTrue(31);
  // Beyond what is held.
  await softDeleteEntities(here.client, [ids[1]!]);
  await here.expectTrue(31);
  await restoreEntities(here.client, [ids[1]!]);
  await here.expectTrue(31);
  expect(here.sizeMin()).toBe(29);
});

test("a restored entity is put in its place without fetching the list again, in each order that a change contains", async () => {
  const server = await startServer();
  const many = Array.from({ length: 30 }, (_, n) => ({
    label: `f${n}`,
    capturedAt: n % 5 === 0 ? null : at((n * 7) % 11),
    fileSize: BigInt((n * 13) % 7),
    duration: n % 3 === 0 ? null : n / 8,
    type: n % 2 === 0 ? ("IMAGE" as const) : ("VIDEO" as const),
  }));
  const ids = await plantFiles(server, many);
  const orders: Variables["orderBy"][] = [
    [{ id: "ASC" }],
    [{ addedAt: "DESC" }],
    [{ capturedAt: "ASC" }],
    [{ capturedAt: "DESC" }],
    [{ fileSize: "DESC" }, { duration: "ASC" }],
    [{ type: "ASC" }, { capturedAt: "DESC" }, { id: "ASC" }],
  ];
  const { client, requests } = openClient(server);
  const all = () => Promise.all(orders.map((orderBy) => listOf(client, { orderBy, first: 100 })));
  const placesIn = (lists: Awaited<ReturnType<typeof all>>) =>
    lists.map(({ edges, ...rest }) => ({
      ...rest,
      edges: edges.map(({ cursor, node }) => [node.label, cursor]),
    }));
  const before = placesIn(await all());
  const some = [ids[0]!, ids[11]!, ids[29]!];
  await softDeleteEntities(client, some);
  for (const list of await all()) expect(list.totalCount).toBe(27);
  await restoreEntities(client, some);
  expect(placesIn(await all())).toEqual(before);
  expect(requests()).toBe(orders.length + 2);
});

test("more than a hundred edges are asked for again by pages", async () => {
  const server = await startServer();
  const ids = await plantCollections(server, rows(260));
  const variables: Variables = { first: 90, orderBy: [{ label: "ASC" }] };
  const here = await scroll(server, variables, 250);
  await updateEntity(openClient(server).client, ids[7]!, { label: "c999" });
  await expect.poll(() => here.shown().edges.some(({ node }) => node.label === "c999")).toBe(true);
  await here.expectTrue(260);
  expect(here.sizeMin()).toBe(260);
});

test("a transaction of more changes than its response contains leaves the length of the list", async () => {
  const server = await startServer();
  const [box] = await plantCollections(server, [{ label: "box" }]);
  await plantCollections(
    server,
    rows(150).map((row) => ({ ...row, parentId: box! })),
  );
  await plantCollections(server, rows(60));
  const here = await scroll(server, { first: 10 }, 40);
  await softDeleteEntities(here.client, [box!]);
  await expect.poll(() => here.shown().totalCount).toBe(60);
  await here.expectTrue(40);
  expect(here.sizeMin()).toBe(40);
});

interface Data {
  readonly entitiesConnection: Awaited<ReturnType<typeof listOf>>;
}

test("a list from its end keeps what it shows too", async () => {
  const server = await startServer();
  await plantCollections(server, rows(60));
  const { client } = openClient(server);
  const query: TypedDocumentNode<Data, OperationVariables> = gql`
    query ($last: Int!, $before: String) {
      entitiesConnection(last: $last, before: $before, orderBy: [{ label: ASC }]) {
        edges {
          cursor
          node {
            id
            label
          }
        }
        pageInfo {
          startCursor
          hasPreviousPage
          endCursor
          hasNextPage
        }
        totalCount
      }
    }
  `;
  const get = async (variables: OperationVariables, fetchPolicy: FetchPolicy = "cache-first") => {
    const { data } = await client.query({ query, variables, fetchPolicy });
    return data!.entitiesConnection;
  };
  const first = await get({ last: 20 });
  await get({ last: 15, before: first.pageInfo.startCursor }, "network-only");
  expect((await get({ last: 20 })).edges).toHaveLength(35);
  await createCollection(client, { label: "c999" });
  const list = await get({ last: 20 });
  expect(list).toEqual(await get({ last: 35 }, "no-cache"));
  expect(list.totalCount).toBe(61);
});

test("an app may still ask for the first page alone", async () => {
  const server = await startServer();
  await plantCollections(server, rows(30));
  const here = await scroll(server, { first: 10 }, 30);
  const { data } = await here.client.query({
    query: EntitiesByCursorDocument,
    variables: { first: 10 },
    fetchPolicy: "network-only",
    context: { refill: false },
  });
  expect(data!.entitiesConnection.edges).toHaveLength(10);
});

test("totals that came alone are no list without edges", async () => {
  const server = await startServer();
  await plantCollections(server, rows(3));
  const { client } = openClient(server);
  const totals = gql`
    query {
      entitiesConnection(trash: LIVE) {
        totalCount
      }
    }
  `;
  expect((await client.query({ query: totals })).data).toMatchObject({
    entitiesConnection: { totalCount: 3 },
  });
  expect((await listOf(client, {})).edges).toHaveLength(3);
});
