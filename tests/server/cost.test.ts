import { buildASTSchema, getIntrospectionQuery, parse } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readFileSync } from "node:fs";
import { checkCost, costOf, QueryCostError } from "../../src/server/graphql/cost.ts";
import { plantChain, plantFiles } from "../support/planted.ts";
import { startSharedServer, type TestServer } from "../support/server.ts";

const schema = buildASTSchema(parse(readFileSync(new URL("../../schema.graphql", import.meta.url), "utf8")));

const cost = (query: string, variables: Record<string, unknown> = { inputs: Array(30).fill({}) }) =>
  costOf(schema, { document: parse(query), variables });

describe("an operation costs", () => {
  test.each<[what: string, query: string, cost: number]>([
    ["one for a field", "{ stats { entities versions } }", 3],
    ["its page's size for each field of an item", "{ entities(limit: 7) { items { id label } } }", 2 + 7 * 2],
    ["twenty times when no size is given", "{ entities { items { id } } }", 2 + 20],
    [
      "what stands beside the items only once",
      "{ entities(limit: 7) { items { id } pagination { totalItems } } }",
      2 + 7 + 2,
    ],
    [
      "page by page in each other",
      "{ entities(limit: 5) { items { id children(limit: 3) { items { id } } } } }",
      2 + 5 * (1 + 2 + 3),
    ],
    ["ten times for a list that nobody limits", '{ entity(id: "1") { ancestors { id } } }', 2 + 10],
    [
      "the same through fragments of either kind",
      "{ entities(limit: 7) { ...page } } fragment page on EntityPage { items { ... on Entity { id } ... { label } } }",
      2 + 7 * 2,
    ],
    [
      "as often as there are checksums to look up",
      '{ knownHashes(md5: ["a", "b", "c"]) { md5 entity { id } } }',
      1 + 3 * (1 + 2),
    ],
    [
      "once for each facet, and its limit for the buckets of each",
      "{ entities(limit: 50) { facets(fields: [TYPE, YEAR], limit: 5) { field buckets { value } } } }",
      2 + 2 * (1 + 1 + 5),
    ],
    [
      "as often as there are files to upload",
      "mutation ($inputs: [UploadEntityInput!]!) { uploadEntities(inputs: $inputs) { results { status } } }",
      2 + 30,
    ],
    ["nothing more for a page of none", "{ entities(limit: 0) { items { id } } }", 2],
    ["what is asked of interfaces", '{ entity(id: "1") { ... on EntityState { label } } }', 2],
  ])("%s", (_what, query, expected) => {
    expect(cost(query).cost).toBe(expected);
  });

  test("what its variables say each time, where a document is kept and asked again", () => {
    const document = parse(`query ($n: Int!, $id: ID!) {
      entities(limit: $n) { items { id } }
      knownHashes(md5: [$id]) { md5 }
    }`);
    const costWith = (n: number) => costOf(schema, { document, variables: { n, id: "1" } }).cost;
    expect([costWith(3), costWith(50), costWith(3)]).toEqual([7, 54, 7]);
    const other = parse("query A { entities(limit: 3) { items { id } } } query B { stats { entities } }");
    const costNamed = (operationName: string) => costOf(schema, { document: other, operationName }).cost;
    expect([costNamed("A"), costNamed("B"), costNamed("A")]).toEqual([5, 2, 5]);
  });

  test("as much as the variables say, or their defaults", () => {
    const query = "query ($n: Int! = 3) { entities(limit: $n) { items { id } } }";
    expect(cost(query, { n: 50 }).cost).toBe(52);
    expect(cost(query).cost).toBe(5);
    // What is no number is refused later; until then it costs what is usual.
    expect(cost(query, { n: "many" }).cost).toBe(22);
  });

  test("levels and aliases, with fragments written out", () => {
    const query = `{ a: entity(id: "1") { ...up } } fragment up on Entity { parent { b: parent { id } } }`;
    expect(cost(query)).toEqual({ cost: 4, depth: 4, aliases: 2, rootFields: 1 });
  });
});

test("fragments that double each other cost no time, and are counted in full", () => {
  const levels = Array.from(
    { length: 60 },
    (_, at) => `fragment f${at} on Entity { a: parent { ...f${at + 1} } b: parent { ...f${at + 1} } }`,
  );
  const bomb = `{ entity(id: "1") { ...f0 } } ${levels.join(" ")} fragment f60 on Entity { id }`;
  expect(cost(bomb).cost).toBeGreaterThan(2 ** 60);
});

test("the standard introspection query is far from the limit, one that goes in circles beyond it", () => {
  const limits = { queryCostMax: 50_000, queryDepthMax: 250, queryAliasesMax: 200 };
  expect(checkCost(schema, { document: parse(getIntrospectionQuery()) }, limits).cost).toBeLessThan(25_000);
  const circle = (levels: number): string =>
    levels === 0 ? "name" : `fields { type { ${circle(levels - 1)} } } name`;
  const document = parse(`{ __type(name: "Entity") { ${circle(12)} } }`);
  expect(() => checkCost(schema, { document }, limits)).toThrow(QueryCostError);
});

describe("over HTTP", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startSharedServer();
    const [top] = await plantChain(server, 3);
    await plantFiles(
      server,
      Array.from({ length: 60 }, (_, index) => ({ label: `${index}`, parentId: top! })),
    );
  });
  afterAll(() => server.stop());

  async function ask(query: string, variables?: object) {
    const response = await fetch(`${server.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/graphql-response+json" },
      body: JSON.stringify({ query, variables }),
    });
    const body = (await response.json()) as {
      data?: unknown;
      errors?: { message: string; extensions: Record<string, unknown> }[];
      extensions?: { cost?: { requested: number; max: number } };
    };
    return { status: response.status, ...body };
  }

  test("every answer says what it cost, also one that is repeated", async () => {
    const query = "{ entities(limit: 9) { items { id } } }";
    for (let time = 0; time < 2; time++)
      expect((await ask(query)).extensions).toMatchObject({ cost: { requested: 11, max: 50_000 } });
  });

  test("an operation beyond the limit is refused with its cost, and nothing is read", async () => {
    const page = "items { id label children(limit: 100) { items { id label description md5 type } } }";
    const answer = await ask(`{ entities(limit: 100) { ${page} } stats { entities } }`);
    expect(answer.status).toBe(400);
    expect(answer.data).toBeUndefined();
    expect(answer.errors).toHaveLength(1);
    expect(answer.errors![0]!.extensions).toMatchObject({
      ...{ code: "QUERY_TOO_COMPLEX", cost: 2 + 100 * (2 + 2 + 500) + 2, costMax: 50_000 },
    });
    expect(answer.errors![0]!.message).toMatch(/QUERY_COST_MAX/);
  });

  test("so are too many aliases and too deep fragments", async () => {
    const aliases = Array.from({ length: 201 }, (_, at) => `a${at}: stats { entities }`).join(" ");
    expect((await ask(`{ ${aliases} }`)).errors![0]!.extensions).toMatchObject({
      ...{ code: "QUERY_TOO_COMPLEX", aliases: 201, aliasesMax: 200 },
    });
    const up = Array.from(
      { length: 260 },
      (_, at) => `fragment f${at} on Entity { parent { ...f${at + 1} } }`,
    );
    const deep = `{ entity(id: "1") { ...f0 } } ${up.join(" ")} fragment f260 on Entity { id }`;
    expect((await ask(deep)).errors![0]!.extensions).toMatchObject({
      ...{ code: "QUERY_TOO_COMPLEX", depthMax: 250 },
    });
  });

  test("a subscription is refused the same way", async () => {
    const aliases = Array.from({ length: 201 }, (_, at) => `a${at}: label`).join(" ");
    const response = await fetch(`${server.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "text/event-stream" },
      body: JSON.stringify({ query: `subscription { entityChanged { ${aliases} } }` }),
    });
    expect(await response.text()).toContain("QUERY_TOO_COMPLEX");
  });

  // If an answer could have more fields than its cost says, the limit would limit nothing.
  test.each([
    "{ entities(limit: 50) { items { id label parent { id ancestors { id } } } pagination { totalItems } } }",
    "{ entities(limit: 5) { items { id versions { items { id changes { field } transaction { id } } } } } }",
    '{ entity(id: "1") { children(limit: 100) { items { id label parent { label } } } } }',
    "{ transactions { items { id changes(limit: 30) { items { id label } } } } }",
  ])("an answer has at most as many fields as its cost: %s", async (query) => {
    const { data, extensions } = await ask(query);
    const count = (value: unknown): number =>
      typeof value !== "object" || value === null
        ? 0
        : Array.isArray(value)
          ? value.reduce<number>((sum, one) => sum + count(one), 0)
          : Object.values(value).reduce<number>((sum, one) => sum + 1 + count(one), 0);
    expect(count(data)).toBeGreaterThan(20);
    expect(count(data)).toBeLessThanOrEqual(extensions!.cost!.requested);
  });
});
