import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ConnectQueryVariables, EntityOrderBy } from "../../generated/graphql.ts";
import { graphql } from "../../generated/index.ts";
import { ENTITIES, HARD_DELETE, SOFT_DELETE, UPDATE } from "../../support/documents.ts";
import { list } from "../../support/finding.ts";
import { plantFiles } from "../../support/planted.ts";
import { startServer, startSharedServer, type TestServer } from "../../support/server.ts";
import { statementsOf } from "../../support/statements.ts";

const CONNECT = graphql(`
  query Connect(
    $filter: EntityFilter
    $search: String
    $orderBy: [EntityOrderBy!]
    $trash: TrashScope! = LIVE
    $first: Int
    $after: String
    $last: Int
    $before: String
  ) {
    entitiesConnection(
      filter: $filter
      search: $search
      orderBy: $orderBy
      trash: $trash
      first: $first
      after: $after
      last: $last
      before: $before
    ) {
      edges {
        cursor
        node {
          id
          label
        }
      }
      pageInfo {
        hasNextPage
        hasPreviousPage
        startCursor
        endCursor
      }
      totalCount
    }
  }
`);

const CURSORS = graphql(`
  query ConnectCursors($first: Int) {
    entitiesConnection(first: $first) {
      edges {
        cursor
      }
    }
  }
`);

const connect = async (server: TestServer, variables: ConnectQueryVariables) => {
  const { edges, pageInfo, totalCount } = (await server.run(CONNECT, variables)).entitiesConnection;
  return { ids: edges.map(({ node }) => node.id), ...pageInfo, totalCount, edges };
};

/** Page by page to the end, forwards or backwards; @returns the pages' ids. */
async function turn(server: TestServer, variables: ConnectQueryVariables, size: number, isBack = false) {
  const pages: string[][] = [];
  let cursor: string | null = null;
  for (;;) {
    const place = isBack ? { last: size, before: cursor } : { first: size, after: cursor };
    const page = await connect(server, { ...variables, ...place });
    pages.push(page.ids);
    expect(isBack ? page.hasNextPage : page.hasPreviousPage).toBe(cursor != null);
    if (!(isBack ? page.hasPreviousPage : page.hasNextPage)) return pages;
    cursor = (isBack ? page.startCursor : page.endCursor) ?? null;
  }
}

const keys = [
  ...[
    "id",
    "label",
    "addedAt",
    "updatedAt",
    "capturedAt",
    "deletedAt",
    "fileSize",
    "duration",
    "originalName",
  ],
  ...["width", "height", "type"],
];
const steps = keys.flatMap((key): EntityOrderBy[] => [{ [key]: "ASC" }, { [key]: "DESC" }]);

/** Ties and nulls in every column. */
const rows = Array.from({ length: 23 }, (_, index) => ({
  label: index % 4 === 0 ? null : `Wörd ${index % 3}`,
  originalName: index % 5 === 0 ? null : `${"zyx"[index % 3]}.jpg`,
  fileSize: index % 7 === 0 ? null : index % 4,
  duration: index % 3 === 0 ? (index % 2) + 0.5 : null,
  width: index % 8 === 0 ? null : index % 5,
  height: index % 9 === 0 ? null : index % 2,
  type: index % 7 === 0 ? null : ["IMAGE", "VIDEO", "AUDIO"][index % 3]!,
  deletedAt: index % 4 === 0 ? null : new Date(1e9 * (index % 3)),
  capturedAt: index % 6 === 0 ? null : new Date(1e9 * (index % 5)),
}));

describe("a library that rests", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startSharedServer();
    for (let at = 0; at < rows.length; at += 5) await plantFiles(server, rows.slice(at, at + 5));
    const { entities } = await server.run(ENTITIES, { limit: 100 });
    for (const { id } of entities.items.slice(3, 9)) await server.run(SOFT_DELETE, { id });
  });
  afterAll(() => server.stop());

  const idsOf = async (variables: ConnectQueryVariables) => {
    const { filter, search, orderBy, trash } = variables;
    const { entities } = await server.run(ENTITIES, {
      filter: filter ?? null,
      search: search ?? null,
      orderBy: orderBy ?? null,
      trash: trash ?? "LIVE",
      limit: 100,
    });
    return entities.items.map(({ id }) => id);
  };

  test.each<[string, ConnectQueryVariables]>([
    ...steps.map((step): [string, ConnectQueryVariables] => [JSON.stringify(step), { orderBy: [step] }]),
    ["both sides of the trash", { trash: "ANY" }],
    ["both sides of the trash by label", { trash: "ANY", orderBy: [{ label: "DESC" }] }],
    ["the trash", { trash: "TRASHED", orderBy: [{ fileSize: "ASC" }] }],
    ["opposite directions", { orderBy: [{ label: "ASC" }, { id: "DESC" }] }],
    ["several steps", { orderBy: [{ duration: "DESC" }, { label: "ASC" }, { fileSize: "DESC" }] }],
    ["the same key twice", { orderBy: [{ capturedAt: "ASC" }, { capturedAt: "DESC" }], trash: "ANY" }],
    ["a filter", { filter: { fileSize: { gt: 0 } }, orderBy: [{ originalName: "DESC" }] }],
    ["words", { search: "wörd", orderBy: [{ duration: "ASC" }] }],
    ["words on both sides", { search: "wörd -0", orderBy: [{ label: "DESC" }], trash: "ANY" }],
  ])("%s: pages forwards and backwards are the list cut into pieces", async (_case, variables) => {
    const expected = await idsOf(variables);
    expect(expected.length).toBeGreaterThan(3);
    for (const size of [1, 4, 100]) {
      const forwards = await turn(server, variables, size);
      expect(forwards.flat()).toEqual(expected);
      expect(forwards).toHaveLength(Math.ceil(expected.length / size));
      const backwards = await turn(server, variables, size, true);
      expect(backwards.reverse().flat()).toEqual(expected);
    }
    expect((await connect(server, variables)).totalCount).toBe(expected.length);
  });

  test("twenty come when no size is given", async () => {
    const trash = "ANY";
    expect((await connect(server, { trash })).ids).toEqual((await idsOf({ trash })).slice(0, 20));
  });

  test("between two cursors a page may be taken from either end", async () => {
    const all = await connect(server, { first: 100 });
    const [after, before] = [all.edges[3]!.cursor, all.edges[9]!.cursor];
    const first = await connect(server, { after, before, first: 2 });
    expect(first).toMatchObject({ ids: all.ids.slice(4, 6), hasPreviousPage: true, hasNextPage: true });
    const last = await connect(server, { after, before, last: 2 });
    expect(last).toMatchObject({ ids: all.ids.slice(7, 9), hasPreviousPage: true, hasNextPage: true });
    const whole = await connect(server, { after, before, first: 100 });
    expect(whole).toMatchObject({ ids: all.ids.slice(4, 9), hasPreviousPage: true, hasNextPage: true });
    expect((await connect(server, { after, last: 100 })).ids).toEqual(all.ids.slice(4));
    expect((await connect(server, { before, first: 100 })).ids).toEqual(all.ids.slice(0, 9));
  });

  test("an empty page knows whether there are entities around it", async () => {
    const all = await connect(server, { first: 100 });
    const [start, end] = [all.edges[0]!.cursor, all.edges.at(-1)!.cursor];
    const none = { ids: [], startCursor: null, endCursor: null, totalCount: all.ids.length };
    expect(await connect(server, { after: end })).toMatchObject({
      ...none,
      hasPreviousPage: true,
      hasNextPage: false,
    });
    expect(await connect(server, { before: start, last: 5 })).toMatchObject({
      ...none,
      hasPreviousPage: false,
      hasNextPage: true,
    });
    expect(await connect(server, { after: end, before: start })).toMatchObject({
      ...none,
      hasPreviousPage: true,
      hasNextPage: true,
    });
    // The one row of a list stands at its own cursor, and so before what comes after it.
    const filter = { id: { equals: all.ids[0]! } };
    const cursor = (await connect(server, { filter })).endCursor!;
    const [isBefore, isAfter] = [
      { hasPreviousPage: true, hasNextPage: false },
      { hasPreviousPage: false, hasNextPage: true },
    ];
    expect(await connect(server, { filter, after: cursor })).toMatchObject({ ids: [], ...isBefore });
    expect(await connect(server, { filter, before: cursor, last: 1 })).toMatchObject({ ids: [], ...isAfter });
    expect(await connect(server, { filter: { OR: [] } })).toMatchObject({
      hasPreviousPage: false,
      hasNextPage: false,
      totalCount: 0,
    });
  });

  test("an unselected field costs nothing", async () => {
    const statements = await statementsOf(() => server.run(CURSORS, { first: 3 }));
    expect(statements).toHaveLength(1);
  });

  test("a cursor fits the same search in any order of its words", async () => {
    const filter = { fileSize: { gte: 1, lt: 3 }, isCollection: false };
    const { endCursor } = await connect(server, { filter, first: 2 });
    const again = { isCollection: false, fileSize: { lt: 3, gte: 1 } };
    expect((await connect(server, { filter: again, after: endCursor ?? null })).ids).toHaveLength(
      (await idsOf({ filter })).length - 2,
    );
  });

  const forge = (...values: unknown[]) => Buffer.from(JSON.stringify(values)).toString("base64url");

  test.each<[string, string, ConnectQueryVariables]>([
    ["in another order", "another order", { orderBy: [{ label: "ASC" }] }],
    ["in the opposite direction", "another order", { orderBy: [{ addedAt: "ASC" }] }],
    ["with another filter", "another filter", { filter: { isCollection: false } }],
    ["with another search", "another filter", { search: "wörd" }],
    ["on another side of the trash", "another filter", { trash: "ANY" }],
  ])("refuses the cursor of a list %s", async (_case, sentence, variables) => {
    const { endCursor } = await connect(server, { first: 2 });
    for (const place of [{ after: endCursor! }, { before: endCursor!, last: 3 }]) {
      const { message, extensions } = await server.fail(CONNECT, { ...variables, ...place });
      expect(message).toContain(sentence);
      expect(extensions.code).toBe("BAD_USER_INPUT");
    }
  });

  test("refuses what is no cursor, and never takes one for SQL", async () => {
    const { endCursor } = await connect(server, { first: 1, orderBy: [{ label: "ASC" }] });
    // A real one's version, order and sign, with other values.
    const [version, order, sign] = JSON.parse(Buffer.from(endCursor!, "base64url").toString()) as unknown[];
    const wrong = [
      "",
      "x",
      "🙂",
      forge(),
      forge("1"),
      forge(null, null),
      Buffer.from("{").toString("base64url"),
      forge(version, order, sign),
      forge(version, order, sign, "a"),
      forge(version, order, sign, "a", null),
      forge(version, order, sign, "a", "1"),
      forge(version, order, sign, 5, 1),
      forge(version, order, sign, "a", 1.5),
      forge(version, order, sign, "a", 2 ** 60),
      forge(version, order, sign, ["a"], 1),
      forge(version, order, sign, "a", 1, 1),
      "A".repeat(200_000),
    ];
    for (const after of wrong) {
      const { extensions } = await server.fail(CONNECT, { orderBy: [{ label: "ASC" }], after });
      expect({ after, code: extensions.code, field: extensions["field"] }).toEqual({
        after,
        code: "BAD_USER_INPUT",
        field: "after",
      });
    }
    const other = await server.fail(CONNECT, { orderBy: [{ label: "ASC" }], after: forge(2, order, sign) });
    expect(other.message).toContain("another version");
    // A forged one is a place like any other.
    const forged = forge(version, order, sign, '\'; DROP TABLE "Entity" --', 1);
    expect((await connect(server, { orderBy: [{ label: "ASC" }], after: forged })).totalCount).toBe(17);
  });

  test.each<[string, ConnectQueryVariables, string]>([
    ["first and last together", { first: 2, last: 2 }, "last"],
    ["a first of 0", { first: 0 }, "first"],
    ["a negative last", { last: -1 }, "last"],
    ["a first of 101", { first: 101 }, "first"],
  ])("refuses %s", async (_case, variables, field) => {
    const { extensions } = await server.fail(CONNECT, variables);
    expect(extensions).toMatchObject({ code: "BAD_USER_INPUT", field });
  });

  test("a filter may nest as deep as in a list without cursors", async () => {
    let filter: object = { OR: [{ under: "1" }, { isCollection: false }] };
    for (let level = 0; level < 24; level++)
      filter = { AND: [{ OR: [filter, { under: "1" }] }, { id: { not: "0" } }] };
    const orderBy = keys.filter((key) => key !== "id").map((key) => ({ [key]: "DESC" }));
    for (const search of [null, "wörd"]) {
      const variables = { filter, search, orderBy, trash: "ANY" as const };
      const expected = await idsOf(variables);
      expect((await turn(server, variables, 5)).flat()).toEqual(expected);
      const { startCursor, endCursor } = await connect(server, variables);
      const between = { ...variables, after: startCursor!, before: endCursor!, last: 100 };
      expect((await connect(server, between)).ids).toEqual(expected.slice(1, -1).slice(0, 18));
    }
  });
});

describe("a library that changes between two pages", () => {
  let server: TestServer;
  const add = (...labels: string[]) =>
    plantFiles(
      server,
      labels.map((label) => ({ label })),
    );
  const byLabel: ConnectQueryVariables = { orderBy: [{ label: "ASC" }] };
  const labels = async (variables: ConnectQueryVariables) =>
    (await connect(server, { ...byLabel, ...variables })).edges.map(({ node }) => node.label).join("");

  beforeEach(async () => {
    server = await startServer();
    await add("b", "d", "f", "h", "j");
  });

  test("shows nothing twice and leaves nothing out when rows come before the cursor", async () => {
    const { endCursor } = await connect(server, { ...byLabel, first: 2 });
    await add("a", "c", "e");
    expect(await labels({ after: endCursor! })).toBe("efhj");
    expect(await labels({ before: endCursor!, last: 9 })).toBe("abc");
  });

  test("goes on from the place of a row that was destroyed, trashed or moved", async () => {
    const { edges } = await connect(server, { ...byLabel, first: 4 });
    const [, d, f, h] = edges;
    await server.run(SOFT_DELETE, { id: d!.node.id });
    await server.run(UPDATE, { id: f!.node.id, input: { label: "z" } });
    await server.run(SOFT_DELETE, { id: h!.node.id });
    await server.run(HARD_DELETE, { id: h!.node.id });
    expect(await labels({ after: d!.cursor })).toBe("jz");
    expect(await labels({ after: f!.cursor })).toBe("jz");
    expect(await labels({ after: h!.cursor })).toBe("jz");
    expect(await labels({ before: h!.cursor, last: 9 })).toBe("b");
    const gone = await connect(server, { ...byLabel, after: h!.cursor, first: 9 });
    expect(gone).toMatchObject({ hasPreviousPage: true, hasNextPage: false, totalCount: 3 });
  });

  test("the last row's cursor finds what has come after it", async () => {
    const { endCursor } = await connect(server, { ...byLabel, first: 9 });
    expect(await labels({ after: endCursor! })).toBe("");
    await add("k");
    expect(await labels({ after: endCursor! })).toBe("k");
    expect(await list(server, { orderBy: [{ label: "ASC" }] })).toHaveLength(6);
  });
});
