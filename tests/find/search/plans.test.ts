import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openConnection, type Connection } from "../../../src/database/sqlite/connection.ts";
import type { EntityFilter, EntityOrderBy, TrashScope } from "../../generated/graphql.ts";
import { graphql } from "../../generated/index.ts";
import { ENTITIES, SOFT_DELETE } from "../../support/documents.ts";
import { plantCollections, plantFiles } from "../../support/planted.ts";
import { startSharedServer, type TestServer } from "../../support/server.ts";
import { statementsOf } from "../../support/statements.ts";

const PLANNED = graphql(`
  query Planned(
    $orderBy: [EntityOrderBy!]
    $trash: TrashScope! = LIVE
    $first: Int
    $after: String
    $last: Int
    $before: String
  ) {
    entitiesConnection(
      orderBy: $orderBy
      trash: $trash
      first: $first
      after: $after
      last: $last
      before: $before
    ) {
      edges {
        cursor
      }
    }
  }
`);

const CHILDREN_FOUND = graphql(`
  query ChildrenFound($id: ID!, $filter: EntityFilter) {
    entity(id: $id) {
      children(filter: $filter) {
        items {
          id
        }
        pagination {
          totalItems
        }
        facets(fields: [TYPE, PARENT]) {
          field
        }
      }
    }
  }
`);

let server: TestServer;
let parentId: string;
/** Not the server's: after EXPLAIN, libsql keeps a connection at the commit that it saw. */
let planner: Connection;
beforeAll(async () => {
  server = await startSharedServer();
  planner = openConnection(server.databasePath, { readOnly: true });
  [parentId] = (await plantCollections(server, [{ label: "all" }])) as [string];
  const row = { parentId, originalName: "a", fileSize: 1, duration: 1, capturedAt: new Date(0) };
  await plantFiles(server, [
    { label: "one", ...row },
    { label: "two", ...row },
    { label: "three", ...row },
    { parentId },
    { parentId },
  ]);
  const trashed = await plantFiles(server, [
    { label: "four", ...row },
    { label: "five", ...row },
    { parentId },
  ]);
  for (const id of trashed) await server.run(SOFT_DELETE, { id });
});
afterAll(async () => {
  planner.close();
  await server.stop();
});

/** How SQLite goes about each statement over entities. */
async function plansOf(work: () => Promise<unknown>): Promise<string[]> {
  const statements = await statementsOf(work);
  return statements
    .filter((text) => text.includes('"Entity" e'))
    .map((text) => {
      const values = Array.from({ length: text.split("?").length - 1 }, () => 1);
      const steps = planner.all<{ detail: string }>({ sql: `EXPLAIN QUERY PLAN ${text}`, values });
      return steps.map(({ detail }) => detail).join("; ");
    });
}

const keys = ["id", "label", "addedAt", "updatedAt", "capturedAt", "fileSize", "duration", "originalName"];
const steps = keys.flatMap((key): EntityOrderBy[] => [{ [key]: "ASC" }, { [key]: "DESC" }]);
const scopes: TrashScope[] = ["LIVE", "TRASHED", "ANY"];

// What is sorted, or looked at to be thrown away, grows with the library.
const isRange =
  /^(MERGE \(UNION ALL\); LEFT; )?SEARCH e USING (COVERING )?INDEX Entity_isDeleted_\w+_idx \(isDeleted=\?/;

describe.each(steps)("%j", (step) => {
  const orderBy = [step];

  test.each(scopes)("%s: a page is read in the order of an index, from either end", async (trash) => {
    const cursors = async (variables: object) =>
      (await server.run(PLANNED, { orderBy, trash, ...variables })).entitiesConnection.edges;
    const [, inside] = await cursors({ first: 2 });
    const last = (await cursors({ last: 1 })).at(-1);
    const pages: object[] = [{ first: 3 }, { last: 3 }];
    for (const { cursor } of [inside!, last!])
      pages.push(
        { after: cursor, first: 90 },
        { before: cursor, last: 90 },
        { after: cursor, before: last!.cursor, first: 90 },
        { after: cursor, before: last!.cursor, last: 90 },
      );
    const plans = await plansOf(async () => {
      for (const page of pages) await server.run(PLANNED, { orderBy, trash, ...page });
    });
    expect(plans.length).toBeGreaterThanOrEqual(pages.length);
    for (const plan of plans) {
      expect(plan).toMatch(isRange);
      expect(plan).not.toMatch(/SCAN|TEMP B-TREE/);
    }
  });

  test("both sides of the trash: what is skipped is skipped in the indexes", async () => {
    const [plan] = await plansOf(() => server.run(ENTITIES, { orderBy, trash: "ANY", offset: 2, limit: 1 }));
    expect(plan).not.toMatch(/SCAN e\b|TEMP B-TREE.*TEMP B-TREE/);
  });
});

test("a cursor's place is a bound of the index, not a filter", async () => {
  const { entitiesConnection } = await server.run(PLANNED, { orderBy: [{ label: "ASC" }], first: 2 });
  const { cursor } = entitiesConnection.edges[0]!;
  const orderBy = [{ label: "ASC" as const }];
  const plans = await plansOf(() => server.run(PLANNED, { orderBy, after: cursor, first: 77 }));
  expect(plans).toEqual([
    "SEARCH e USING INDEX Entity_isDeleted_labelFolded_id_parentId_idx (isDeleted=? AND labelFolded=? AND id>?)",
    "SEARCH e USING INDEX Entity_isDeleted_labelFolded_id_parentId_idx (isDeleted=? AND labelFolded>?)",
    "SEARCH e USING INDEX Entity_isDeleted_labelFolded_id_parentId_idx (isDeleted=? AND labelFolded=?)",
  ]);
});

test("a page between two cursors does not read on behind the second one", async () => {
  const orderBy = [{ label: "ASC" as const }];
  const { entitiesConnection } = await server.run(PLANNED, { orderBy, first: 3 });
  const [after, , before] = entitiesConnection.edges.map(({ cursor }) => cursor);
  for (const size of [{ first: 77 }, { last: 77 }]) {
    const plans = await plansOf(() =>
      server.run(PLANNED, { orderBy, after: after!, before: before!, ...size }),
    );
    expect(plans.join("\n")).toContain("(isDeleted=? AND labelFolded>? AND labelFolded<?)");
  }
});

describe("children", () => {
  const filter = () => ({ parentId: { equals: parentId } });

  test("in the order of arrival come from the collection's own index", async () => {
    for (const trash of scopes) {
      const plans = await plansOf(() =>
        server.run(ENTITIES, { filter: filter(), trash, offset: trash === "ANY" ? 0 : 1, limit: 3 }),
      );
      for (const plan of plans) {
        expect(plan).toContain("Entity_parentId_isDeleted_addedAt_id_idx (parentId=? AND isDeleted=?)");
        expect(plan).not.toMatch(/SCAN|TEMP B-TREE/);
      }
    }
  });

  test("are sorted when they are few, and found in the order's own index when they are many", async () => {
    const page = (limit: number) => () =>
      server.run(ENTITIES, { filter: filter(), orderBy: [{ label: "DESC" }], limit });
    const [few] = await plansOf(page(3));
    expect(few).toMatch(/Entity_parentId_isDeleted_addedAt_id_idx \(parentId=\?\); USE TEMP B-TREE/);
    await plantFiles(
      server,
      Array.from({ length: 6 }, () => ({ parentId })),
    );
    await pretendTally(5001);
    const [many] = await plansOf(page(4));
    expect(many).toBe(
      "SEARCH e USING INDEX Entity_isDeleted_labelFolded_id_parentId_idx (isDeleted=? AND labelFolded>?)",
    );
  });

  // Seen: the children of a hundred collections by 400 words took 18 s of a processor. SQLite walked the library's index of
  // labels for each of them, where the collection has an index of its own.
  test("that a filter finds, their number and their facets come from the collection's own index", async () => {
    const { counter } = await pretendLibrary(1_000_000);
    const words = ["one", "two"].map((contains) => ({ label: { contains } }));
    const filters: EntityFilter[] = [{ OR: words }, { fileSize: { gte: 1 } }];
    for (const filter of filters) {
      const plans = await plansOf(() => server.run(CHILDREN_FOUND, { id: parentId, filter }));
      expect(plans.length).toBeGreaterThanOrEqual(3);
      expect(plans.filter((plan) => /Entity_isDeleted_(labelFolded|fileSize)/.test(plan))).toEqual([]);
    }
    await pretendLibrary(Number(counter));
  });

  const pretendLibrary = (value: number) =>
    server.app.deps.db.transaction({ operation: "test", actor: null, reason: null }, async ({ prisma }) => {
      const { value: counter } = await prisma.counter.findUniqueOrThrow({ where: { name: "media.live" } });
      await prisma.counter.update({ where: { name: "media.live" }, data: { value } });
      return { counter };
    });

  /** Five thousand rows only for their number would take longer than all else here. */
  const pretendTally = (count: number) =>
    server.app.deps.db.transaction({ operation: "test", actor: null, reason: null }, ({ prisma }) =>
      prisma.tally.updateMany({ where: { field: "parentId", value: parentId }, data: { count } }),
    );
});

describe("a filter on another column than the order's", () => {
  const orderBy = [{ label: "ASC" as const }];
  /** The counter is what says how large the library is. */
  const pretendLibrary = (value: number) =>
    server.app.deps.db.transaction({ operation: "test", actor: null, reason: null }, ({ prisma }) =>
      prisma.counter.update({ where: { name: "media.live" }, data: { value } }),
    );

  test("walks the order's index, even where SQLite would prefer the filter's", async () => {
    const [plan] = await plansOf(() =>
      server.run(ENTITIES, { filter: { fileSize: { gte: 1 } }, orderBy, limit: 5 }),
    );
    expect(plan).toMatch(
      /^SEARCH e USING INDEX Entity_isDeleted_labelFolded_id_parentId_idx \(isDeleted=\? AND labelFolded>\?\)/,
    );
    expect(plan).not.toContain("TEMP B-TREE");
  });

  test("in a large library finds what is few by the filter's own index, once, and sorts it", async () => {
    await pretendLibrary(1_000_000);
    const page = (limit: number) => () =>
      server.run(ENTITIES, { filter: { fileSize: { gte: 2 } }, orderBy, limit });
    const [probe, found] = await plansOf(page(5));
    expect(probe).toContain("Entity_isDeleted_fileSize_id_parentId_idx (isDeleted=? AND fileSize>?)");
    expect(found).toMatch(/SEARCH e USING INTEGER PRIMARY KEY \(rowid=\?\).*USE TEMP B-TREE FOR ORDER BY/);
    expect(await plansOf(page(6))).toEqual([found]);
  });
});
