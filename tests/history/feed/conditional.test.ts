import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { createClient } from "graphql-ws";
import { startSharedServer, type TestServer } from "../../support/server.ts";

// Seen: a subscription whose only field is skipped ended every subscription of the same WebSocket (close code 4500),
// and was an INTERNAL_SERVER_ERROR over HTTP. graphql-js looks for the first of no fields, and fails with a TypeError.
let server: TestServer;
beforeAll(async () => {
  server = await startSharedServer();
});
afterAll(() => server.stop());

const queries = [
  "subscription { entityChanged @skip(if: true) { id } }",
  "subscription { entityChanged @include(if: false) { id } }",
  "subscription { ... @skip(if: true) { entityChanged { id } } }",
  "subscription { ...F } fragment F on Subscription { ...G } fragment G on Subscription { entityChanged @include(if: false) { id } }",
];

test.each(queries)("over HTTP it is the client's mistake: %s", async (query) => {
  const response = await fetch(`${server.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "text/event-stream" },
    body: JSON.stringify({ query }),
  });
  const text = await response.text();
  expect(text).toContain("BAD_USER_INPUT");
  expect(text).not.toContain("INTERNAL_SERVER_ERROR");
});

test.each(queries)("over WebSocket too, and the connection stays: %s", async (query) => {
  const client = createClient({
    url: `${server.url.replace("http", "ws")}/graphql`,
    webSocketImpl: WebSocket,
  });
  const ask = (text: string) =>
    new Promise<unknown>((resolve) => {
      const results: unknown[] = [];
      client.subscribe(
        { query: text },
        {
          next: (result) => results.push(result),
          error: resolve,
          complete: () => {
            resolve(results);
          },
        },
      );
    });
  expect(await ask(query)).toMatchObject([{ errors: [{ extensions: { code: "BAD_USER_INPUT" } }] }]);
  expect(await ask("{ __typename }")).toMatchObject([{ data: { __typename: "Query" } }]);
  await client.dispose();
});

test("a condition inside of the field is welcome", async () => {
  const ending = new AbortController();
  const response = await fetch(`${server.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "text/event-stream" },
    body: JSON.stringify({ query: "subscription { entityChanged { id label @skip(if: true) } }" }),
    signal: ending.signal,
  });
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toMatch(/^text\/event-stream/);
  ending.abort();
});
