import type { ApolloClient } from "@apollo/client";
import { describe, expect, test } from "vitest";
import {
  applyChanges,
  createCollection,
  ChildrenDocument,
  EntitiesByCursorDocument,
  EntitiesDocument,
  EntityVersionsDocument,
  hardDeleteEntities,
  moveEntities,
  restoreEntities,
  softDeleteEntities,
  undoTransaction,
  updateEntity,
  type ChangeFragment,
  type EntitiesQueryVariables,
  type EntityFilter,
} from "../../apollo/index.ts";
import { dependsOn, isIn } from "../../apollo/membership.ts";
import { placeIn } from "../../apollo/order.ts";
import { plantCollections } from "../support/planted.ts";
import { startServer } from "../support/server.ts";
import { openClient } from "./support.ts";

const facts = { id: "7", isCollection: false, isDeleted: false, parentId: "3", type: "IMAGE" } as const;

describe("whether an entity is in a list", () => {
  test.each<[EntityFilter, boolean | null]>([
    [{}, true],
    [{ id: { in: ["6", "7"] } }, true],
    [{ id: { notIn: ["6", "7"] } }, false],
    [{ parentId: { equals: "4" } }, false],
    [{ parentId: { not: "4" } }, true],
    [{ parentId: { isNull: true } }, false],
    [{ type: { in: ["IMAGE", "VIDEO"] } }, true],
    [{ isCollection: true }, false],
    [{ label: { contains: "a" } }, null],
    [{ label: { contains: "a" }, isCollection: true }, false],
    [{ OR: [] }, false],
    [{ AND: [] }, true],
    [{ OR: [{ label: { contains: "a" } }, { id: { equals: "7" } }] }, true],
    [{ OR: [{ label: { contains: "a" } }, { id: { equals: "8" } }] }, null],
    [{ NOT: [{ label: { contains: "a" } }] }, null],
    [{ NOT: [{ parentId: { equals: "4" } }, { isCollection: true }] }, true],
    [{ parentId: { equals: null } }, null],
    [{ under: "3" }, null],
  ])("%j: %s", (filter, verdict) => {
    expect(isIn({ filter }, facts)).toBe(verdict);
  });

  test("looks at the side of the trash and at words first", () => {
    expect(isIn({ trash: "TRASHED" }, facts)).toBe(false);
    expect(isIn({ trash: "ANY", search: "  " }, facts)).toBe(true);
    expect(isIn({ search: "beach" }, facts)).toBeNull();
    expect(isIn({ search: "beach", trash: "TRASHED" }, facts)).toBe(false);
    expect(isIn({}, { id: "7" })).toBeNull();
    expect(isIn({ filter: { parentId: { isNull: true } } }, { ...facts, parentId: null })).toBe(true);
  });

  test("depends on the fields that its filter names, at any depth", () => {
    const filter = { OR: [{ NOT: [{ cameraMake: { equals: "a" } }] }, { under: "3" }] };
    for (const [field, depends] of [
      ["md5", true],
      ["parentId", true],
      ["isDeleted", true],
      ["label", false],
    ] as const)
      expect(dependsOn({ filter }, new Set([field])), field).toBe(depends);
    expect(dependsOn({ trash: "ANY" }, new Set(["isDeleted", "label"]))).toBe(false);
    expect(dependsOn({ search: "a" }, new Set(["label"]))).toBe(true);
  });
});

test.each([
  [["9", "7", "5"], 3, "8", "DESC", 1],
  [["9", "7", "5"], 3, "10", "DESC", 0],
  [["9", "7", "5"], 3, "4", "DESC", 3],
  [["9", "7", "5"], 4, "4", "DESC", undefined],
  [["9", undefined, "5"], 3, "8", "DESC", undefined],
  [["9", undefined, "5", "3"], 4, "4", "DESC", 3],
  [[undefined, "7"], 2, "8", "DESC", undefined],
  [["9", "7"], null, "6", "DESC", undefined],
  [[], 0, "1", "DESC", 0],
  [["2", "9"], 2, "10", "ASC", 2],
] as const)("%j of %s: %s, %s, comes to %s", (ids, total, id, order, place) => {
  expect(placeIn(ids, total, id, order)).toBe(place);
});

async function open(labels: readonly string[]) {
  const server = await startServer();
  const ids = await plantCollections(
    server,
    labels.map((label) => ({ label })),
  );
  const { client, requests } = openClient(server);
  return { server, ids, client, requests };
}

async function labels(client: ApolloClient, variables: EntitiesQueryVariables = {}) {
  const { data } = await client.query({ query: EntitiesDocument, variables });
  const { items, pagination } = data!.entities;
  return [items.map(({ label }) => label).join(" "), pagination.totalItems];
}

describe("is known without asking again", () => {
  test("what leaves for the trash, what enters it, and what comes back", async () => {
    const { ids, client, requests } = await open(["a", "b", "c", "d"]);
    const lists: EntitiesQueryVariables[] = [
      {},
      { trash: "TRASHED" },
      { trash: "ANY" },
      { orderBy: [{ id: "ASC" }] },
    ];
    const all = async () => Promise.all(lists.map((list) => labels(client, list)));
    await all();
    const before = requests();
    const { transaction } = await softDeleteEntities(client, [ids[1]!, ids[2]!]);
    expect(await all()).toEqual([
      ["d a", 2],
      ["c b", 2],
      ["d c b a", 4],
      ["a d", 2],
    ]);
    await restoreEntities(client, [ids[1]!]);
    expect(await all()).toEqual([
      ["d b a", 3],
      ["c", 1],
      ["d c b a", 4],
      ["a b d", 3],
    ]);
    await hardDeleteEntities(client, [ids[2]!]);
    expect(await all()).toEqual([
      ["d b a", 3],
      ["", 0],
      ["d b a", 3],
      ["a b d", 3],
    ]);
    expect(requests()).toBe(before + 3);
    expect(transaction!.entityCount).toBe(2);
  });

  test("a page in the middle fills up from what is held, and only then is asked for", async () => {
    const { ids, client, requests } = await open(["a", "b", "c", "d", "e", "f"]);
    await labels(client, { limit: 4 });
    const before = requests();
    await softDeleteEntities(client, [ids[5]!]);
    expect(await labels(client, { limit: 3 })).toEqual(["e d c", 5]);
    expect(requests()).toBe(before + 1);
    expect(await labels(client, { limit: 4 })).toEqual(["e d c b", 5]);
    expect(requests()).toBe(before + 2);
  });

  test("what moves between collections, a new collection, and what an undo takes back", async () => {
    const { ids, client, requests } = await open(["a", "b", "c"]);
    const [a, b, c] = ids as [string, string, string];
    const children = async (id: string) => {
      const { data } = await client.query({ query: ChildrenDocument, variables: { id } });
      return data!.entity!.children.items.map(({ label }) => label);
    };
    const tops = { filter: { parentId: { isNull: true } } };
    const all = async () => [await children(a), await children(b), (await labels(client, tops))[0]];
    await all();
    const before = requests();
    const { transaction } = await moveEntities(client, [c], a);
    expect(await all()).toEqual([["c"], [], "b a"]);
    await moveEntities(client, [c], b);
    expect(await all()).toEqual([[], ["c"], "b a"]);
    const { entity } = await createCollection(client, { label: "new", parentId: a });
    expect(await all()).toEqual([["new"], ["c"], "b a"]);
    await undoTransaction(client, (await moveEntities(client, [c, entity.id], null)).transaction!.id);
    expect(await all()).toEqual([["new"], ["c"], "b a"]);
    expect(requests()).toBe(before + 5);
    expect(transaction!.operation).toBe("updateEntities");
  });

  test("a label that no filter and no order looks at", async () => {
    const { ids, client, requests } = await open(["a", "b"]);
    const list = { filter: { isCollection: true } };
    await labels(client, list);
    await updateEntity(client, ids[0]!, { label: "z" });
    expect(await labels(client, list)).toEqual(["b z", 2]);
    expect(requests()).toBe(2);
  });

  test("what leaves a list by cursors, and comes back", async () => {
    const { ids, client, requests } = await open(["a", "b", "c"]);
    const read = async () => {
      const { data } = await client.query({ query: EntitiesByCursorDocument });
      return [
        data!.entitiesConnection.edges.map(({ node }) => node.label).join(""),
        data!.entitiesConnection.totalCount,
      ];
    };
    await read();
    await softDeleteEntities(client, [ids[1]!]);
    expect(await read()).toEqual(["ca", 2]);
    expect(requests()).toBe(2);
    await restoreEntities(client, [ids[1]!]);
    expect(await read()).toEqual(["cba", 3]);
    expect(requests()).toBe(3);
  });
});

describe("is asked for again", () => {
  test.each<[string, EntitiesQueryVariables]>([
    ["an order by label", { orderBy: [{ label: "ASC" }] }],
    ["a filter by label", { filter: { label: { startsWith: "b" } } }],
    ["a search", { search: "b*" }],
    ["an order by the last change", { orderBy: [{ updatedAt: "DESC" }] }],
  ])("%s, after a label has changed", async (_, list) => {
    const { ids, client, requests } = await open(["b1", "b2", "b3"]);
    await labels(client, list);
    await updateEntity(client, ids[0]!, { label: "b9" });
    const shown = await labels(client, list);
    expect(requests()).toBe(3);
    expect(shown[0]).toContain("b9");
  });

  test("everything, when more has changed than the response contains", async () => {
    const { server, client } = await open(["box"]);
    const rows = Array.from({ length: 120 }, (_, n) => ({ label: `c${n}`, parentId: "1" }));
    await plantCollections(server, rows);
    await labels(client, { limit: 100 });
    await labels(client, { limit: 100, offset: 100 });
    await softDeleteEntities(client, ["1"]);
    expect(await labels(client)).toEqual(["", 0]);
  });
});

const change = (own: Partial<ChangeFragment>): ChangeFragment => ({
  ...{ __typename: "EntityVersion", id: "1@2", entityId: "1", version: 2, operation: "SOFT_DELETE" },
  ...{ isCollection: true, isDeleted: true, label: "a", description: null, parentId: null },
  ...{ addedAt: "2020-01-01T00:00:00.000Z", updatedAt: "2020-01-01T00:00:00.000Z", capturedAt: null },
  ...{
    type: null,
    mimeType: null,
    extension: null,
    originalName: null,
    fileSize: null,
    width: null,
    height: null,
  },
  ...{ duration: null, md5: null, sha256: null, filePath: null, placeholder: null, dominantColour: null },
  changes: [{ field: "isDeleted", before: false }],
  ...own,
});

test("an old change that comes late does nothing", async () => {
  const { ids, client } = await open(["a", "b"]);
  await labels(client);
  await softDeleteEntities(client, [ids[0]!]);
  await restoreEntities(client, [ids[0]!]);
  applyChanges(client.cache, [change({})]);
  expect(await labels(client)).toEqual(["b a", 2]);
});

test("a change with others missing before it trusts nothing that was before", async () => {
  const { server, ids, client } = await open(["a", "b"]);
  const id = ids[0]!;
  const list = { filter: { label: { contains: "z" } } };
  expect(await labels(client, list)).toEqual(["", 0]);
  await labels(client);
  const other = openClient(server).client;
  await updateEntity(other, id, { label: "z" });
  await updateEntity(other, id, { description: "said later" });
  const { data } = await other.query({ query: EntityVersionsDocument, variables: { id } });
  applyChanges(client.cache, [data!.entity!.versions.items[0]!]);
  expect(await labels(client, list)).toEqual(["z", 1]);
});
