import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { graphql } from "../../generated/index.ts";
import { ENTITY, HARD_DELETE, RESTORE, SOFT_DELETE, UPLOAD, VERSIONS } from "../../support/documents.ts";
import { countTransactions } from "../../support/going-back.ts";
import { addCollection, addPicture, getEntity } from "../../support/library.ts";
import { makeJpeg } from "../../support/pictures.ts";
import { startSharedServer, type TestServer } from "../../support/server.ts";

const HARD_DELETE_MANY = graphql(`
  mutation HardDeleteMany($ids: [ID!]!, $recursive: Boolean! = false) {
    hardDeleteEntities(ids: $ids, recursive: $recursive) {
      deletedIds
      freedBytes
      transaction {
        id
      }
    }
  }
`);
const EMPTY_TRASH = graphql(`
  mutation EmptyTrash($deletedBefore: DateTime) {
    emptyTrash(deletedBefore: $deletedBefore) {
      deletedIds
      freedBytes
      transaction {
        id
        operation
        entityCount
      }
    }
  }
`);
const TRACE = graphql(`
  query Trace($id: ID!) {
    transaction(id: $id) {
      operation
      entityCount
      changes {
        items {
          id
          entityId
          version
          operation
          isDeleted
          md5
          label
          changes {
            field
          }
        }
        pagination {
          totalItems
        }
      }
    }
  }
`);
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
beforeEach(async () => {
  server = await startSharedServer();
});
afterEach(() => server.stop());

describe("hard delete", () => {
  test("destroys row, versions and file, and leaves a trace", async () => {
    const id = await addPicture(server, { label: "secret" });
    const { md5 } = await getEntity(server, id);
    const { hardDeleteEntity } = await server.run(HARD_DELETE, { id });
    expect(hardDeleteEntity.deletedIds).toEqual([id]);
    expect(hardDeleteEntity.freedBytes).toBeGreaterThan(0);
    expect((await server.run(ENTITY, { id })).entity).toBeNull();
    expect(await server.listFiles()).toEqual([]);
    const { transaction } = await server.run(TRACE, { id: hardDeleteEntity.transaction!.id });
    expect(transaction?.changes.items).toEqual([
      {
        id: `${id}@2`,
        entityId: id,
        version: 2,
        operation: "HARD_DELETE",
        isDeleted: true,
        md5,
        label: null,
        changes: [],
      },
    ]);
    expect((await server.run(STATS)).stats).toEqual({
      ...{ entities: 0, collections: 0, trashed: 0, bytes: 0, versions: 0, transactions: 2 },
    });
  });

  // An id used again after a hard delete showed the dead entity's versions: SQLite's plain rowids are
  // handed out again once the greatest one is free.
  test("never uses an id again, not even after a restart", async () => {
    const id = await addPicture(server);
    await server.run(HARD_DELETE, { id });
    const next = await addPicture(server);
    expect(Number(next)).toBeGreaterThan(Number(id));
    await server.run(HARD_DELETE, { id: next });
    server = await server.restart();
    const last = await addPicture(server);
    expect(Number(last)).toBeGreaterThan(Number(next));
    const { entity } = await server.run(VERSIONS, { id: last });
    expect(entity?.versions.pagination.totalItems).toBe(1);
  });

  test("lets the same file be uploaded again, as a new entity", async () => {
    const files = [{ at: "input.file", bytes: await makeJpeg() }];
    const first = await server.run(UPLOAD, { input: { file: null } }, files);
    await server.run(HARD_DELETE, { id: first.uploadEntity.entity.id });
    const second = await server.run(UPLOAD, { input: { file: null } }, files);
    expect(second.uploadEntity.status).toBe("CREATED");
    expect(second.uploadEntity.entity.id).not.toBe(first.uploadEntity.entity.id);
    expect(await server.listFiles()).toEqual([second.uploadEntity.entity.filePath]);
  });

  test("refuses a collection that holds something with 409, and says how", async () => {
    const top = await addCollection(server, "top");
    await addPicture(server, { parentId: top });
    const { status, errors } = await server.ask(HARD_DELETE, { id: top });
    expect(status).toBe(409);
    expect(errors?.[0]?.extensions.code).toBe("COLLECTION_NOT_EMPTY");
    expect(errors?.[0]?.message).toContain("holds 1 entity; pass recursive: true");
    expect(await server.listFiles()).toHaveLength(1);
  });

  test("takes a whole subtree, live and trashed, when recursive", async () => {
    const top = await addCollection(server, "top");
    const middle = await addCollection(server, "middle", top);
    const [a, b] = [
      await addPicture(server, { parentId: top }),
      await addPicture(server, { parentId: middle }),
    ];
    await server.run(SOFT_DELETE, { id: b });
    const { hardDeleteEntity } = await server.run(HARD_DELETE, { id: top, recursive: true });
    expect([...hardDeleteEntity.deletedIds].sort()).toEqual([top, middle, a, b].sort());
    expect(await server.listFiles()).toEqual([]);
  });

  test("takes a collection together with all it holds without recursive", async () => {
    const top = await addCollection(server, "top");
    const inside = await addPicture(server, { parentId: top });
    const { hardDeleteEntities } = await server.run(HARD_DELETE_MANY, { ids: [top, inside] });
    expect(hardDeleteEntities.deletedIds).toHaveLength(2);
  });

  test("destroys all or none", async () => {
    const id = await addPicture(server);
    expect((await server.fail(HARD_DELETE_MANY, { ids: [id, "999"] })).extensions.code).toBe("NOT_FOUND");
    expect(await server.listFiles()).toHaveLength(1);
  });

  // "Delete all" of the original service removed the rows and left the files.
  test("leaves no file when everything is destroyed", async () => {
    const ids = await Promise.all(Array.from({ length: 12 }, () => addPicture(server)));
    await server.run(HARD_DELETE_MANY, { ids });
    expect(await server.listFiles()).toEqual([]);
  });

  test("exactly one of a restore and a hard delete at the same time wins", async () => {
    const id = await addPicture(server);
    await server.run(SOFT_DELETE, { id });
    const [restored, destroyed] = await Promise.all([
      server.ask(RESTORE, { id }),
      server.ask(HARD_DELETE, { id }),
    ]);
    expect(destroyed.status).toBe(200);
    expect([200, 404]).toContain(restored.status);
    expect((await server.run(ENTITY, { id })).entity).toBeNull();
  });
});

describe("emptyTrash", () => {
  test("destroys what is in the trash and nothing else", async () => {
    const top = await addCollection(server, "top");
    const inside = await addPicture(server, { parentId: top });
    const live = await addPicture(server);
    await server.run(SOFT_DELETE, { id: top });
    const { emptyTrash } = await server.run(EMPTY_TRASH, {});
    expect([...emptyTrash.deletedIds].sort()).toEqual([top, inside].sort());
    expect(emptyTrash.transaction).toMatchObject({ operation: "emptyTrash", entityCount: 2 });
    expect((await getEntity(server, live)).isDeleted).toBe(false);
    expect(await server.listFiles()).toHaveLength(1);
  });

  test("spares what was deleted later", async () => {
    const early = await addPicture(server);
    const late = await addPicture(server);
    await server.run(SOFT_DELETE, { id: early });
    const { softDeleteEntity } = await server.run(SOFT_DELETE, { id: late });
    const { emptyTrash } = await server.run(EMPTY_TRASH, {
      deletedBefore: softDeleteEntity.entity.deletedAt,
    });
    expect(emptyTrash.deletedIds).toEqual([early]);
  });

  // Seen: each time it wrote a transaction of nothing, which filled the history and could not be undone.
  test("writes nothing when there is nothing to destroy", async () => {
    await addPicture(server);
    const before = await countTransactions(server);
    const nothing = { deletedIds: [], freedBytes: 0, transaction: null };
    expect((await server.run(EMPTY_TRASH, {})).emptyTrash).toEqual(nothing);
    const deletedBefore = "1990-01-01T00:00:00Z";
    expect((await server.run(EMPTY_TRASH, { deletedBefore })).emptyTrash).toEqual(nothing);
    expect(await countTransactions(server)).toBe(before);
  });
});
