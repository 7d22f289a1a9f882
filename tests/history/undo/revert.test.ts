import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HARD_DELETE, RESTORE, SOFT_DELETE, UPDATE, VERSIONS } from "../../support/documents.ts";
import { REVERT, countTransactions, operationsOf, replace, stateOf } from "../../support/going-back.ts";
import { addCollection, addPicture, getEntity } from "../../support/library.ts";
import { makeJpeg, makePng } from "../../support/pictures.ts";
import { startSharedServer, type TestServer } from "../../support/server.ts";
import { NOW } from "../snapshots/documents.ts";
import { md5Of, tryUpload, upload } from "../../support/uploading.ts";

let now = Date.UTC(2024, 0, 1);
let server: TestServer;
beforeAll(async () => {
  // A second passes between any two transactions.
  server = await startSharedServer({ clock: { now: () => (now += 1000) } });
});
afterAll(() => server.stop());

const revert = async (id: string, toVersion: number) =>
  (await server.run(REVERT, { id, toVersion })).revertEntity;
const update = (id: string, input: { label?: string; description?: string; parentId?: string | null }) =>
  server.run(UPDATE, { id, input });
const isDeleted = async (id: string) => (await getEntity(server, id)).isDeleted;

/** The refusal, after which nothing must be different. */
async function refused(id: string, toVersion: number, ifVersion?: number) {
  const before = await countTransactions(server);
  const { status, errors } = await server.ask(REVERT, {
    ...{ id, toVersion },
    ...(ifVersion == null ? {} : { ifVersion }),
  });
  expect(await countTransactions(server)).toBe(before);
  const [error] = errors ?? [];
  return { status, code: error?.extensions.code, extensions: error?.extensions, message: error?.message };
}

describe("an earlier version becomes the next one", () => {
  test("with what people said of it and its place", async () => {
    const [a, b] = [await addCollection(server, "a"), await addCollection(server, "b")];
    const id = await addPicture(server, { label: "first", parentId: a });
    const before = await stateOf(server, id);
    await update(id, { label: "second", description: "longer", parentId: b });
    const { entity, transaction } = (await server.run(REVERT, { id, toVersion: 1, reason: "was better" }))
      .revertEntity;
    expect(entity).toMatchObject({ version: 3, label: "first" });
    expect(transaction).toMatchObject({
      ...{ operation: "revertEntity", reason: "was better", entityCount: 1 },
    });
    expect(await stateOf(server, id)).toEqual(before);
    expect(await operationsOf(server, id)).toEqual(["REVERT", "UPDATE", "CREATE"]);
  });

  test("with its file and everything read from it", async () => {
    const [first, second] = [await makeJpeg(), await makePng({ width: 80, height: 40 })];
    const { id } = (await upload(server, first, { name: "first.jpg" })).entity;
    const before = await stateOf(server, id);
    await replace(server, id, second, { name: "second.png" });
    const replaced = await stateOf(server, id);
    await revert(id, 1);
    expect(await stateOf(server, id)).toEqual(before);
    expect(await readFile(join(server.mediaDir, before.filePath!))).toEqual(first);
    await revert(id, 2);
    expect(await stateOf(server, id)).toEqual(replaced);
    expect(await readFile(join(server.mediaDir, replaced.filePath!))).toEqual(second);
    expect(await operationsOf(server, id)).toEqual(["REVERT", "REVERT", "REPLACE_FILE", "CREATE"]);
    // What it has again is found again, and what it gave up is free.
    expect((await tryUpload(server, second)).extensions?.["existing"]).toMatchObject({ id });
    expect((await tryUpload(server, first)).outcome).toBe("CREATED");
  });

  test("and is found by its words again", async () => {
    const id = await addPicture(server, { label: "Zwiebelturm" });
    await update(id, { label: "Kirche" });
    await revert(id, 1);
    const found = async (search: string) =>
      (await server.run(NOW, { search })).entities.items.map(({ entityId }) => entityId);
    expect(await found("zwiebelturm")).toEqual([id]);
    expect(await found("kirche")).toEqual([]);
  });
});

describe("changes nothing", () => {
  test("for the current version", async () => {
    const id = await addPicture(server);
    const before = await countTransactions(server);
    expect(await revert(id, 1)).toMatchObject({ transaction: null, entity: { version: 1 } });
    expect(await countTransactions(server)).toBe(before);
  });

  test("for an earlier one that says the same", async () => {
    const id = await addPicture(server, { label: "one" });
    await update(id, { label: "two" });
    await update(id, { label: "one" });
    expect(await revert(id, 1)).toMatchObject({ transaction: null, entity: { version: 3 } });
  });

  test("for one that lay in the trash at another time", async () => {
    const id = await addPicture(server);
    await server.run(SOFT_DELETE, { id });
    await server.run(RESTORE, { id });
    await server.run(SOFT_DELETE, { id });
    expect(await revert(id, 2)).toMatchObject({ transaction: null, entity: { version: 4 } });
  });
});

describe("the trash", () => {
  test("is left and entered as of now", async () => {
    const id = await addPicture(server, { label: "one" });
    const { softDeleteEntity } = await server.run(SOFT_DELETE, { id });
    await update(id, { label: "two" });
    expect((await revert(id, 1)).entity).toMatchObject({ label: "one", isDeleted: false, deletedAt: null });
    const { entity } = await revert(id, 2);
    expect(entity.isDeleted).toBe(true);
    // Not the first time: who empties the trash of what is old must not find it.
    expect(Date.parse(entity.deletedAt!)).toBeGreaterThan(Date.parse(softDeleteEntity.entity.deletedAt!));
  });

  test("keeps the time for what stays in it", async () => {
    const id = await addPicture(server, { label: "one" });
    await server.run(SOFT_DELETE, { id });
    await update(id, { label: "two" });
    const { deletedAt } = await stateOf(server, id);
    expect((await revert(id, 2)).entity).toMatchObject({ label: "one", isDeleted: true, deletedAt });
  });

  test("holds what is reverted to a version that lay in a trashed collection", async () => {
    const parentId = await addCollection(server, "box");
    const id = await addPicture(server, { label: "one", parentId });
    await server.run(SOFT_DELETE, { id: parentId });
    await update(id, { label: "two" });
    await revert(id, 2);
    expect(await stateOf(server, id)).toMatchObject({ label: "one", parentId, isDeleted: true });
  });

  test("is entered by a collection with everything live in it, which comes back with it", async () => {
    const top = await addCollection(server, "top");
    await server.run(SOFT_DELETE, { id: top });
    await server.run(RESTORE, { id: top });
    const middle = await addCollection(server, "middle", top);
    const [inside, gone] = [
      await addPicture(server, { parentId: middle }),
      await addPicture(server, { parentId: top }),
    ];
    await server.run(SOFT_DELETE, { id: gone });
    const { transaction } = await revert(top, 2);
    expect(transaction?.entityCount).toBe(3);
    expect(await Promise.all([top, middle, inside].map(isDeleted))).toEqual([true, true, true]);
    expect(await operationsOf(server, top)).toEqual(["REVERT", "RESTORE", "SOFT_DELETE", "CREATE"]);
    expect(await operationsOf(server, inside)).toEqual(["SOFT_DELETE", "CREATE"]);
    await server.run(RESTORE, { id: top });
    expect(await Promise.all([top, middle, inside, gone].map(isDeleted))).toEqual([
      false,
      false,
      false,
      true,
    ]);
  });

  test("is left by a collection with what was deleted together with it", async () => {
    const top = await addCollection(server, "top");
    const [inside, gone] = [
      await addPicture(server, { parentId: top }),
      await addPicture(server, { parentId: top }),
    ];
    await server.run(SOFT_DELETE, { id: gone });
    await server.run(SOFT_DELETE, { id: top });
    await revert(top, 1);
    expect(await Promise.all([top, inside, gone].map(isDeleted))).toEqual([false, false, true]);
    expect(await operationsOf(server, inside)).toEqual(["RESTORE", "SOFT_DELETE", "CREATE"]);
  });
});

describe("is refused", () => {
  test("when the collection it lay in is destroyed", async () => {
    const parentId = await addCollection(server, "box");
    const id = await addPicture(server, { parentId });
    await update(id, { parentId: null });
    await server.run(HARD_DELETE, { id: parentId });
    const { status, code, extensions, message } = await refused(id, 1);
    expect({ status, code }).toEqual({ status: 404, code: "NOT_FOUND" });
    expect(extensions?.["parentId"]).toBe(parentId);
    expect(message).toContain(`collection ${parentId} then, which has been destroyed`);
  });

  test("when the collection it lay in is in the trash", async () => {
    const parentId = await addCollection(server, "box");
    const id = await addPicture(server, { parentId });
    await update(id, { parentId: null });
    await server.run(SOFT_DELETE, { id: parentId });
    const { status, code, extensions } = await refused(id, 1);
    expect({ status, code }).toEqual({ status: 400, code: "BAD_USER_INPUT" });
    expect(extensions?.["parentId"]).toBe(parentId);
  });

  test("when the collection that contained it is inside it now", async () => {
    const outer = await addCollection(server, "outer");
    const inner = await addCollection(server, "inner", outer);
    await update(inner, { parentId: null });
    await update(outer, { parentId: inner });
    expect(await refused(inner, 1)).toMatchObject({ status: 400, code: "PARENT_CYCLE" });
  });

  test.each([false, true])("when its file belongs to another entity now (trashed: %s)", async (inTrash) => {
    const bytes = await makeJpeg();
    const { id } = (await upload(server, bytes)).entity;
    await replace(server, id, await makePng());
    const other = (await upload(server, bytes)).entity.id;
    if (inTrash) await server.run(SOFT_DELETE, { id: other });
    const { status, code, extensions } = await refused(id, 1);
    expect({ status, code }).toEqual({ status: 409, code: "DUPLICATE_FILE" });
    expect(extensions?.["existing"]).toEqual({ id: other, isDeleted: inTrash });
  });

  test.each([0, -1, 3, 2_147_483_647])("for version %i, which there is not", async (toVersion) => {
    const id = await addPicture(server);
    await update(id, { label: "two" });
    expect(await refused(id, toVersion)).toMatchObject({ status: 404, code: "NOT_FOUND" });
  });

  test.each(["999999", "nonsense"])("for an entity that does not exist (%s)", async (id) => {
    expect((await refused(id, 1)).code).toBe("NOT_FOUND");
  });

  test("when another client was faster", async () => {
    const id = await addPicture(server);
    await update(id, { label: "two" });
    const { status, code, extensions } = await refused(id, 1, 1);
    expect({ status, code }).toEqual({ status: 409, code: "VERSION_CONFLICT" });
    expect(extensions?.["currentVersion"]).toBe(2);
  });
});

test("of a revert and an upload of the file that would come back one wins", async () => {
  for (let round = 0; round < 10; round++) {
    const bytes = await makeJpeg();
    const { id } = (await upload(server, bytes)).entity;
    await replace(server, id, await makePng());
    const [reverted, uploaded] = await Promise.all([
      server.ask(REVERT, { id, toVersion: 1 }),
      tryUpload(server, bytes),
    ]);
    const won = [reverted.status === 200, uploaded.outcome === "CREATED"];
    expect(won.filter(Boolean)).toHaveLength(1);
    const { entity } = await server.run(VERSIONS, { id });
    expect(entity?.versions.items[0]?.md5 === md5Of(bytes)).toBe(won[0]);
  }
});
