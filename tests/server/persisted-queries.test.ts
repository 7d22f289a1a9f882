import { createHash } from "node:crypto";
import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startServer, type Fixture } from "./fixture.ts";

// Seen: every query of Apollo's PersistedQueryLink and of urql's persistedExchange failed with BAD_USER_INPUT. They send
// the hash first, and send the document after the one error only that says that there are no persisted queries.

let server: Fixture;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const persistedQuery = { version: 1, sha256Hash: sha256("{ hello }") };
const json = { "content-type": "application/json", "x-graphql-yoga-csrf": "1" };
const code = "PERSISTED_QUERY_NOT_SUPPORTED";

const post = (body: object, headers: Record<string, string> = json) =>
  fetch(`${server.url}/graphql`, { method: "POST", headers, body: JSON.stringify(body) });

const get = (params: Record<string, string>) =>
  fetch(`${server.url}/graphql?${new URLSearchParams(params).toString()}`, { headers: json });

test.each([
  ["POST", () => post({ operationName: "A", variables: {}, extensions: { persistedQuery } })],
  ["GET", () => get({ extensions: JSON.stringify({ persistedQuery }) })],
  ["POST with an empty query", () => post({ query: "", extensions: { persistedQuery } })],
  ["POST by a document's id", () => post({ documentId: `sha256:${persistedQuery.sha256Hash}` })],
  ["GET by a document's id", () => get({ documentId: "photos" })],
  ["a client of JSON alone", () => post({ documentId: "1" }, { ...json, accept: "application/json" })],
  ["a client of events", () => post({ documentId: "1" }, { ...json, accept: "text/event-stream" })],
])("a hash without a query, by %s, is answered in the words that clients know", async (_, send) => {
  const response = await send();
  expect(response.status).toBe(200);
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(await response.json()).toEqual({
    errors: [{ message: "PersistedQueryNotSupported", extensions: { code } }],
  });
});

test("with a query the hash changes nothing", async () => {
  const query = "{ hello }";
  const answer = expect.objectContaining({ data: { hello: "world" } }) as object;
  expect(await (await post({ query, extensions: { persistedQuery } })).json()).toEqual(answer);
  const byGet = await get({ query, extensions: JSON.stringify({ persistedQuery }) });
  expect(await byGet.json()).toEqual(answer);
});

test.each([{}, { extensions: {} }, { extensions: { persistedQuery: null } }, { documentId: null }])(
  "neither query nor hash, %j, is a mistake",
  async (body) => {
    const response = await post(body);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('\\"query\\" must be a string');
  },
);

test.each([false, true])("Apollo's link falls back, hashes by GET: %j", async (useGETForHashedQueries) => {
  let requests = 0;
  const counting: typeof fetch = (...args) => {
    requests++;
    return fetch(...args);
  };
  const link = ApolloLink.from([
    new PersistedQueryLink({ sha256, useGETForHashedQueries }),
    new HttpLink({ uri: `${server.url}/graphql`, headers: json, fetch: counting }),
  ]);
  const client = new ApolloClient({ link, cache: new InMemoryCache() });
  const ask = () => client.query({ query: gql("query A { hello }"), fetchPolicy: "network-only" });
  expect((await ask()).data).toEqual({ hello: "world" });
  expect((await ask()).data).toEqual({ hello: "world" });
  // The hash, the document, and then documents only.
  expect(requests).toBe(3);
});
