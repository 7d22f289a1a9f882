import {
  GraphQLFloat,
  getNullableType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredArgument,
  isRequiredInputField,
  type GraphQLField,
  type GraphQLInputType,
} from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { schema } from "../../src/app/schema.ts";
import { CREATE_ALBUM } from "../library/albums/documents.ts";
import { countTransactions } from "../support/going-back.ts";
import { addCollection, getEntity } from "../support/library.ts";
import { startSharedServer, type TestServer } from "../support/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startSharedServer();
  // Entity 1, for those that take an album's id beside the list.
  await server.run(CREATE_ALBUM, { label: "album" });
});
afterAll(() => server.stop());

interface Answered {
  readonly data: Record<string, unknown> | null;
  readonly errors?: readonly { path: readonly string[]; extensions: { code: string } }[];
}

async function ask(query: string) {
  const response = await fetch(`${server.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/graphql-response+json" },
    body: JSON.stringify({ query }),
  });
  // GraphQL over HTTP answers with these two.
  return { status: response.status, ...((await response.json()) as Answered) };
}

type Mutation = GraphQLField<unknown, unknown>;
const mutations: readonly Mutation[] = Object.values(schema.getMutationType()!.getFields());

const isList = (type: GraphQLInputType) => isListType(getNullableType(type));

/** A value as simple as the type allows, lists empty. */
function emptiest(type: GraphQLInputType): string {
  const nullable = getNullableType(type);
  if (isListType(nullable)) return "[]";
  if (nullable === GraphQLFloat) return "1";
  if (!isInputObjectType(nullable)) return '"1"';
  const required = Object.values(nullable.getFields()).filter(isRequiredInputField);
  return `{ ${required.map((field) => `${field.name}: ${emptiest(field.type)}`).join(", ")} }`;
}

/** Mutations of many things, whatever the list is called, with an empty one. */
const bulk = mutations
  .filter(({ args }) => args.some((arg) => isRequiredArgument(arg) && isList(arg.type)))
  .map(({ name, args }) => {
    const given = args.filter(isRequiredArgument).map((arg) => `${arg.name}: ${emptiest(arg.type)}`);
    return [name, `mutation { ${name}(${given.join(", ")}) { __typename transaction { id } } }`] as const;
  });

describe("a mutation", () => {
  // Seen: with payloads that could not be null, one failing field made all of `data` null, and the client took what
  // had been carried out for undone.
  test("that fails does not hide those beside it", async () => {
    const id = await addCollection(server, "a");
    const update = (label: string, ofId = id) =>
      `updateEntity(id: "${ofId}", input: { label: "${label}" }) { entity { label } }`;
    const { status, data, errors } = await ask(
      `mutation { a: ${update("first")} b: ${update("x", "999999")} c: ${update("third")} }`,
    );
    expect(data).toEqual({
      a: { entity: { label: "first" } },
      b: null,
      c: { entity: { label: "third" } },
    });
    expect(errors).toMatchObject([{ path: ["b"], extensions: { code: "NOT_FOUND" } }]);
    // A client or proxy that repeats requests by their status must not write twice.
    expect(status).toBe(200);
    expect((await getEntity(server, id)).version).toBe(3);
  });

  test("that fails alone answers with its own status", async () => {
    const { status, data } = await ask(
      'mutation { a: restoreEntity(id: "999999") { entity { id } } b: undoTransaction(id: "999999") { ids } }',
    );
    expect({ status, data }).toEqual({ status: 404, data: { a: null, b: null } });
  });

  test("has a nullable payload, each of them", () => {
    expect(mutations.filter(({ type }) => isNonNullType(type)).map(({ name }) => name)).toEqual([]);
  });
});

describe("a mutation of many", () => {
  // Seen: an empty list was refused by one, answered by another, and written as a transaction by a third.
  test.each(bulk)("%s does nothing for an empty list, and succeeds", async (name, query) => {
    await addCollection(server, `before ${name}`);
    const before = await countTransactions(server);
    const { status, data, errors } = await ask(query);
    expect(errors).toBeUndefined();
    expect(status).toBe(200);
    expect(data?.[name]).toMatchObject({ transaction: null });
    expect(await countTransactions(server)).toBe(before);
  });

  test("are found in the schema", () => {
    expect(bulk.map(([name]) => name)).toEqual(
      expect.arrayContaining(["updateEntities", "hardDeleteEntities", "uploadEntities", "restoreEntities"]),
    );
  });
});

// The second field showed the parent under the name that the first one had read.
test("each field of a mutation shows what the fields before it have written", async () => {
  const top = await addCollection(server, "before");
  const inner = await addCollection(server, "inner", top);
  const shown = "{ entity { parent { label } ancestors { label } } }";
  const { data } = await ask(`mutation {
    first: updateEntity(id: "${inner}", input: { label: "a" }) ${shown}
    between: updateEntity(id: "${top}", input: { label: "after" }) { entity { id } }
    last: updateEntity(id: "${inner}", input: { label: "b" }) ${shown}
  }`);
  const named = (label: string) => ({ entity: { parent: { label }, ancestors: [{ label }] } });
  expect(data).toMatchObject({ first: named("before"), last: named("after") });
});
