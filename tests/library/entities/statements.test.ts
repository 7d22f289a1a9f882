import { afterAll, beforeAll, expect, test } from "vitest";
import { graphql } from "../../generated/index.ts";
import { plantChain, plantFiles } from "../../support/planted.ts";
import { startSharedServer, type TestServer } from "../../support/server.ts";
import { statementsOf } from "../../support/statements.ts";

const NESTED = graphql(`
  query NestedPage($limit: Int!) {
    entities(limit: $limit, filter: { isCollection: false }) {
      items {
        id
        parent {
          id
          parent {
            id
          }
          ancestors {
            id
          }
        }
        ancestors {
          id
          parent {
            id
          }
        }
        metadata
        problems {
          code
        }
        camera {
          make
        }
        thumbnail(width: 320) {
          url
        }
      }
      pagination {
        totalItems
      }
    }
  }
`);

const HISTORIES = graphql(`
  query Histories($limit: Int!, $at: DateTime!) {
    entities(limit: $limit, filter: { isCollection: false }) {
      items {
        id
        label
        versions(limit: 2) {
          items {
            id
            version
            label
            operation
            changes {
              field
              after
            }
            diff(against: 1) {
              field
            }
            transaction {
              id
              undoneBy {
                id
              }
              changes(limit: 3) {
                items {
                  id
                }
                pagination {
                  totalItems
                }
              }
            }
          }
          pagination {
            totalItems
            hasNext
          }
        }
        first: versionAt(version: 1) {
          version
          label
        }
        then: versionAt(at: $at) {
          version
        }
      }
    }
  }
`);

const RENAME = graphql(`
  mutation RenameMany($ids: [ID!]!, $label: String!) {
    updateEntities(ids: $ids, input: { label: $label }) {
      ids
    }
  }
`);

let server: TestServer;
beforeAll(async () => {
  server = await startSharedServer();
  const originals = await server.app.deps.db.prisma.original.createManyAndReturn({
    data: Array.from({ length: 10 }, (_, index) => ({
      md5: String(index).padStart(32, "0"),
      sha256: String(index).padStart(64, "0"),
      fileSize: 1,
      mimeType: "image/jpeg",
      extension: "jpg",
      filePath: `2024/01/01/${index}.jpg`,
      storedAt: new Date(0),
      metadata: '{"EXIF":{"Make":"Canon"}}',
    })),
  });
  const chains = await Promise.all([plantChain(server, 5), plantChain(server, 5)]);
  await plantFiles(
    server,
    Array.from({ length: 100 }, (_, index) => ({
      parentId: chains[index % 2]![index % 5]!,
      originalId: originals[index % 10]!.id,
    })),
  );
});
afterAll(() => server.stop());

// One statement a row is what makes a page of a hundred a hundred times slower than it need be.
test("a page with parents, ancestors and metadata takes as many statements for 100 items as for 2", async () => {
  const read = (limit: number) => statementsOf(() => server.run(NESTED, { limit }));
  const [few, many] = [await read(2), await read(100)];
  expect(many.length).toBeLessThanOrEqual(few.length + 1);
  expect(many.length).toBeLessThanOrEqual(13);
});

test("and all of it is there", async () => {
  const { entities } = await server.run(NESTED, { limit: 100 });
  expect(entities.items).toHaveLength(100);
  for (const { parent, ancestors, metadata } of entities.items) {
    expect(ancestors.at(-1)?.id).toBe(parent?.id);
    expect(parent?.ancestors.map(({ id }) => id)).toEqual(ancestors.slice(0, -1).map(({ id }) => id));
    expect(metadata).toEqual({ EXIF: { Make: "Canon" } });
  }
});

test("a page with every item's history takes as many statements for 100 items as for 2", async () => {
  const { entities } = await server.run(NESTED, { limit: 100 });
  const ids = entities.items.map(({ id }) => id);
  for (const label of ["once", "twice"]) await server.run(RENAME, { ids, label });
  const at = new Date().toISOString();
  const read = (limit: number) => statementsOf(() => server.run(HISTORIES, { limit, at }));
  const [few, many] = [await read(2), await read(100)];
  // A busy thread's late answers are batched apart; one statement for each item would be a hundred more.
  expect(many.length).toBeLessThanOrEqual(few.length + 50);

  const { entities: histories } = await server.run(HISTORIES, { limit: 100, at });
  expect(histories.items).toHaveLength(100);
  for (const { id, versions, first, then } of histories.items) {
    expect(versions.items.map((version) => version.id)).toEqual([`${id}@3`, `${id}@2`]);
    expect(versions.items.map(({ label }) => label)).toEqual(["twice", "once"]);
    expect(versions.items[0]!.changes).toEqual([{ field: "label", after: "twice" }]);
    expect(versions.items[0]!.transaction.changes.items).toHaveLength(3);
    expect(versions.items[0]!.transaction.changes.pagination.totalItems).toBe(100);
    expect(versions.pagination).toEqual({ totalItems: 3, hasNext: true });
    expect(first).toEqual({ version: 1, label: null });
    expect(then).toEqual({ version: 3 });
  }
});
