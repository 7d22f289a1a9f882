import { beforeEach, describe, expect, test } from "vitest";
import type { EntitiesQueryVariables, TrashScope } from "../../generated/graphql.ts";
import { graphql } from "../../generated/index.ts";
import {
  CREATE_COLLECTION,
  ENTITIES,
  HARD_DELETE,
  RESTORE,
  SOFT_DELETE,
  UPDATE,
  UPLOAD,
} from "../../support/documents.ts";
import { makeJpeg } from "../../support/pictures.ts";
import { startServer, type TestServer } from "../../support/server.ts";

const STATS = graphql(`
  query Stats {
    stats {
      entities
      collections
      trashed
      bytes
      versions
      transactions
    }
  }
`);

let server: TestServer;

const collect = async (label: string, parentId?: string) => {
  const { createCollection } = await server.run(CREATE_COLLECTION, {
    input: parentId == null ? { label } : { label, parentId },
  });
  return createCollection.entity.id;
};
const upload = async (label: string, parentId: string) => {
  const bytes = await makeJpeg();
  const { uploadEntity } = await server.run(UPLOAD, { input: { file: null, label, parentId } }, [
    { at: "input.file", bytes },
  ]);
  return { id: uploadEntity.entity.id, bytes: bytes.length };
};
const stats = async () => (await server.run(STATS)).stats;

beforeEach(async () => {
  server = await startServer();
});

/**
 * The original service counted without the conditions of the page: totals were of all rows, and rows in
 * the trash stood in the normal list.
 */
describe("totals are what the pages show", () => {
  const queries: EntitiesQueryVariables[] = [
    {},
    { filter: {} },
    { filter: { isCollection: true } },
    { filter: { isCollection: false } },
    { filter: { label: { startsWith: "kept" } } },
    { filter: { NOT: [{ label: { contains: "gone" } }] } },
    { filter: { type: { equals: "IMAGE" } } },
    { filter: { OR: [] } },
    { search: "kept" },
    { search: "-kept" },
    { search: "!!!" },
    { search: "  " },
    { search: "kept", filter: { isCollection: false } },
  ];
  const scopes: TrashScope[] = ["LIVE", "TRASHED", "ANY"];

  const check = async (variables: EntitiesQueryVariables) => {
    const { entities } = await server.run(ENTITIES, { ...variables, limit: 100 });
    expect(entities.pagination.totalItems).toBe(entities.items.length);
    for (const { isDeleted } of entities.items) {
      if (variables.trash !== "ANY") expect(isDeleted).toBe(variables.trash === "TRASHED");
    }
    return entities.items.length;
  };

  test("under every filter, search and trash scope, after any change of the entities", async () => {
    const checkAll = async () => {
      for (const variables of queries) {
        const [live, trashed, any] = [0, 0, 0];
        const counts = { LIVE: live, TRASHED: trashed, ANY: any };
        for (const trash of scopes) counts[trash] = await check({ ...variables, trash });
        expect(counts.LIVE + counts.TRASHED).toBe(counts.ANY);
      }
      const { entities, collections, trashed } = await stats();
      expect(entities).toBe(await check({ trash: "LIVE" }));
      expect(collections).toBe(await check({ trash: "LIVE", filter: { isCollection: true } }));
      expect(trashed).toBe(await check({ trash: "TRASHED" }));
    };

    await checkAll();
    const kept = await collect("kept collection");
    const gone = await collect("gone collection", kept);
    const first = await upload("kept picture", kept);
    const second = await upload("gone picture", gone);
    await checkAll();
    await server.run(SOFT_DELETE, { id: gone });
    await checkAll();
    await server.run(RESTORE, { id: second.id }).catch(() => undefined);
    await server.run(RESTORE, { id: gone });
    await server.run(UPDATE, { id: first.id, input: { label: "gone after all" } });
    await checkAll();
    await server.run(SOFT_DELETE, { id: first.id });
    await server.run(HARD_DELETE, { id: first.id });
    await server.run(HARD_DELETE, { id: gone, recursive: true });
    await checkAll();
    expect(await check({ trash: "ANY" })).toBe(1);
  });
});

describe("stats", () => {
  test("of an empty library are all zero", async () => {
    expect(await stats()).toEqual({
      entities: 0,
      collections: 0,
      trashed: 0,
      bytes: 0,
      versions: 0,
      transactions: 0,
    });
  });

  test("follow what happens", async () => {
    const collection = await collect("c");
    const { id, bytes } = await upload("p", collection);
    expect(await stats()).toEqual({
      entities: 2,
      collections: 1,
      trashed: 0,
      bytes,
      versions: 2,
      transactions: 2,
    });

    await server.run(SOFT_DELETE, { id: collection });
    expect(await stats()).toEqual({
      entities: 0,
      collections: 0,
      trashed: 2,
      bytes,
      versions: 4,
      transactions: 3,
    });

    await server.run(HARD_DELETE, { id });
    expect(await stats()).toEqual({
      entities: 0,
      collections: 0,
      trashed: 1,
      bytes: 0,
      versions: 2,
      transactions: 4,
    });
  });
});
