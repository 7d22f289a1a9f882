import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseId } from "../../../src/database/model/ids.ts";
import type { ChildrenQueryVariables } from "../../generated/graphql.ts";
import { graphql } from "../../generated/index.ts";
import { HARD_DELETE, SOFT_DELETE, UPDATE } from "../../support/documents.ts";
import { plantChain, plantCollections, plantFiles } from "../../support/planted.ts";
import { startSharedServer, type TestServer } from "../../support/server.ts";

const FAMILY = graphql(`
  query Family($id: ID!) {
    entity(id: $id) {
      id
      entityId
      version
      isCollection
      isDeleted
      deletedAt
      addedAt
      updatedAt
      parentId
      parent {
        id
        parent {
          id
        }
      }
      ancestors {
        id
        label
      }
    }
  }
`);

const CHILDREN = graphql(`
  query Children(
    $id: ID!
    $filter: EntityFilter
    $orderBy: [EntityOrderBy!]
    $trash: TrashScope! = LIVE
    $offset: Int! = 0
    $limit: Int! = 20
  ) {
    entity(id: $id) {
      children(filter: $filter, orderBy: $orderBy, trash: $trash, offset: $offset, limit: $limit) {
        items {
          label
        }
        pagination {
          totalItems
          hasNext
        }
      }
    }
  }
`);

let server: TestServer;
beforeAll(async () => {
  server = await startSharedServer();
});
afterAll(() => server.stop());

const family = async (id: string) => (await server.run(FAMILY, { id })).entity;

describe("entity", () => {
  test("says the same id twice, and version 1 when it is new", async () => {
    const [id] = await plantFiles(server, [{ label: "new" }]);
    const entity = await family(id!);
    expect(entity).toMatchObject({
      id,
      entityId: id,
      version: 1,
      isCollection: false,
      isDeleted: false,
      deletedAt: null,
      parentId: null,
      parent: null,
      ancestors: [],
    });
    expect(entity?.addedAt).toBe(entity?.updatedAt);
    expect(entity?.addedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  test.each([
    "999999",
    "0",
    "-1",
    "9223372036854775808",
    "9007199254740993",
    "1e2",
    "abc",
    "",
    " 1",
    "\0",
    "1; --",
  ])("%j is nobody's id: null, without an error", async (id) => {
    expect(await server.run(FAMILY, { id })).toEqual({ entity: null });
  });

  test.each(["999999", "9223372036854775808", "abc", ""])("%j cannot be changed: NOT_FOUND", async (id) => {
    const { status, errors } = await server.ask(UPDATE, { id, input: { label: "x" } });
    expect(status).toBe(404);
    expect(errors?.[0]?.extensions.code).toBe("NOT_FOUND");
  });

  test("an id that no row can have is unknown, not rounded to another one", () => {
    expect(parseId("2147483647")).toBe(2 ** 31 - 1);
    for (const text of ["2147483648", "4294967297", "9007199254740993"])
      expect(parseId(text)).toBeUndefined();
  });

  test("in the trash is shown, destroyed is null", async () => {
    const [id] = await plantFiles(server, [{ label: "old" }]);
    await server.run(SOFT_DELETE, { id: id! });
    const entity = await family(id!);
    expect(entity).toMatchObject({ id, isDeleted: true, version: 2 });
    expect(entity?.deletedAt).toBe(entity?.updatedAt);
    await server.run(HARD_DELETE, { id: id! });
    expect(await family(id!)).toBeNull();
  });
});

describe("parent and ancestors", () => {
  test("go up, the top first", async () => {
    const chain = await plantChain(server, 5);
    const [id] = await plantFiles(server, [{ label: "leaf", parentId: chain[4]! }]);
    const entity = await family(id!);
    expect(entity?.parent).toEqual({ id: chain[4], parent: { id: chain[3] } });
    expect(entity?.ancestors.map((ancestor) => ancestor.id)).toEqual(chain);
    expect((await family(chain[0]!))?.ancestors).toEqual([]);
  });

  test("go up 200 levels", async () => {
    const chain = await plantChain(server, 200);
    const entity = await family(chain[199]!);
    expect(entity?.ancestors.map((ancestor) => ancestor.id)).toEqual(chain.slice(0, -1));
  });

  test("are shown although they are in the trash", async () => {
    const chain = await plantChain(server, 2);
    const [id] = await plantFiles(server, [{ parentId: chain[1]! }]);
    await server.run(SOFT_DELETE, { id: chain[0]! });
    expect(await family(id!)).toMatchObject({ isDeleted: true, parent: { id: chain[1] } });
  });

  test("follow a move", async () => {
    const [one, other] = await plantCollections(server, [{ label: "one" }, { label: "other" }]);
    const [id] = await plantFiles(server, [{ parentId: one! }]);
    await server.run(UPDATE, { id: id!, input: { parentId: other! } });
    expect((await family(id!))?.ancestors).toEqual([{ id: other, label: "other" }]);
    await server.run(UPDATE, { id: id!, input: { parentId: null } });
    expect(await family(id!)).toMatchObject({ parentId: null, parent: null, ancestors: [] });
  });
});

describe("children", () => {
  let top: string;
  beforeAll(async () => {
    [top] = (await plantCollections(server, [{ label: "top" }])) as [string];
    const [inner] = await plantCollections(server, [{ label: "inner", parentId: top }]);
    await plantFiles(server, [
      { label: "a", parentId: top, width: 1 },
      { label: "b", parentId: top, width: 2 },
      { label: "trashed", parentId: top, isDeleted: true },
      { label: "grandchild", parentId: inner! },
    ]);
  });

  const children = async (variables: Omit<ChildrenQueryVariables, "id">) => {
    const { entity } = await server.run(CHILDREN, { id: top, ...variables });
    return entity!.children;
  };
  const labels = async (variables: Omit<ChildrenQueryVariables, "id">) =>
    (await children(variables)).items.map(({ label }) => label);

  test("are the entities directly in it, newest first", async () => {
    expect(await labels({})).toEqual(["b", "a", "inner"]);
    expect(await labels({ trash: "TRASHED" })).toEqual(["trashed"]);
    expect(await labels({ trash: "ANY" })).toEqual(["trashed", "b", "a", "inner"]);
  });

  test("take filters, orders and pages, with totals of their own", async () => {
    expect(await labels({ filter: { isCollection: false }, orderBy: [{ label: "ASC" }] })).toEqual([
      "a",
      "b",
    ]);
    expect(await labels({ filter: { OR: [{ width: { equals: 1 } }, { isCollection: true }] } })).toEqual([
      "a",
      "inner",
    ]);
    const page = await children({ offset: 1, limit: 1, orderBy: [{ label: "ASC" }] });
    expect(page).toEqual({ items: [{ label: "b" }], pagination: { totalItems: 3, hasNext: true } });
  });

  test("of a file are an empty page", async () => {
    const [id] = await plantFiles(server, [{}]);
    const { entity } = await server.run(CHILDREN, { id: id! });
    expect(entity?.children).toEqual({ items: [], pagination: { totalItems: 0, hasNext: false } });
  });

  test.each([{ limit: 0 }, { limit: 101 }, { offset: -1 }])("refuse %j", async (variables) => {
    const { status, errors } = await server.ask(CHILDREN, { id: top, ...variables });
    expect([status, errors?.[0]?.extensions.code]).toEqual([400, "BAD_USER_INPUT"]);
  });
});
