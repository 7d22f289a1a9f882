import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { graphql } from "../../generated/index.ts";
import { ENTITIES, RESTORE, SOFT_DELETE, UPDATE, UPLOAD } from "../../support/documents.ts";
import { addCollection, addPicture, getEntity } from "../../support/library.ts";
import { makeJpeg } from "../../support/pictures.ts";
import { startSharedServer, type TestServer } from "../../support/server.ts";

const SOFT_DELETE_MANY = graphql(`
  mutation SoftDeleteMany($ids: [ID!]!) {
    softDeleteEntities(ids: $ids) {
      ids
      transaction {
        id
        entityCount
      }
    }
  }
`);
const RESTORE_MANY = graphql(`
  mutation RestoreMany($ids: [ID!]!) {
    restoreEntities(ids: $ids) {
      ids
      transaction {
        id
        entityCount
      }
    }
  }
`);

let server: TestServer;
beforeAll(async () => {
  server = await startSharedServer();
});
afterAll(() => server.stop());

const isDeleted = async (id: string) => (await getEntity(server, id)).isDeleted;

async function tree() {
  const top = await addCollection(server, "top");
  const middle = await addCollection(server, "middle", top);
  const [high, low] = [
    await addPicture(server, { parentId: top }),
    await addPicture(server, { parentId: middle }),
  ];
  return { top, middle, high, low };
}

describe("soft delete", () => {
  test("hides an entity from the normal list, shows it in the trash, and keeps it readable", async () => {
    const id = await addPicture(server);
    const { softDeleteEntity } = await server.run(SOFT_DELETE, { id, reason: "blurred" });
    expect(softDeleteEntity.entity).toMatchObject({ isDeleted: true, version: 2 });
    expect(softDeleteEntity.entity.deletedAt).not.toBeNull();
    expect(softDeleteEntity.transaction?.reason).toBe("blurred");
    const listed = async (trash: "LIVE" | "TRASHED" | "ANY") =>
      (await server.run(ENTITIES, { trash, limit: 100, filter: { id: { equals: id } } })).entities;
    expect((await listed("LIVE")).pagination.totalItems).toBe(0);
    expect((await listed("TRASHED")).items).toHaveLength(1);
    expect((await listed("ANY")).items).toHaveLength(1);
  });

  test("takes a collection's live subtree along in one transaction", async () => {
    const { top, middle, high, low } = await tree();
    const { softDeleteEntity } = await server.run(SOFT_DELETE, { id: top });
    expect(softDeleteEntity.transaction?.entityCount).toBe(4);
    for (const id of [top, middle, high, low]) expect(await isDeleted(id)).toBe(true);
  });

  test("writes nothing the second time", async () => {
    const id = await addPicture(server);
    await server.run(SOFT_DELETE, { id });
    const { softDeleteEntity } = await server.run(SOFT_DELETE, { id });
    expect(softDeleteEntity).toMatchObject({ transaction: null, entity: { version: 2 } });
  });

  test("checks ifVersion", async () => {
    const id = await addPicture(server);
    await server.run(UPDATE, { id, input: { label: "x" } });
    expect((await server.fail(SOFT_DELETE, { id, ifVersion: 1 })).extensions.code).toBe("VERSION_CONFLICT");
    expect(await isDeleted(id)).toBe(false);
  });

  test("takes many at once, all or none", async () => {
    const [a, b] = [await addPicture(server), await addPicture(server)];
    expect((await server.fail(SOFT_DELETE_MANY, { ids: [a, "777777"] })).extensions.code).toBe("NOT_FOUND");
    expect(await isDeleted(a)).toBe(false);
    const { softDeleteEntities } = await server.run(SOFT_DELETE_MANY, { ids: [b, a, b] });
    expect([...softDeleteEntities.ids].sort()).toEqual([a, b].sort());
    expect(softDeleteEntities.transaction?.entityCount).toBe(2);
  });
});

describe("restore", () => {
  test("brings back exactly what went together", async () => {
    const { top, middle, high, low } = await tree();
    // Deleted on its own, before the collection: it must stay in the trash.
    await server.run(SOFT_DELETE, { id: low });
    await server.run(SOFT_DELETE, { id: top });
    const { restoreEntity } = await server.run(RESTORE, { id: top });
    expect(restoreEntity.entity).toMatchObject({ isDeleted: false, deletedAt: null });
    expect(restoreEntity.transaction?.entityCount).toBe(3);
    expect(await Promise.all([top, middle, high, low].map(isDeleted))).toEqual([false, false, false, true]);
  });

  test("says so when the parent is in the trash itself, and changes nothing", async () => {
    const { top, high } = await tree();
    await server.run(SOFT_DELETE, { id: top });
    const error = await server.fail(RESTORE, { id: high });
    expect(error.extensions).toMatchObject({ code: "BAD_USER_INPUT", parentId: top });
    expect(error.message).toContain(`collection ${top}, which is in the trash`);
    expect(await isDeleted(high)).toBe(true);
  });

  test("restores child and parent in one call, in any order", async () => {
    const { top, high } = await tree();
    await server.run(SOFT_DELETE, { id: high });
    await server.run(SOFT_DELETE, { id: top });
    await server.run(RESTORE_MANY, { ids: [high, top] });
    expect(await Promise.all([top, high].map(isDeleted))).toEqual([false, false]);
  });

  test("writes nothing for what is live", async () => {
    const id = await addPicture(server);
    const { restoreEntity } = await server.run(RESTORE, { id });
    expect(restoreEntity).toMatchObject({ transaction: null, entity: { version: 1 } });
  });

  test("says NOT_FOUND for an unknown id", async () => {
    expect((await server.fail(RESTORE, { id: "31337" })).extensions.code).toBe("NOT_FOUND");
  });
});

describe("a collection in the trash", () => {
  test("takes nothing in: no new collection, no upload, no move", async () => {
    const { top, high } = await tree();
    const other = await addPicture(server);
    await server.run(SOFT_DELETE, { id: top });
    expect((await server.fail(UPDATE, { id: other, input: { parentId: top } })).extensions.code).toBe(
      "BAD_USER_INPUT",
    );
    const upload = { input: { file: null, parentId: top } };
    const file = { at: "input.file", bytes: await makeJpeg() };
    expect((await server.fail(UPLOAD, upload, [file])).extensions.code).toBe("BAD_USER_INPUT");
    expect(await isDeleted(high)).toBe(true);
  });
});
