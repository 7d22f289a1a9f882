import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { HARD_DELETE, RESTORE, SOFT_DELETE } from "../../support/documents.ts";
import { REVERT, undo } from "../../support/going-back.ts";
import { addCollection, addPicture } from "../../support/library.ts";
import { startSharedServer, type TestServer } from "../../support/server.ts";
import {
  ADD,
  ALBUM_HISTORY,
  ALBUMS_OF,
  CREATE_ALBUM,
  FOUND,
  FOUND_THEN,
  MEMBERS,
  MOVE,
  REMOVE,
} from "./documents.ts";

let server: TestServer;
let files: string[];
beforeAll(async () => {
  server = await startSharedServer();
  files = [];
  for (let index = 0; index < 6; index++) files.push(await addPicture(server, { label: `file ${index}` }));
});
afterAll(() => server.stop());

const newAlbum = async (label = "album") =>
  (await server.run(CREATE_ALBUM, { label })).createCollection.entity.id;

let album: string;
beforeEach(async () => {
  album = await newAlbum();
});

const file = (index: number) => files[index]!;
const some = (...indexes: number[]) => indexes.map(file);

async function members(of = album, more: object = {}) {
  const { entity } = await server.run(MEMBERS, { id: of, ...more });
  const { items, pagination } = entity!.children;
  expect(pagination.totalItems).toBe(items.length);
  return items.map(({ id }) => id);
}
const add = async (entityIds: string[], before?: string) =>
  (await server.run(ADD, { id: album, entityIds, before: before ?? null })).addToAlbum;
const move = async (entityIds: string[], before?: string) =>
  (await server.run(MOVE, { id: album, entityIds, before: before ?? null })).moveInAlbum;
const remove = async (entityIds: string[]) =>
  (await server.run(REMOVE, { id: album, entityIds })).removeFromAlbum;
const found = async (filter: object, trash: "LIVE" | "ANY" = "LIVE") =>
  (await server.run(FOUND, { filter, trash })).entities.items.map(({ id }) => id);
const foundThen = async (at: string, filter: object) =>
  (await server.run(FOUND_THEN, { at, filter })).snapshot.entities.items.map(({ entityId }) => entityId);
const sorted = (ids: readonly string[]) => [...ids].sort((one, other) => Number(one) - Number(other));

/** The refusal, after which nothing is different. */
async function refusal(document: typeof ADD | typeof MOVE, variables: Record<string, unknown>) {
  const before = await members();
  const { errors } = await server.ask(document as typeof ADD, { id: album, entityIds: [], ...variables });
  expect(await members()).toEqual(before);
  return { code: errors?.[0]?.extensions.code, field: errors?.[0]?.extensions["field"] };
}

describe("an album", () => {
  test("has a kind, which media have not, and folders are found by theirs", async () => {
    const folder = await addCollection(server, "folder");
    expect(await found({ kind: { equals: "ALBUM" }, id: { in: [album, folder, file(0)] } })).toEqual([album]);
    expect(await found({ kind: { equals: "FOLDER" }, id: { in: [album, folder, file(0)] } })).toEqual([
      folder,
    ]);
    expect(await found({ kind: { in: ["FOLDER", "ALBUM"] }, id: { in: [album, folder, file(0)] } })).toEqual([
      album,
      folder,
    ]);
    expect(await found({ kind: { isNull: true }, id: { in: [album, folder, file(0)] } })).toEqual([file(0)]);
    const { entity } = await server.run(ALBUM_HISTORY, { id: album });
    expect(entity!.versions.items[0]).toMatchObject({ kind: "ALBUM", membersChangedIn: null });
  });

  test("shows its members in the order in which they were added, or another one that is asked for", async () => {
    await add(some(3, 1, 2));
    expect(await members()).toEqual(some(3, 1, 2));
    expect(await members(album, { orderBy: [{ id: "ASC" }] })).toEqual(some(1, 2, 3));
    expect(await members(album, { filter: { label: { equals: "file 1" } } })).toEqual(some(1));
    await add(some(5, 0), file(1));
    expect(await members()).toEqual(some(3, 5, 0, 1, 2));
  });

  test("takes all of them as one version; the files get none, and stay in their folder", async () => {
    const before = (await server.run(ALBUMS_OF, { id: file(0) })).entity!;
    const { album: after, transaction } = await add(some(0, 1, 2));
    expect(after.version).toBe(2);
    expect(transaction).toMatchObject({ operation: "addToAlbum", entityCount: 1 });
    const { entity } = await server.run(ALBUMS_OF, { id: file(0) });
    expect(entity).toMatchObject({ version: before.version, parentId: before.parentId });
    expect(entity!.albums.map(({ id }) => id)).toContain(album);
  });

  test("keeps members in their places that are added again, and writes nothing when all are there", async () => {
    await add(some(0, 1));
    const again = await add(some(1, 2, 0));
    expect(await members()).toEqual(some(0, 1, 2));
    expect(again.album.version).toBe(3);
    expect((await add(some(2, 1, 0))).transaction).toBeNull();
    expect((await add([])).transaction).toBeNull();
  });

  test("loses members that are taken out, and ignores what is no member", async () => {
    await add(some(0, 1, 2));
    await remove([...some(1, 5), "999999"]);
    expect(await members()).toEqual(some(0, 2));
    expect((await remove(some(1))).transaction).toBeNull();
    expect((await server.run(ALBUMS_OF, { id: file(1) })).entity!.albums.map(({ id }) => id)).not.toContain(
      album,
    );
  });

  test("is put in another order, by name of a member or at the end", async () => {
    await add(some(0, 1, 2, 3, 4));
    await move(some(4, 2), file(1));
    expect(await members()).toEqual(some(0, 4, 2, 1, 3));
    await move(some(0));
    expect(await members()).toEqual(some(4, 2, 1, 3, 0));
    expect((await move(some(2, 1), file(3))).transaction).toBeNull();
    expect((await move(some(3, 0))).transaction).toBeNull();
    expect((await move([])).transaction).toBeNull();
  });

  test("stays in order when one place is taken again and again", async () => {
    await add(some(0, 1));
    const expected = some(0, 1);
    for (let round = 0; round < 60; round++) {
      const one = file(2 + (round % 4));
      if (expected.includes(one)) {
        await move([one], file(1));
        expected.splice(expected.indexOf(one), 1);
      } else await add([one], file(1));
      expected.splice(expected.indexOf(file(1)), 0, one);
    }
    expect(await members()).toEqual(expected);
  });

  test("is found with what is in it, as a folder is", async () => {
    const folder = await addCollection(server, "with files");
    const inside = await addPicture(server, { parentId: folder });
    await add([...some(2, 0), inside]);
    expect(await found({ inCollection: album })).toEqual(sorted([...some(0, 2), inside]));
    expect(await found({ inCollection: folder })).toEqual([inside]);
    expect(await found({ NOT: [{ inCollection: album }], id: { in: some(0, 1) } })).toEqual(some(1));
    expect(await found({ AND: [{ inCollection: album }, { inCollection: folder }] })).toEqual([inside]);
    expect(await found({ inCollection: "no id" })).toEqual([]);
  });
});

describe("members that", () => {
  test("go to the trash leave the list, and come back to their places", async () => {
    const one = await addPicture(server);
    await add([file(0), one, file(1)]);
    await server.run(SOFT_DELETE, { id: one });
    expect(await members()).toEqual(some(0, 1));
    expect(await members(album, { trash: "ANY" })).toEqual([file(0), one, file(1)]);
    expect(await members(album, { trash: "TRASHED" })).toEqual([one]);
    await server.run(RESTORE, { id: one });
    expect(await members()).toEqual([file(0), one, file(1)]);
  });

  test("are destroyed leave the album, without a version of it", async () => {
    const one = await addPicture(server);
    const { album: before } = await add([file(0), one, file(1)]);
    await server.run(HARD_DELETE, { id: one });
    expect(await members(album, { trash: "ANY" })).toEqual(some(0, 1));
    expect((await server.run(MEMBERS, { id: album })).entity!.version).toBe(before.version);
  });
});

describe("the history of an album", () => {
  test("has its members as they were, in snapshots", async () => {
    const first = (await add(some(0, 1, 2))).transaction!.id;
    const second = (await remove(some(1))).transaction!.id;
    const third = (await move(some(0))).transaction!.id;
    await add(some(5));
    expect(await foundThen(first, { inCollection: album })).toEqual(some(0, 1, 2));
    expect(await foundThen(second, { inCollection: album })).toEqual(some(0, 2));
    expect(await foundThen(third, { inCollection: album })).toEqual(some(0, 2));
    const before = `T${Number(first.slice(1)) - 1}`;
    expect(await foundThen(before, { inCollection: album })).toEqual([]);
  });

  test("tells which transaction changed them", async () => {
    const { transaction } = await add(some(0));
    const { entity } = await server.run(ALBUM_HISTORY, { id: album });
    expect(entity!.versions.items[0]).toMatchObject({
      ...{ version: 2, operation: "UPDATE", membersChangedIn: transaction!.id },
      changes: [{ field: "membersChangedIn", before: null, after: transaction!.id }],
    });
  });

  test("is undone, and the undo as well", async () => {
    await add(some(0, 1, 2));
    const { transaction } = await move(some(2), file(0));
    expect(await members()).toEqual(some(2, 0, 1));
    const undone = await undo(server, transaction!.id);
    expect(await members()).toEqual(some(0, 1, 2));
    await undo(server, undone.transaction.id);
    expect(await members()).toEqual(some(2, 0, 1));
    const taken = await remove(some(2, 1));
    await undo(server, taken.transaction!.id);
    expect(await members()).toEqual(some(2, 0, 1));
  });

  test("refuses an undo when the members were changed since", async () => {
    const { transaction } = await add(some(0));
    await add(some(1));
    const { errors } = await server.ask(ADD, { id: album, entityIds: some(2), ifVersion: 2 });
    expect(errors?.[0]?.extensions.code).toBe("VERSION_CONFLICT");
    await expect(undo(server, transaction!.id)).rejects.toThrow(/changed since/);
  });

  test("leads back to any version", async () => {
    await add(some(0, 1));
    await add(some(2, 3), file(1));
    await remove(some(0, 3));
    await server.run(REVERT, { id: album, toVersion: 3 });
    expect(await members()).toEqual(some(0, 2, 3, 1));
    await server.run(REVERT, { id: album, toVersion: 1 });
    expect(await members()).toEqual([]);
    await server.run(REVERT, { id: album, toVersion: 4 });
    expect(await members()).toEqual(some(2, 1));
    // Nothing is written where the members are those of then.
    const { revertEntity } = await server.run(REVERT, { id: album, toVersion: 4 });
    expect(revertEntity.transaction).toBeNull();
  });

  test("does not bring back what was destroyed since", async () => {
    const one = await addPicture(server);
    await add([one, file(0)]);
    await remove([one]);
    await server.run(HARD_DELETE, { id: one });
    await server.run(REVERT, { id: album, toVersion: 2 });
    expect(await members()).toEqual(some(0));
  });
});

describe("wrong input is refused, and nothing is changed", () => {
  test("members that are collections, trashed or unknown", async () => {
    const folder = await addCollection(server, "no member");
    const trashed = await addPicture(server);
    await server.run(SOFT_DELETE, { id: trashed });
    expect(await refusal(ADD, { entityIds: [file(0), folder] })).toEqual({
      ...{ code: "BAD_USER_INPUT", field: "entityIds.1" },
    });
    expect(await refusal(ADD, { entityIds: [album] })).toMatchObject({ field: "entityIds.0" });
    expect(await refusal(ADD, { entityIds: [trashed] })).toMatchObject({ field: "entityIds.0" });
    expect(await refusal(ADD, { entityIds: [file(0), "999999"] })).toMatchObject({ code: "NOT_FOUND" });
  });

  test("albums that are none", async () => {
    expect(await refusal(ADD, { id: file(0) })).toEqual({ code: "BAD_USER_INPUT", field: "id" });
    expect(await refusal(ADD, { id: await addCollection(server, "folder") })).toMatchObject({ field: "id" });
    expect(await refusal(ADD, { id: "999999" })).toMatchObject({ code: "NOT_FOUND" });
  });

  test("places that are none", async () => {
    await add(some(0, 1));
    expect(await refusal(ADD, { entityIds: some(2), before: file(3) })).toEqual({
      ...{ code: "BAD_USER_INPUT", field: "before" },
    });
    expect(await refusal(MOVE, { entityIds: some(2) })).toMatchObject({ field: "entityIds.0" });
    expect(await refusal(MOVE, { entityIds: some(0), before: file(0) })).toMatchObject({ field: "before" });
  });

  test("an album as the place where something lies", async () => {
    const { errors } = await server.ask(CREATE_ALBUM, { label: "inside", parentId: album });
    expect(errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", field: "input.parentId" });
    await expect(addPicture(server, { parentId: album })).rejects.toThrow(/is an album/);
  });
});
