import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  HARD_DELETE,
  RESTORE,
  SOFT_DELETE,
  UPDATE,
  UPDATE_MANY,
  UPLOAD_MANY,
} from "../../support/documents.ts";
import {
  UNDO,
  countTransactions,
  lastTransaction,
  refusedUndo,
  replace,
  stateOf,
  undo,
} from "../../support/going-back.ts";
import { addCollection, addPicture } from "../../support/library.ts";
import { makeJpeg, makePng } from "../../support/pictures.ts";
import { startSharedServer, type TestServer } from "../../support/server.ts";
import { tryUpload, upload } from "../../support/uploading.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startSharedServer();
});
afterAll(() => server.stop());

const last = () => lastTransaction(server);
const move = (id: string, parentId: string | null) => server.run(UPDATE, { id, input: { parentId } });
const rename = (id: string, label: string) => server.run(UPDATE, { id, input: { label } });

/** The refusal, after which nothing must be different. */
async function refused(transaction: string) {
  const { reader } = server.app.deps.db;
  const look = () => reader.all({ sql: `SELECT * FROM "Entity" ORDER BY "id"`, values: [] });
  const before = [await look(), await countTransactions(server)];
  const refusal = await refusedUndo(server, transaction);
  expect([await look(), await countTransactions(server)]).toEqual(before);
  return refusal;
}
const conflict = (...conflicts: string[]) => ({ status: 409, code: "VERSION_CONFLICT", conflicts });

// Whatever was tried: no live entity in a collection in the trash, and no collection in itself.
afterEach(async () => {
  const { reader } = server.app.deps.db;
  const hidden = `SELECT e."id" FROM "Entity" e JOIN "Entity" p ON p."id" = e."parentId" WHERE NOT e."isDeleted" AND p."isDeleted"`;
  expect(await reader.all({ sql: hidden, values: [] })).toEqual([]);
});

describe("an entity that was changed since", () => {
  test("refuses the whole undo, and is named", async () => {
    const ids = [await addPicture(server), await addPicture(server), await addPicture(server)];
    await server.run(UPDATE_MANY, { ids, input: { label: "all" } });
    const edited = await last();
    await rename(ids[2]!, "mine");
    await server.run(SOFT_DELETE, { id: ids[0]! });
    const { message, ...refusal } = await refused(edited);
    expect(refusal).toEqual(conflict(ids[0]!, ids[2]!));
    expect(message).toBe(
      `Transaction ${edited} cannot be undone: entities ${ids[0]}, ${ids[2]} changed since`,
    );
    // Those later changes undone first, it goes.
    await undo(server, await last());
    await undo(server, `T${Number(edited.slice(1)) + 1}`);
    await undo(server, edited);
    expect((await Promise.all(ids.map((id) => stateOf(server, id)))).map(({ label }) => label)).toEqual([
      ...[null, null, null],
    ]);
  });

  test("refuses the undo of an undo likewise", async () => {
    const id = await addPicture(server);
    await rename(id, "one");
    const { transaction } = await undo(server, await last());
    await rename(id, "mine");
    expect(await refused(transaction.id)).toMatchObject(conflict(id));
  });

  test("or destroyed refuses it, too, though nothing is left to be named", async () => {
    const ids = [await addPicture(server), await addPicture(server)];
    await server.run(UPDATE_MANY, { ids, input: { label: "all" } });
    const edited = await last();
    await server.run(HARD_DELETE, { id: ids[0]! });
    const { message, ...refusal } = await refused(edited);
    expect(refusal).toEqual(conflict());
    expect(message).toContain("of 1 of the 2 it changed, entity or version is kept no more");
  });
});

describe("history that was pruned", () => {
  const prune = (id: string, ...versions: number[]) =>
    server.app.deps.db.transaction({ operation: "prune", actor: null, reason: null }, async (tx) => {
      await tx.record();
      const where = { entityId: Number(id), version: { in: versions } };
      await tx.prisma.entityVersion.deleteMany({ where });
    });

  test("cannot be gone back to, and its entity is named", async () => {
    const id = await addPicture(server);
    await rename(id, "one");
    const edited = await last();
    await prune(id, 1);
    const { message, ...refusal } = await refused(edited);
    expect(refusal).toEqual(conflict(id));
    expect(message).toContain(`earlier versions of entity ${id} are kept no more`);
  });

  test("hides what a transaction did, which cannot be undone then", async () => {
    const id = await addPicture(server);
    await rename(id, "one");
    const edited = await last();
    await rename(id, "two");
    await prune(id, 1, 2);
    expect(await refused(edited)).toMatchObject(conflict());
  });
});

test("what is undone already cannot be undone twice, and says what undid it", async () => {
  const id = await addPicture(server);
  await rename(id, "one");
  const edited = await last();
  const { transaction } = await undo(server, edited);
  const { message, ...refusal } = await refused(edited);
  expect(refusal).toEqual(conflict(id));
  expect(message).toContain(`transaction ${transaction.id} has undone it already`);
});

test("of two undos at once one wins", async () => {
  for (let round = 0; round < 10; round++) {
    const id = await addPicture(server);
    const created = await last();
    const answers = await Promise.all([0, 1, 2].map(() => server.ask(UNDO, { id: created })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
    expect((await stateOf(server, id)).isDeleted).toBe(true);
  }
});

describe("what cannot be undone at all", () => {
  test("is a destruction, and it says so", async () => {
    const id = await addPicture(server);
    await server.run(HARD_DELETE, { id });
    const { message, ...refusal } = await refused(await last());
    expect(refusal).toMatchObject({ status: 400, code: "BAD_USER_INPUT" });
    expect(message).toContain("destroyed what nothing brings back");
  });

  // Earlier releases wrote one for a trash that was empty already.
  test("is a transaction that changed no entity", async () => {
    const opening = { operation: "emptyTrash", actor: null, reason: null };
    const empty = await server.app.deps.db.transaction(opening, (tx) => Promise.resolve(tx.record()));
    expect(await refused(String(empty))).toMatchObject({ status: 400, code: "BAD_USER_INPUT" });
  });

  test.each(["0", "999999", "nonsense"])("is one that there is not (%s)", async (unknown) => {
    expect(await refused(unknown)).toMatchObject({ status: 404, code: "NOT_FOUND" });
  });
});

describe("the collection that something would come back to", () => {
  test("is in the trash now", async () => {
    const parentId = await addCollection(server, "box");
    const id = await addPicture(server, { parentId });
    await move(id, null);
    const moved = await last();
    await server.run(SOFT_DELETE, { id: parentId });
    expect(await refused(moved)).toMatchObject(conflict(parentId));
    await server.run(RESTORE, { id: parentId });
    await undo(server, moved);
    expect((await stateOf(server, id)).parentId).toBe(parentId);
  });

  test("went to the trash after what lay in it", async () => {
    const parentId = await addCollection(server, "box");
    const id = await addPicture(server, { parentId });
    await server.run(SOFT_DELETE, { id });
    const deleted = await last();
    await server.run(SOFT_DELETE, { id: parentId });
    expect(await refused(deleted)).toMatchObject(conflict(parentId));
  });

  test("is destroyed", async () => {
    const parentId = await addCollection(server, "box");
    const id = await addPicture(server, { parentId });
    await move(id, null);
    const moved = await last();
    await server.run(HARD_DELETE, { id: parentId });
    expect(await refused(moved)).toMatchObject(conflict(parentId));
  });

  test("is inside an entity that would come back to it", async () => {
    const outer = await addCollection(server, "outer");
    const inner = await addCollection(server, "inner", outer);
    const between = await addCollection(server, "between", inner);
    await move(inner, null);
    const moved = await last();
    await move(outer, between);
    expect(await refused(moved)).toMatchObject(conflict(...[outer, inner, between]));
  });
});

describe("a collection that would go to the trash", () => {
  test("holds something that came since", async () => {
    const parentId = await addCollection(server, "box");
    const created = await last();
    const id = await addPicture(server, { parentId });
    expect(await refused(created)).toMatchObject(conflict(id));
    await server.run(SOFT_DELETE, { id });
    await undo(server, created);
    expect((await stateOf(server, parentId)).isDeleted).toBe(true);
  });

  test("holds something that came after its restoration", async () => {
    const parentId = await addCollection(server, "box");
    await server.run(SOFT_DELETE, { id: parentId });
    await server.run(RESTORE, { id: parentId });
    const restored = await last();
    const id = await addPicture(server, { parentId });
    expect(await refused(restored)).toMatchObject(conflict(id));
  });
});

test("a file that would come back belongs to another entity now", async () => {
  const bytes = await makeJpeg();
  const { id } = (await upload(server, bytes)).entity;
  await replace(server, id, await makePng());
  const replaced = await last();
  const other = (await upload(server, bytes)).entity.id;
  expect(await refused(replaced)).toMatchObject(conflict(other));
  await replace(server, other, await makePng());
  await undo(server, replaced);
  expect((await tryUpload(server, bytes)).extensions?.["existing"]).toMatchObject({ id });
});

test("a batch of which one entity stands in the way names only that one", async () => {
  const files = await Promise.all(Array.from({ length: 8 }, () => makeJpeg()));
  const { uploadEntities } = await server.run(
    UPLOAD_MANY,
    { inputs: files.map(() => ({ file: null })) },
    files.map((bytes, index) => ({ at: `inputs.${index}.file`, bytes })),
  );
  const ids = uploadEntities.results.map(({ entity }) => entity?.id ?? "none");
  await rename(ids[5]!, "mine");
  expect(await refused(uploadEntities.transaction!.id)).toMatchObject(conflict(ids[5]!));
});
