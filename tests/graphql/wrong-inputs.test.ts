import { isInputType, parseValue, valueFromAST, valueFromASTUntyped, type GraphQLInputType } from "graphql";
import { createClient } from "graphql-ws";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { exampleOf } from "../../src/graphql/inputs/expected.ts";
import { schema } from "../../src/app/schema.ts";
import { startSharedServer, type TestServer } from "../support/server.ts";
import { wrongDocuments, wrongInputs, type WrongInput } from "./wrong-inputs.ts";

// Seen: `Int cannot represent non-integer value: "5"` without the argument's name, `Expected value of type
// "StringFilter", found "x"` without a way out, and `extensions.field` in no error of validation or coercion.

interface Failure {
  readonly message: string;
  readonly extensions: { readonly code: string; readonly field?: string };
}
interface Operation {
  readonly query: string;
  readonly variables?: Record<string, unknown>;
}

let server: TestServer;
let hiding: TestServer;
beforeAll(async () => {
  server = await startSharedServer();
  hiding = await startSharedServer({ env: { INTROSPECTION: "false" } });
});
afterAll(async () => {
  await server.stop();
  await hiding.stop();
});

async function post(operation: Operation, { url }: Pick<TestServer, "url"> = server) {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(operation),
  });
  const { errors = [] } = (await response.json()) as { errors?: readonly Failure[] };
  return { status: response.status, errors };
}

/** The errors that a WebSocket is answered with, before or after the operation began. */
async function send(operation: Operation): Promise<readonly Failure[]> {
  const client = createClient({
    url: `${server.url.replace("http", "ws")}/graphql`,
    webSocketImpl: WebSocket,
  });
  try {
    return await new Promise((resolve, reject) => {
      client.subscribe(operation, {
        next: ({ errors }) => {
          resolve((errors ?? []) as unknown as readonly Failure[]);
        },
        error: (errors) => {
          if (Array.isArray(errors)) resolve(errors as readonly Failure[]);
          else reject(errors instanceof Error ? errors : new Error("the connection was closed"));
        },
        complete: () => undefined,
      });
    });
  } finally {
    await client.dispose();
  }
}

const inline = ({ selection, value }: WrongInput): Operation => ({
  query: selection.replace("VALUE", value),
});

function byVariable({ selection, type, value }: WrongInput): Operation {
  const [kind, body] = selection.startsWith("mutation")
    ? ["mutation", selection.slice(8)]
    : ["query", selection];
  return {
    query: `${kind} ($value: ${type}) ${body.replace("VALUE", "$value")}`,
    variables: { value: valueFromASTUntyped(parseValue(value)) },
  };
}

function check(errors: readonly Failure[], { field, says }: Pick<WrongInput, "field" | "says">) {
  expect(errors).toHaveLength(1);
  const [{ message, extensions }] = errors as [Failure];
  expect(extensions).toMatchObject({ code: "BAD_USER_INPUT", field });
  expect(message.startsWith(`${field}: `), message).toBe(true);
  for (const words of says) expect(message).toContain(words);
}

describe.each(wrongInputs)("$value in $selection", (wrong) => {
  test("is refused in the document and in a variable, over HTTP and WebSocket, with the same message", async () => {
    const [literal, variable] = [await post(inline(wrong)), await post(byVariable(wrong))];
    expect([literal.status, variable.status]).toEqual([400, 400]);
    check(literal.errors, wrong);
    check(variable.errors, wrong);
    check(await send(inline(wrong)), wrong);
    check(await send(byVariable(wrong)), wrong);
  });
});

describe.each(wrongDocuments)("$query", (wrong) => {
  test("is refused over HTTP and WebSocket", async () => {
    const { query } = wrong;
    check((await post({ query })).errors, wrong);
    check(await send({ query }), wrong);
  });
});

test("a part of an argument that is a variable has the path of that part", async () => {
  const query =
    "query ($from: DateTime) { entities(filter: { AND: [{ capturedAt: { gte: $from } }] }) { items { id } } }";
  const { errors } = await post({ query, variables: { from: "2020-01-01" } });
  check(errors, { field: "filter.AND.0.capturedAt.gte", says: ['"2020-01-01T00:00:00Z"'] });
});

test("a variable that has to be given and is not has the path of its argument", async () => {
  const { errors } = await post({ query: "query ($which: ID!) { entity(id: $which) { id } }" });
  check(errors, { field: "id", says: ["an id (ID)", "got nothing"] });
});

test("a null for an argument with a default is refused below its field, which is null", async () => {
  const query = "query ($n: Int) { entities(limit: $n) { items { id } } }";
  check((await post({ query, variables: { n: null } })).errors, {
    field: "limit",
    says: ["(Int)", "got null"],
  });
});

test.each([
  ["{ statts { bytes } }", 'Cannot query field "statts"'],
  ["query ($n: Int = 5) { stats { bytes } }", '"$n" is never used'],
  ["query ($n: Nothing) { entities(limit: $n) { items { id } } }", 'Unknown type "Nothing"'],
  ["{ stats }", "must have a selection of subfields"],
  ["{ entities(limit: 5, limit: 6) { items { id } } }", "only one argument named"],
])("%s, which is wrong in another way, stays refused", async (query, says) => {
  const { errors } = await post({ query });
  expect(errors[0]?.extensions.code).toBe("BAD_USER_INPUT");
  expect(errors.map(({ message }) => message).join()).toContain(says);
});

test("what only the library can find wrong has the path of its argument too", async () => {
  const make = 'mutation { createCollection(input: { label: "a" }) { entity { id } } }';
  const response = await fetch(`${server.url}/graphql`, {
    ...{
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: make }),
    },
  });
  const { data } = (await response.json()) as { data: { createCollection: { entity: { id: string } } } };
  const { id } = data.createCollection.entity;
  await post({ query: `mutation { softDeleteEntity(id: "${id}") { entity { id } } }` });
  const inTrash = `mutation { createCollection(input: { label: "b", parentId: "${id}" }) { entity { id } } }`;
  check((await post({ query: inTrash })).errors, { field: "input.parentId", says: ["is in the trash"] });
});

test.each(
  Object.values(schema.getTypeMap()).filter(
    // An uploaded file has no literal.
    (type) => isInputType(type) && !/Upload/.test(type.name),
  ) as GraphQLInputType[],
)("the example of %s is a value of it", (type) => {
  expect(valueFromAST(parseValue(exampleOf(type)), type)).toBeDefined();
});

test("each thing that is wrong is said once", async () => {
  const { errors } = await post({
    query: '{ entities(limit: "5", filter: { label: "x", width: { gt: "1" } }) { items { id } } }',
  });
  expect(errors.map(({ extensions }) => extensions.field)).toEqual([
    "limit",
    "filter.label",
    "filter.width.gt",
  ]);
});

test("a subscription's arguments are explained as well", async () => {
  const query = "subscription ($filter: EntityFilter) { entityChanged(filter: $filter) { id } }";
  check(await send({ query, variables: { filter: { label: "x" } } }), {
    ...{ field: "filter.label", says: ['{contains: "x"}'] },
  });
  const response = await fetch(`${server.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "text/event-stream" },
    body: JSON.stringify({ query, variables: { filter: { label: "x" } } }),
  });
  expect(await response.text()).toContain('"field":"filter.label"');
});

test("a value that is long or deep makes no long message", async () => {
  const deep = { AND: Array.from({ length: 200 }, () => ({ label: "x".repeat(1000) })) };
  const { errors } = await post({
    ...{ query: "query ($filter: EntityFilter) { entities(filter: $filter) { items { id } } }" },
    variables: { filter: deep },
  });
  // Ten, and that there are more.
  expect(errors.length).toBeLessThanOrEqual(11);
  for (const { message } of errors) expect(message.length).toBeLessThan(600);
});

describe("where the schema may not be asked for", () => {
  /** Names that only the schema tells, and no client has written. */
  const names = /contains|endsWith|entitiesConnection|SENSITIVE|TRASHED|VIDEO|originalName|transactionId/;

  test.each(wrongInputs)("$value in $selection reveals no names of it", async (wrong) => {
    for (const operation of [inline(wrong), byVariable(wrong)]) {
      const { errors } = await post(operation, hiding);
      expect(errors[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", field: wrong.field });
      const said = errors.map(({ message }) => message.replace(wrong.field, "")).join();
      if (!names.test(wrong.value)) expect(said).not.toMatch(names);
    }
  });

  test.each(wrongDocuments)("$query reveals none either", async (wrong) => {
    const { errors } = await post({ query: wrong.query }, hiding);
    const said = errors.map(({ message }) => message.replace(wrong.field, "")).join();
    if (!names.test(wrong.query)) expect(said).not.toMatch(names);
  });
});
