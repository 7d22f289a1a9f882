import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { schema, startServer, type Fixture } from "./fixture.ts";

let server: Fixture;

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

const newType = "application/graphql-response+json";
const oldType = "application/json";

const answerOf = async (response: Response) => ({
  status: response.status,
  type: response.headers.get("content-type"),
  headers: [...response.headers.keys()].sort(),
  // Each request has an id of its own.
  text: (await response.text()).replace(/"requestId":"[^"]*"/, ""),
});

const post = async (body: object, accept = "*/*") =>
  answerOf(
    await fetch(`${server.url}/graphql`, {
      method: "POST",
      headers: { "content-type": oldType, accept },
      body: JSON.stringify(body),
    }),
  );

const get = async (query: string) =>
  answerOf(
    await fetch(`${server.url}/graphql?${new URLSearchParams({ query }).toString()}`, {
      headers: { "apollo-require-preflight": "1" },
    }),
  );

const accepts = ["*/*", newType, oldType, `${oldType}, ${newType}`, `${newType}, ${oldType};q=0.9`];

/** Whether it is the first time or not, the client must not be able to tell. */
describe("a query that was asked before is answered as it was the first time", () => {
  test.each([
    ["{ hello }", {}],
    ["{ hello __typename a: hello }", {}],
    ["query ($t: String) { echo(text: $t) }", { variables: { t: 'é \u2028 "<>' } }],
    ['query ($t: String = "none") { echo(text: $t) }', {}],
    ['query One { hello } query Two { echo(text: "2") }', { operationName: "Two" }],
    ['query One { hello } query Two { echo(text: "3") }', { operationName: "Three" }],
    ['query One { hello } query Two { echo(text: "4") }', {}],
    ["{ missing hello }", {}],
    ["{ missing bug }", {}],
    ["{ thrownText }", {}],
    ["{ thrownGraphQL }", {}],
    ["{ huge }", {}],
    ["{ even }", {}],
    ["{ big }", {}],
    ["query ($v: Even) { even(value: $v) }", { variables: { v: 4 } }],
    ["query ($v: Even) { even(value: $v) }", { variables: { v: 3 } }],
    ["query ($v: Even!) { even(value: $v) }", {}],
    ["{ hello @include(if: false) }", {}],
    ["{ nobody }", {}],
    ["{ __schema { queryType { name } } }", {}],
    ["mutation { touch }", {}],
  ])("%s %j", async (query, more) => {
    for (const accept of accepts) {
      const asked = () => post({ query: `${query} # ${accept}`, ...more }, accept);
      const first = await asked();
      expect(await asked()).toEqual(first);
      expect(await asked()).toEqual(first);
    }
    const first = await get(query);
    expect(await get(query)).toEqual(first);
  });

  test("and is executed once, even when it fails", async () => {
    const missing = vi.spyOn(schema.getQueryType()!.getFields()["missing"]!, "resolve");
    try {
      for (let count = 0; count < 10; count++) await post({ query: "{ missing } # often" });
      expect(missing).toHaveBeenCalledTimes(10);
    } finally {
      missing.mockRestore();
    }
  });

  test.each([
    { variables: [] },
    { variables: "text" },
    { extensions: [] },
    { extensions: "text" },
    { unheardOf: 1 },
    { operationName: "" },
    { variables: null, extensions: null, operationName: null },
    { extensions: { any: 1 } },
  ])("with %j beside it", async (more) => {
    const query = `{ hello again: hello } # ${JSON.stringify(more)}`;
    const first = await post({ query, ...more });
    await post({ query });
    expect(await post({ query, ...more })).toEqual(first);
  });
});
