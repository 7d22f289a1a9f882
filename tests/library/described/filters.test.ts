import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { graphql } from "../../generated/index.ts";
import type { EntityFilter } from "../../generated/graphql.ts";
import { ENTITIES } from "../../support/documents.ts";
import { lastTransaction, undo } from "../../support/going-back.ts";
import { addPicture } from "../../support/library.ts";
import { startSharedServer, type TestServer } from "../../support/server.ts";
import { DESCRIBE, DESCRIBED } from "./documents.ts";

const THEN = graphql(`
  query FilteredThen($transactionId: ID!, $filter: EntityFilter, $search: String) {
    snapshot(at: { transactionId: $transactionId }) {
      entities(filter: $filter, search: $search, orderBy: [{ id: ASC }]) {
        items {
          label
        }
      }
    }
  }
`);

const FACETS = graphql(`
  query DescribedFacets($filter: EntityFilter) {
    entities(filter: $filter) {
      facets(fields: [KEYWORD, RATING, CREATOR]) {
        field
        buckets {
          value
          count
        }
      }
    }
  }
`);

const KEYWORDS = graphql(`
  query Keywords($startsWith: String) {
    keywords(startsWith: $startsWith) {
      keyword
      count
    }
  }
`);

const RENAME = graphql(`
  mutation RenameKeyword($from: String!, $to: String!) {
    renameKeyword(from: $from, to: $to) {
      ids
      transaction {
        id
        entityCount
      }
    }
  }
`);

const SEARCH_DESCRIBED = graphql(`
  query SearchDescribed($text: String!) {
    search(text: $text) {
      items {
        entity {
          label
        }
      }
      pagination {
        totalItems
      }
    }
  }
`);

let server: TestServer;
const ids: Record<string, string> = {};
/** The transaction after which everything was said, before all of it was taken back. */
let then: string;

const said = {
  rome: { keywords: { set: ["Places|Italy|Rome", "Été"] }, rating: 5, creator: "Ada" },
  pisa: { keywords: { set: ["places|italy", "sea"] }, rating: 3, altText: "A leaning tower" },
  placesX: { keywords: { set: ["Placesx", "SEA"] }, rating: -1, creator: "ada", copyright: "© Čapek" },
  plain: {},
};

beforeAll(async () => {
  server = await startSharedServer();
  for (const [label, input] of Object.entries(said)) {
    ids[label] = await addPicture(server, { label });
    if (Object.keys(input).length > 0) await server.run(DESCRIBE, { id: ids[label], input });
  }
  then = await lastTransaction(server);
});
afterAll(() => server.stop());

const labels = (items: readonly { label: string | null }[]) => items.map(({ label }) => label);
const live = async (filter?: EntityFilter, search?: string) =>
  labels((await server.run(ENTITIES, { filter, search, orderBy: [{ id: "ASC" }] })).entities.items);
const past = async (filter?: EntityFilter, search?: string) =>
  labels((await server.run(THEN, { transactionId: then, filter, search })).snapshot.entities.items);
const search = async (text: string) =>
  labels((await server.run(SEARCH_DESCRIBED, { text })).search.items.map(({ entity }) => entity)).sort();

const cases: [string, EntityFilter, string[]][] = [
  ["has a keyword in any spelling", { keywords: { has: "ete" } }, ["rome"]],
  ["has a path as a whole", { keywords: { has: "Places|Italy" } }, ["pisa"]],
  ["has any", { keywords: { hasAny: ["sea", "été"] } }, ["rome", "pisa", "placesX"]],
  ["has any of none", { keywords: { hasAny: [] } }, []],
  ["has all", { keywords: { hasAll: ["sea", "Places | Italy"] } }, ["pisa"]],
  ["is below a path or the path itself", { keywords: { under: "PLACES|italy" } }, ["rome", "pisa"]],
  ["is below a step, not below a longer word", { keywords: { under: "places" } }, ["rome", "pisa"]],
  ["has none", { keywords: { isEmpty: true } }, ["plain"]],
  ["does not have", { NOT: [{ keywords: { has: "sea" } }] }, ["rome", "plain"]],
  ["is rated", { rating: { gte: 3 } }, ["rome", "pisa"]],
  ["is not rated", { rating: { isNull: true } }, ["plain"]],
  ["has a creator in any spelling", { creator: { equals: "ADA" } }, ["rome", "placesX"]],
  ["has an alternative text", { altText: { contains: "LEANING" } }, ["pisa"]],
  ["is under rights", { copyright: { contains: "capek" } }, ["placesX"]],
];

test.each(cases)("now and in a snapshot after it changed: %s", async (_, filter, found) => {
  expect(await live(filter)).toEqual(found);
  expect(await past(filter)).toEqual(found);
});

test("pages can be in the order of ratings, what has none last", async () => {
  const { entities } = await server.run(ENTITIES, { orderBy: [{ rating: "DESC" }] });
  expect(labels(entities.items)).toEqual(["rome", "pisa", "placesX", "plain"]);
});

test.each([
  ["italy", ["pisa", "rome"]],
  ["keyword:sea", ["pisa", "placesX"]],
  ["creator:ada", ["placesX", "rome"]],
  ["leaning", ["pisa"]],
  ["rating:5", ["rome"]],
  ["sea rating:3", ["pisa"]],
  ["sea -rating:3", ["placesX"]],
  ["rating:-1", ["placesX"]],
])("a search for %s finds what people said", async (text, found) => {
  expect(await search(text)).toEqual(found);
  expect((await live(undefined, text)).sort()).toEqual(found);
  expect((await past(undefined, text)).sort()).toEqual(found);
});

test("a search for a rating that there is not is refused", async () => {
  const { errors } = await server.ask(SEARCH_DESCRIBED, { text: "rating:6" });
  expect(errors?.[0]?.extensions.code).toBe("BAD_USER_INPUT");
});

describe("counts", () => {
  const facets = async (filter?: EntityFilter) =>
    Object.fromEntries(
      (await server.run(FACETS, { filter })).entities.facets.map(({ field, buckets }) => [
        field,
        buckets.map(({ value, count }) => `${value} ${count}`),
      ]),
    );

  test("of keywords, ratings and creators, each without its own clause", async () => {
    const keywords = ["SEA 2", "Placesx 1", "Places|Italy|Rome 1", "places|italy 1", "Été 1"];
    expect(await facets()).toEqual({
      ...{ KEYWORD: keywords, RATING: ["-1 1", "3 1", "5 1"], CREATOR: ["Ada 1", "ada 1"] },
    });
    expect(await facets({ keywords: { has: "sea" }, creator: { equals: "ada" } })).toEqual({
      KEYWORD: ["Placesx 1", "Places|Italy|Rome 1", "SEA 1", "Été 1"],
      ...{ RATING: ["-1 1"], CREATOR: ["ada 1"] },
    });
  });

  test("of keywords that begin as what is typed", async () => {
    const { keywords } = await server.run(KEYWORDS, { startsWith: "Place" });
    expect(keywords).toEqual([
      { keyword: "Placesx", count: 1 },
      { keyword: "Places|Italy|Rome", count: 1 },
      { keyword: "places|italy", count: 1 },
    ]);
  });
});

describe("renaming a keyword", () => {
  const keywordsOf = async (label: string) =>
    (await server.run(DESCRIBED, { id: ids[label]! })).entity?.keywords;

  test("takes what is below a path along, merges, and can be undone", async () => {
    const before = await server.run(KEYWORDS, {});
    const { renameKeyword } = await server.run(RENAME, { from: "PLACES|Italy", to: "Sea" });
    expect(renameKeyword).toMatchObject({ ids: [ids["rome"], ids["pisa"]], transaction: { entityCount: 2 } });
    expect(await keywordsOf("rome")).toEqual(["Été", "Sea|Rome"]);
    expect(await keywordsOf("pisa")).toEqual(["Sea"]);
    expect(await keywordsOf("placesX")).toEqual(["Placesx", "SEA"]);
    expect(await live({ keywords: { under: "sea" } })).toEqual(["rome", "pisa", "placesX"]);
    expect(await live({ keywords: { under: "places" } })).toEqual([]);
    // The past has the old names.
    expect(await past({ keywords: { under: "places" } })).toEqual(["rome", "pisa"]);
    expect(await past(undefined, "keyword:italy")).toEqual(["rome", "pisa"]);
    await undo(server, renameKeyword.transaction!.id);
    expect(await server.run(KEYWORDS, {})).toEqual(before);
  });

  test("that nobody has changes nothing", async () => {
    const { renameKeyword } = await server.run(RENAME, { from: "nobody", to: "else" });
    expect(renameKeyword).toEqual({ ids: [], transaction: null });
  });

  test("is refused where something below would become too long, and nothing is written", async () => {
    const { errors } = await server.ask(RENAME, { from: "Places", to: "x".repeat(195) });
    expect(errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", field: "to" });
    expect(await keywordsOf("pisa")).toEqual(["places|italy", "sea"]);
  });
});
