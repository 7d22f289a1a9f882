import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { graphql } from "../../generated/index.ts";
import { SOFT_DELETE, UPDATE, VERSIONS } from "../../support/documents.ts";
import { addCollection, addPicture } from "../../support/library.ts";
import { startServer, startSharedServer, type TestServer } from "../../support/server.ts";

const VERSION_AT = graphql(`
  query VersionAt($id: ID!, $version: Int, $at: DateTime) {
    entity(id: $id) {
      versionAt(version: $version, at: $at) {
        id
        version
        label
        parentId
        isDeleted
        filePath
        md5
      }
    }
  }
`);
const DIFF = graphql(`
  query Diff($id: ID!, $version: Int!, $against: Int!) {
    entity(id: $id) {
      versionAt(version: $version) {
        diff(against: $against) {
          field
          before
          after
        }
      }
    }
  }
`);
const TRANSACTIONS = graphql(`
  query Transactions($actor: String, $entityId: ID, $offset: Int! = 0, $limit: Int! = 20) {
    transactions(actor: $actor, entityId: $entityId, offset: $offset, limit: $limit) {
      items {
        id
        operation
        reason
        entityCount
        changes {
          items {
            id
          }
        }
      }
      pagination {
        totalItems
        hasNext
      }
    }
  }
`);
const TRANSACTION = graphql(`
  query OneTransaction($id: ID!) {
    transaction(id: $id) {
      id
    }
  }
`);

let now = Date.UTC(2024, 0, 1);
let server: TestServer;
let id: string;
let collection: string;
beforeAll(async () => {
  // A minute passes between any two transactions.
  server = await startSharedServer({ clock: { now: () => (now += 60_000) } });
  collection = await addCollection(server, "Trip");
  id = await addPicture(server, { label: "one" });
  await server.run(UPDATE, { id, input: { label: "two" }, reason: "better" });
  await server.run(UPDATE, { id, input: { parentId: collection } });
  await server.run(SOFT_DELETE, { id });
});
afterAll(() => server.stop());

const versionAt = async (where: { version?: number; at?: string }) =>
  (await server.run(VERSION_AT, { id, ...where })).entity?.versionAt;

async function versions() {
  const { entity } = await server.run(VERSIONS, { id });
  if (entity == null) throw new Error("the entity is gone");
  return entity.versions.items;
}

describe("versions", () => {
  test("are listed newest first, with what made them and what changed", async () => {
    const items = await versions();
    expect(items.map(({ id, operation }) => [id, operation])).toEqual([
      [`${id}@4`, "SOFT_DELETE"],
      [`${id}@3`, "MOVE"],
      [`${id}@2`, "UPDATE"],
      [`${id}@1`, "CREATE"],
    ]);
    expect(items[1]?.changes).toEqual([{ field: "parentId", before: null, after: collection }]);
    expect(items[2]?.changes).toEqual([{ field: "label", before: "one", after: "two" }]);
    expect(items[2]?.transaction).toMatchObject({ reason: "better", operation: "updateEntity" });
    expect(items[3]?.changes).toContainEqual({ field: "label", before: null, after: "one" });
  });

  test("are paged", async () => {
    const { entity } = await server.run(VERSIONS, { id, offset: 1, limit: 2 });
    expect(entity?.versions.items.map(({ version }) => version)).toEqual([3, 2]);
    expect(entity?.versions.pagination.totalItems).toBe(4);
  });

  test("keep the whole state, file included", async () => {
    expect(await versionAt({ version: 1 })).toMatchObject({
      id: `${id}@1`,
      label: "one",
      parentId: null,
      isDeleted: false,
    });
    expect((await versionAt({ version: 1 }))?.md5).toBe((await versionAt({ version: 4 }))?.md5);
  });

  test("are found by instant: from their own transaction until just before the next", async () => {
    const times = (await versions()).map(({ transaction }) => Date.parse(transaction.at)).reverse();
    const at = async (time: number) =>
      (await versionAt({ at: new Date(time).toISOString() }))?.version ?? null;
    expect(await at(times[0]! - 1)).toBeNull();
    expect(await at(times[0]!)).toBe(1);
    expect(await at(times[1]! - 1)).toBe(1);
    expect(await at(times[1]!)).toBe(2);
    expect(await at(times[3]!)).toBe(4);
    expect(await at(Date.UTC(2999, 0, 1))).toBe(4);
  });

  test("of several in one millisecond the last one is that of the instant", async () => {
    let time = Date.UTC(2024, 5, 1);
    const own = await startServer({ clock: { now: () => time } });
    const one = await addCollection(own, "one");
    await own.run(UPDATE, { id: one, input: { label: "two" } });
    // The clock is set back: what is written now is not before what was there.
    time -= 1000;
    await own.run(UPDATE, { id: one, input: { label: "three" } });
    const at = async (instant: number) =>
      (await own.run(VERSION_AT, { id: one, at: new Date(instant).toISOString() })).entity?.versionAt?.label;
    expect(await at(time)).toBeUndefined();
    expect(await at(time + 1000)).toBe("three");
  });

  test.each([
    ["neither number nor instant", {}],
    ["both", { version: 1, at: "2024-01-01T00:00:00Z" }],
  ])("cannot be asked for by %s", async (_case, where) => {
    expect((await server.fail(VERSION_AT, { id, ...where })).extensions.code).toBe("BAD_USER_INPUT");
  });

  test.each([0, -1, 5, 2_147_483_647])("there is no version %i", async (version) => {
    expect(await versionAt({ version })).toBeNull();
  });

  test("differ from any other one in either direction", async () => {
    const diff = async (version: number, against: number) =>
      (await server.run(DIFF, { id, version, against })).entity?.versionAt?.diff;
    const forward = [
      { field: "label", before: "one", after: "two" },
      { field: "parentId", before: null, after: collection },
      { field: "isDeleted", before: false, after: true },
    ];
    expect(await diff(4, 1)).toEqual(forward);
    expect(await diff(1, 4)).toEqual(
      forward.map(({ field, before, after }) => ({ field, before: after, after: before })),
    );
    expect(await diff(2, 2)).toEqual([]);
    expect((await server.fail(DIFF, { id, version: 1, against: 9 })).extensions.code).toBe("NOT_FOUND");
  });
});

describe("transactions", () => {
  test("are listed newest first, and by entity", async () => {
    const { transactions } = await server.run(TRANSACTIONS, { entityId: id });
    expect(transactions.items.map(({ operation }) => operation)).toEqual([
      "softDeleteEntity",
      "updateEntity",
      "updateEntity",
      "uploadEntity",
    ]);
    const all = await server.run(TRANSACTIONS, { limit: 2 });
    expect(all.transactions.pagination).toEqual({ totalItems: 5, hasNext: true });
    expect(all.transactions.items[0]?.changes.items).toEqual([{ id: `${id}@4` }]);
  });

  test("of an unknown actor or entity are none", async () => {
    for (const where of [{ actor: "nobody" }, { entityId: "99999" }, { entityId: "x" }])
      expect((await server.run(TRANSACTIONS, where)).transactions.items).toEqual([]);
  });

  test.each(["0", "77777", "nonsense", "9".repeat(30)])("there is none with id %s", async (unknown) => {
    expect((await server.run(TRANSACTION, { id: unknown })).transaction).toBeNull();
  });
});
