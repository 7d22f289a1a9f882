import { parse } from "graphql";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { anonymous } from "../../src/auth/viewer.ts";
import { createKnownQueries } from "../../src/http/known-queries.ts";
import type { Call } from "../../src/http/yoga.ts";
import { schema, startServer, type Fixture } from "./fixture.ts";
import { ample } from "../support/budget.ts";

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

  test("and is executed once even when it fails, but for the one time in a hundred that a plan is tried", async () => {
    const missing = vi.spyOn(schema.getQueryType()!.getFields()["missing"]!, "resolve");
    try {
      for (let count = 0; count < 150; count++) await post({ query: "{ missing } # often" });
      expect(missing).toHaveBeenCalledTimes(152);
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

describe("what is known", () => {
  const limits = { queryCostMax: 100, queryDepthMax: 10, queryAliasesMax: 2 };
  const log = pino({ level: "silent" });
  const callOf = (params: Call["params"]): Call => ({
    ...{ params, log, requestId: "1", viewer: anonymous, address: "127.0.0.1" },
    signal: new AbortController().signal,
    isRepeatable: false,
  });
  const open = (charsMax = 1000) =>
    createKnownQueries({ schema, context: () => ({ budget: ample() }), limits }, charsMax);

  test("is only what was remembered, and no longer than there is room", async () => {
    const queries = open(30);
    const call = callOf({ query: "{ hello }" });
    expect(await queries.answer(call)).toBeUndefined();
    queries.remember("{ hello }", parse("{ hello }"));
    expect(await queries.answer(call)).toBe(
      '{"data":{"hello":"world"},"extensions":{"cost":{"requested":1,"max":100}}}',
    );
    queries.remember("{ hello, hello, hello, hello }", parse("{ hello }"));
    expect(await queries.answer(call)).toBeUndefined();
  });

  test("is executed once, whatever comes of it: a query that failed late must not take its time twice", async () => {
    const queries = open();
    queries.remember("{ missing hello }", parse("{ missing hello }"));
    const call = callOf({ query: "{ missing hello }" });
    expect(await queries.answer(call)).toBeUndefined();
    expect(call.result?.data).toEqual({ missing: null, hello: "world" });
  });

  test("is executed only while it asks for no more than is allowed", async () => {
    const queries = open();
    const query = "{ a: hello b: hello c: hello }";
    queries.remember(query, parse(query));
    const call = callOf({ query });
    expect(await queries.answer(call)).toBeUndefined();
    expect(call.result).toBeUndefined();
  });

  test("is never a mutation, nor one of two operations when neither is named", async () => {
    const queries = open();
    for (const query of ["mutation { touch }", "query A { hello } query B { hello }"]) {
      queries.remember(query, parse(query));
      const call = callOf({ query });
      expect(await queries.answer(call)).toBeUndefined();
      expect(call.result).toBeUndefined();
    }
  });
});
