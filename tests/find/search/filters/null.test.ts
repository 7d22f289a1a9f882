import {
  getNamedType,
  isInputObjectType,
  isObjectType,
  type GraphQLInputObjectType,
  type GraphQLInputType,
} from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { schema } from "../../../../src/app/schema.ts";
import { plantFiles } from "../../../support/planted.ts";
import { startSharedServer, type TestServer } from "../../../support/server.ts";

// Seen: `{ capturedAt: { equals: null } }` and `{ id: { in: $forgotten } }` found the whole library, since null counted
// as no condition. A variable that a client forgets must not widen a list.

let server: TestServer;

beforeAll(async () => {
  server = await startSharedServer();
  await plantFiles(server, [{ label: "a" }, { label: "b" }]);
});
afterAll(() => server.stop());

interface Answered {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly { message: string; extensions: { code: string; field?: string } }[];
}

async function ask(query: string, variables: object = {}): Promise<Answered & { status: number }> {
  const response = await fetch(`${server.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  // GraphQL over HTTP answers with these two.
  return { status: response.status, ...((await response.json()) as Answered) };
}

const inputOf = (type: GraphQLInputType): GraphQLInputObjectType | undefined => {
  const named = getNamedType(type);
  return isInputObjectType(named) ? named : undefined;
};

const entityFilter = inputOf(schema.getType("EntityFilter") as GraphQLInputType)!;

/** Every place in a filter that could be null, each as the filter that has null there and the path of it. */
function nullsIn(): { filter: object; path: string }[] {
  const places: { filter: object; path: string }[] = [];
  for (const { name, type } of Object.values(entityFilter.getFields())) {
    places.push({ filter: { [name]: null }, path: `filter.${name}` });
    const inner = inputOf(type);
    if (inner == null || inner === entityFilter) continue;
    for (const field of Object.values(inner.getFields()))
      places.push({ filter: { [name]: { [field.name]: null } }, path: `filter.${name}.${field.name}` });
  }
  return places;
}

/** Fields of queries that take a filter: each as a document, so that one that is added later is asked too. */
const byFilter: Readonly<Record<string, string>> = {
  "Query.entities": "{ entities(filter: $filter) { items { id } } }",
  "Query.entitiesConnection": "{ entitiesConnection(filter: $filter) { totalCount } }",
  "Query.search": '{ search(text: "a", filter: $filter) { items { score } } }',
  "Query.timeline": "{ timeline(filter: $filter) { key } }",
  "Entity.children": '{ entity(id: "1") { children(filter: $filter) { items { id } } } }',
  "Snapshot.entities":
    '{ snapshot(at: { transactionId: "1" }) { entities(filter: $filter) { items { id } } } }',
};

/** The documents that take filters in other ways than a query. */
const others = new Set(["Subscription.entityChanged"]);

const query = (selection: string) => `query ($filter: EntityFilter) ${selection}`;

describe("null in a filter", () => {
  test.each(nullsIn())("$path is refused, by variable and inline", async ({ filter, path }) => {
    const inline = JSON.stringify(filter).replaceAll('"', "");
    for (const answered of [
      await ask(query(byFilter["Query.entities"]!), { filter }),
      await ask(byFilter["Query.entities"]!.replace("$filter", inline)),
    ]) {
      expect(answered.status).toBe(400);
      expect(answered.errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", field: path });
      expect(answered.errors?.[0]?.message).toMatch(/write isNull: true/);
    }
  });

  test("is refused by a variable that is null in the middle of a filter, and is none where it is not given", async () => {
    const asked = `query ($md5: String, $parent: ID) {
      entities(filter: { md5: { equals: $md5 }, parentId: { equals: $parent } }) { pagination { totalItems } }
    }`;
    expect((await ask(asked, { md5: null })).errors?.[0]?.extensions.field).toBe("filter.md5.equals");
    expect((await ask(asked, { parent: null })).errors?.[0]?.extensions.field).toBe("filter.parentId.equals");
    expect((await ask(asked)).data).toEqual({ entities: { pagination: { totalItems: 2 } } });
  });

  test("is refused at any depth, in lists", async () => {
    const filter = { AND: [{ OR: [{}, { NOT: [{ label: { contains: null } }] }] }] };
    const { errors } = await ask(query(byFilter["Query.entities"]!), { filter });
    expect(errors?.[0]?.extensions.field).toBe("filter.AND.0.OR.1.NOT.0.label.contains");
  });

  test.each(["{ id: { in: [null] } }", "{ AND: [null] }", '{ label: { in: ["a", null] } }'])(
    "is refused as an item: %s",
    async (filter) => {
      const { status, errors } = await ask(byFilter["Query.entities"]!.replace("$filter", filter));
      expect({ status, code: errors?.[0]?.extensions.code }).toEqual({ status: 400, code: "BAD_USER_INPUT" });
    },
  );

  test.each(Object.entries(byFilter))("is refused by %s", async (_, selection) => {
    const { errors } = await ask(query(selection), { filter: { type: { equals: null } } });
    expect(errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", field: "filter.type.equals" });
  });

  test("is refused by a subscription", async () => {
    const response = await fetch(`${server.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "text/event-stream" },
      body: JSON.stringify({
        query: "subscription ($filter: EntityFilter) { entityChanged(filter: $filter) { id } }",
        variables: { filter: { label: { contains: null } } },
      }),
    });
    expect(await response.text()).toContain('"field":"filter.label.contains"');
  });

  test("every field of the schema that takes a filter is asked here", () => {
    const takers = Object.values(schema.getTypeMap())
      .filter(isObjectType)
      .flatMap((type) => Object.values(type.getFields()).map((field) => ({ type, field })))
      .filter(({ field }) => field.args.some(({ type }) => getNamedType(type) === entityFilter))
      .map(({ type, field }) => `${type.name}.${field.name}`);
    expect(takers.filter((taker) => !others.has(taker)).sort()).toEqual(Object.keys(byFilter).sort());
  });

  test("every input type that is named a filter refuses it", () => {
    const careless = Object.values(schema.getTypeMap())
      .filter(isInputObjectType)
      .filter(({ name, extensions }) => name.endsWith("Filter") && extensions["refusesNull"] !== true);
    expect(careless.map(({ name }) => name)).toEqual([]);
  });

  test("no filter at all is everything, also when the argument is null", async () => {
    const asked = query("{ entities(filter: $filter) { pagination { totalItems } } }");
    const everything = { entities: { pagination: { totalItems: 2 } } };
    expect((await ask(asked, { filter: null })).data).toEqual(everything);
    expect((await ask(asked)).data).toEqual(everything);
  });
});
