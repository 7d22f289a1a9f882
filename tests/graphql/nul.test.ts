import { afterAll, beforeAll, expect, test } from "vitest";
import { addPicture } from "../support/library.ts";
import { startSharedServer, type TestServer } from "../support/server.ts";

// Seen on PostgreSQL: `invalid byte sequence for encoding "UTF8": 0x00` as INTERNAL_SERVER_ERROR, where SQLite found nothing.

let server: TestServer;
beforeAll(async () => {
  server = await startSharedServer();
  await addPicture(server, { label: "kept" });
});
afterAll(() => server.stop());

async function fail(query: string, variables: Readonly<Record<string, unknown>> = {}) {
  const response = await fetch(`${server.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  const { errors = [] } = (await response.json()) as {
    errors?: readonly { message: string; extensions: { code: string; field?: string } }[];
  };
  return errors.map(({ message, extensions: { code, field } }) => ({ message, code, field }));
}

const ofEntities =
  "query ($filter: EntityFilter) { entities(filter: $filter) { pagination { totalItems } } }";

test.each<[string, string, Record<string, unknown>]>([
  ["filter.label.equals", ofEntities, { filter: { label: { equals: "a\0b" } } }],
  ["filter.label.contains", ofEntities, { filter: { label: { contains: "\0", mode: "SENSITIVE" } } }],
  ["filter.md5.in.1", ofEntities, { filter: { md5: { in: ["a", "\0"] } } }],
  [
    "filter.OR.0.NOT.0.cameraMake.not",
    ofEntities,
    { filter: { OR: [{ NOT: [{ cameraMake: { not: "\0" } }] }] } },
  ],
  ["search", `query ($s: String) { entities(search: $s) { pagination { totalItems } } }`, { s: "cat\0" }],
  ["text", `query ($s: String!) { search(text: $s) { pagination { totalItems } } }`, { s: "cat\0" }],
  ["after", `query ($s: String) { entitiesConnection(first: 1, after: $s) { totalCount } }`, { s: "\0" }],
  ["actor", `{ transactions(actor: "\\u0000") { items { id } } }`, {}],
  [
    "filter.originalName.startsWith",
    `{ entities(filter: { originalName: { startsWith: "\\u0000" } }) { items { id } } }`,
    {},
  ],
  [
    "input.label",
    `mutation ($l: String!) { createCollection(input: { label: $l }) { entity { id } } }`,
    { l: "a\0" },
  ],
  [
    "reason",
    `mutation ($r: String) { softDeleteEntity(id: "1", reason: $r) { entity { id } } }`,
    { r: "\0why" },
  ],
])("a NUL in %s is BAD_USER_INPUT, which says where", async (field, query, variables) => {
  expect(await fail(query, variables)).toEqual([
    { message: expect.stringContaining("NUL") as string, code: "BAD_USER_INPUT", field },
  ]);
});

test("an id with a NUL is one that nothing has", async () => {
  expect(await fail(`{ entity(id: "1\\u0000") { id } }`)).toEqual([]);
});
