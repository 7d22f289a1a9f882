import { readFileSync } from "node:fs";
import { buildSchema, parse, validate } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { examplesAt } from "../../web/graphiql/examples.ts";
import { linkOf, sharedBy } from "../../web/graphiql/shared-link.ts";
import { startSharedServer, type TestServer } from "../support/server.ts";

const schema = buildSchema(readFileSync("schema.graphql", "utf8"));
const byTitle = examplesAt(new Date()).map((example) => [example.title, example] as const);

test.each(byTitle)("the example %s fits the schema", (_title, { query }) => {
  expect(validate(schema, parse(query))).toEqual([]);
});

test.each(byTitle)("the example %s is read without scrolling sideways", (_title, { query }) => {
  const comments = query.split("\n").filter((line) => line.startsWith("#"));
  for (const line of comments) expect(line.length).toBeLessThanOrEqual(50);
});

describe("in a library without anything", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startSharedServer();
  });
  afterAll(async () => {
    await server.stop();
  });

  // An upload needs a file, and a subscription does not end.
  const asked = byTitle.filter(([title]) => !["Upload", "Changes"].includes(title));
  test.each(asked)("the example %s runs as it is", async (_title, { query, variables }) => {
    const response = await fetch(`${server.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: `{"query":${JSON.stringify(query)},"variables":${variables || "{}"}}`,
    });
    const answer: unknown = await response.json();
    expect(answer).toHaveProperty("data");
    expect(answer).not.toHaveProperty("errors");
  });
});

describe("a link to a query", () => {
  test.each(byTitle)("brings %s back", (_title, { query, variables }) => {
    const link = linkOf({ query, variables }, "http://127.0.0.1:4000/graphql?x=1#old");
    expect(link).toMatch(/^http:\/\/127\.0\.0\.1:4000\/graphql#/);
    expect(sharedBy(link)).toEqual({ query, variables });
  });

  test("is none where nothing is shared", () => {
    expect(sharedBy("http://127.0.0.1:4000/graphql")).toBeUndefined();
    expect(sharedBy("http://127.0.0.1:4000/graphql#elsewhere")).toBeUndefined();
  });
});
