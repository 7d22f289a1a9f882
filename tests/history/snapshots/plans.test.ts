import { afterAll, beforeAll, expect, test } from "vitest";
import { openConnection, type Connection } from "../../../src/database/sqlite/connection.ts";
import type { ThenQueryVariables } from "../../generated/graphql.ts";
import { plantCollections, plantFiles } from "../../support/planted.ts";
import { startSharedServer, type TestServer } from "../../support/server.ts";
import { statementsOf } from "../../support/statements.ts";
import { THEN } from "./documents.ts";

let server: TestServer;
let parentId: string;
/** Not the server's: after EXPLAIN, libsql keeps a connection at the commit that it saw. */
let planner: Connection;
beforeAll(async () => {
  server = await startSharedServer();
  planner = openConnection(server.databasePath, { readOnly: true });
  [parentId] = (await plantCollections(server, [{ label: "all" }])) as [string];
  await plantFiles(server, [{ label: "one", parentId }, { label: "two" }]);
});
afterAll(async () => {
  planner.close();
  await server.stop();
});

/** How SQLite goes about each statement of a page, without the page's own rows. */
async function plansOf(variables: Omit<ThenQueryVariables, "at">): Promise<string[]> {
  const at = { time: "2999-01-01T00:00:00Z" };
  // A total is counted once between two commits.
  await plantFiles(server, [{ label: "another" }]);
  const statements = await statementsOf(() => server.run(THEN, { at, ...variables }));
  return statements
    .filter((text) => text.includes('"EntityVersion" v'))
    .map((text) => {
      const values = Array.from({ length: text.split("?").length - 1 }, () => 1);
      const steps = planner.all<{ detail: string }>({ sql: `EXPLAIN QUERY PLAN ${text}`, values });
      return steps.map(({ detail }) => detail).join("; ");
    });
}

// A row looked at for each version that did not hold, or was not on the page, is what makes a page of a
// library with a long past a hundred times slower than one of the library as it is.
test.each<[string, Omit<ThenQueryVariables, "at">]>([
  ["the first page", {}],
  ["a far page", { offset: 1_000_000 }],
  ["the trash", { trash: "TRASHED" }],
  ["both sides of the trash", { trash: "ANY" }],
  ["a type", { filter: { type: { equals: "VIDEO" } } }],
  ["a word in the label", { filter: { label: { contains: "one" } } }],
  ...["label", "addedAt", "updatedAt", "capturedAt", "fileSize", "duration", "originalName"].flatMap(
    (key): [string, object][] => [
      [`${key} upwards`, { orderBy: [{ [key]: "ASC" }] }],
      [`${key} downwards`, { orderBy: [{ [key]: "DESC" }] }],
    ],
  ),
])("%s: rows and total are found in the index alone", async (_case, variables) => {
  const plans = await plansOf(variables);
  expect(plans).toHaveLength(2);
  for (const plan of plans)
    expect(plan).toMatch(/USING COVERING INDEX EntityVersion_order_idx \(isDeleted=\? AND addedAt<\?\)/);
});

test("the default order is the index's own", async () => {
  const [page] = await plansOf({ limit: 7 });
  // Of the page's 7 rows only.
  expect(page?.match(/TEMP B-TREE/g)).toHaveLength(1);
});

test("the content of a collection, at any depth, is found by the tree's index", async () => {
  for (const filter of [{ parentId: { equals: parentId } }, { under: parentId }])
    for (const plan of await plansOf({ filter, limit: 9 })) expect(plan).toContain("EntityVersion_tree_idx");
});
