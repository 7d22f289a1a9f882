import { afterAll, beforeAll, expect, test } from "vitest";
import { search as rank } from "../../../src/find/search/ranked-page.ts";
import { graphql } from "../../generated/index.ts";
import type { SearchQueryVariables } from "../../generated/graphql.ts";
import { plantFiles } from "../../support/planted.ts";
import { startSharedServer, type TestServer } from "../../support/server.ts";

const SEARCH = graphql(`
  query Search(
    $text: String!
    $filter: EntityFilter
    $trash: TrashScope! = LIVE
    $offset: Int! = 0
    $limit: Int! = 20
  ) {
    search(text: $text, filter: $filter, trash: $trash, offset: $offset, limit: $limit) {
      items {
        entity {
          id
          originalName
        }
        score
        highlights {
          field
          fragment
        }
      }
      pagination {
        totalItems
        hasNext
      }
    }
  }
`);

let server: TestServer;
const names = new Map<string, string>();

const ask = async (variables: SearchQueryVariables) => (await server.run(SEARCH, variables)).search;
/** What is found, in order, by what it was planted as. */
const found = async (variables: SearchQueryVariables) =>
  (await ask(variables)).items.map(({ entity }) => names.get(entity.id));

beforeAll(async () => {
  server = await startSharedServer();
  const rows = {
    keyword: { keywords: "lighthouse" },
    description: { description: "a lighthouse", type: "IMAGE" },
    inside: { originalName: "mylighthouses.jpg" },
    name: { originalName: "lighthouse.jpg" },
    label: { label: "Lighthouse", type: "IMAGE" },
    "label, later": { label: "Lighthouse" },
    trashed: { label: "Lighthouse", isDeleted: true },
    other: { label: "Dog" },
  };
  // Every file has a name, and a long one makes its row longer: what BM25 holds against it.
  const named = Object.values(rows).map((row) => ({ originalName: "PXL_20240101.jpg", ...row }));
  const ids = await plantFiles(server, named);
  ids.forEach((id, index) => names.set(id, Object.keys(rows)[index]!));
});
afterAll(() => server.stop());

const ranked = ["label, later", "label", "name", "description", "keyword", "inside"];

test("a word counts for most in the label, then in the name, the description, all else, inside a name", async () => {
  expect(await found({ text: "lighthouse" })).toEqual(ranked);
  const { items } = await ask({ text: "lighthouse" });
  const scores = items.map(({ score }) => score);
  expect(scores).toEqual(scores.toSorted((one, other) => other - one));
  expect(items[0]!.highlights).toEqual([{ field: "label", fragment: "«Lighthouse»" }]);
  expect(items.at(-1)!.highlights).toEqual([{ field: "originalName", fragment: "my«lighthouse»s.jpg" }]);
});

// Past the number of hits that are scored one by one.
test("by tiers it is the same order, on pages of any size", async () => {
  for (let limit = 1; limit <= 7; limit++) {
    const pages: (string | undefined)[] = [];
    for (let offset = 0; offset < 8; offset += limit) {
      const page = await rank(server.app.deps, { text: "lighthouse", trash: "LIVE", offset, limit }, 0);
      pages.push(...page.items.map(({ entity }) => names.get(String(entity.id))));
    }
    expect({ limit, pages }).toEqual({ limit, pages: ranked });
  }
});

test("a filter and the trash hold, in the items and in the total", async () => {
  const filter = { type: { equals: "IMAGE" as const } };
  expect(await found({ text: "lighthouse", filter })).toEqual(["label", "description"]);
  expect((await ask({ text: "lighthouse", filter })).pagination.totalItems).toBe(2);
  expect(await found({ text: "lighthouse", trash: "TRASHED" })).toEqual(["trashed"]);
  expect((await ask({ text: "lighthouse", trash: "ANY" })).pagination.totalItems).toBe(7);
  expect((await ask({ text: "lighthouse" })).pagination.totalItems).toBe(6);
});

test("what is only left out finds the rest, the newest first", async () => {
  expect(await found({ text: "-lighthouse" })).toEqual(["other"]);
});

test.each(["", " ", "!!!", '-""'])("%j has no word and finds nothing", async (text) => {
  expect(await ask({ text })).toEqual({ items: [], pagination: { totalItems: 0, hasNext: false } });
});

test.each([
  '"',
  "NEAR(a b)",
  "q AND",
  "*",
  "^q",
  "label:",
  "¦ · ¦¦",
  "\ud800",
  "{label}: x",
  "x".repeat(1000),
])("%j is no mistake", async (text) => {
  expect(await found({ text })).toEqual([]);
});

test("a search, a page or a limit out of range is refused", async () => {
  for (const variables of [
    { text: "x".repeat(1001) },
    { text: "a ".repeat(65) },
    { text: "a", limit: 101 },
    { text: "a", offset: -1 },
  ]) {
    const { status, errors } = await server.ask(SEARCH, variables);
    expect([status, errors?.[0]?.extensions.code]).toEqual([400, "BAD_USER_INPUT"]);
  }
});
