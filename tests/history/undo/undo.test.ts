import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { graphql } from "../../generated/index.ts";
import {
  HARD_DELETE,
  RESTORE,
  SOFT_DELETE,
  UPDATE,
  UPDATE_MANY,
  UPLOAD_MANY,
  VERSIONS,
} from "../../support/documents.ts";
import { REVERT, lastTransaction, operationsOf, replace, stateOf, undo } from "../../support/going-back.ts";
import { addCollection, addPicture, getEntity } from "../../support/library.ts";
import { makeJpeg, makePng } from "../../support/pictures.ts";
import { startSharedServer, type TestServer } from "../../support/server.ts";
import { md5Of, tryUpload, upload } from "../../support/uploading.ts";

const TRANSACTION = graphql(`
  query UndoneTransaction($id: ID!) {
    transaction(id: $id) {
      undoOf {
        id
      }
      undoneBy {
        id
        operation
      }
    }
  }
`);
const RESTORE_BOTH = graphql(`
  mutation RestoreBoth($ids: [ID!]!) {
    restoreEntities(ids: $ids) {
      ids
    }
  }
`);

let now = Date.UTC(2024, 0, 1);
let server: TestServer;
beforeAll(async () => {
  server = await startSharedServer({ clock: { now: () => (now += 1000) } });
});
afterAll(() => server.stop());

const last = () => lastTransaction(server);
const isDeleted = async (id: string) => (await getEntity(server, id)).isDeleted;
const statesOf = (ids: readonly string[]) => Promise.all(ids.map((id) => stateOf(server, id)));

describe("undoing takes back", () => {
  test("an edit, as a version of its own in a transaction that says so", async () => {
    const id = await addPicture(server, { label: "one" });
    const before = await stateOf(server, id);
    await server.run(UPDATE, { id, input: { label: "two", description: "more" } });
    const edited = await last();
    const { ids, transaction } = await undo(server, edited, "by mistake");
    expect(ids).toEqual([id]);
    expect(transaction).toMatchObject({
      ...{ operation: "undoTransaction", actor: null, reason: "by mistake", entityCount: 1, undoneBy: null },
      undoOf: { id: edited, undoneBy: { id: transaction.id } },
    });
    expect(await stateOf(server, id)).toEqual(before);
    expect(await operationsOf(server, id)).toEqual(["UNDO", "UPDATE", "CREATE"]);
  });

  test("a move of many, each to where it was", async () => {
    const [a, b, c] = [
      await addCollection(server, "a"),
      await addCollection(server, "b"),
      await addCollection(server, "c"),
    ];
    const ids = [
      await addPicture(server, { parentId: a }),
      await addPicture(server, { parentId: b }),
      await addPicture(server),
    ];
    const before = await statesOf(ids);
    await server.run(UPDATE_MANY, { ids, input: { parentId: c } });
    expect([...(await undo(server, await last())).ids].sort()).toEqual([...ids].sort());
    expect(await statesOf(ids)).toEqual(before);
  });

  test("an upload, by putting it into the trash", async () => {
    const bytes = await makeJpeg();
    const { entity } = await upload(server, bytes);
    await undo(server, await last());
    expect(await stateOf(server, entity.id)).toMatchObject({ isDeleted: true, md5: md5Of(bytes) });
    expect(await operationsOf(server, entity.id)).toEqual(["UNDO", "CREATE"]);
    const { extensions } = await tryUpload(server, bytes);
    expect(extensions?.["existing"]).toEqual({ id: entity.id, isDeleted: true });
    // What it put there together comes back by itself, too.
    await server.run(RESTORE, { id: entity.id });
    expect(await isDeleted(entity.id)).toBe(false);
  });

  test("a batch of uploads, what was created and what was restored", async () => {
    const [known, fresh] = [await makeJpeg(), await makeJpeg()];
    const { id } = (await upload(server, known)).entity;
    await server.run(SOFT_DELETE, { id });
    const before = await stateOf(server, id);
    const { uploadEntities } = await server.run(
      UPLOAD_MANY,
      { inputs: [0, 1].map(() => ({ file: null, onDuplicate: "RESTORE_IF_TRASHED" as const })) },
      [known, fresh].map((bytes, index) => ({ at: `inputs.${index}.file`, bytes })),
    );
    const created = uploadEntities.results[1]?.entity?.id ?? "none";
    await undo(server, uploadEntities.transaction!.id);
    expect(await stateOf(server, id)).toEqual(before);
    expect(await isDeleted(created)).toBe(true);
  });

  test("a new collection, by putting it into the trash", async () => {
    const id = await addCollection(server, "box");
    await undo(server, await last());
    expect(await isDeleted(id)).toBe(true);
  });

  test("a soft delete of a whole tree", async () => {
    const top = await addCollection(server, "top");
    const middle = await addCollection(server, "middle", top);
    const ids = [top, middle, await addPicture(server, { parentId: middle })];
    const gone = await addPicture(server, { parentId: top });
    await server.run(SOFT_DELETE, { id: gone });
    const before = await statesOf([...ids, gone]);
    await server.run(SOFT_DELETE, { id: top });
    await undo(server, await last());
    expect(await statesOf([...ids, gone])).toEqual(before);
  });

  // Taken back as one deletion, the next restore of the collection would bring all of it.
  test("a restore, so that what had been deleted apart stays apart", async () => {
    const top = await addCollection(server, "top");
    const inside = await addPicture(server, { parentId: top });
    await server.run(SOFT_DELETE, { id: inside });
    await server.run(SOFT_DELETE, { id: top });
    const before = await statesOf([top, inside]);
    await server.run(RESTORE_BOTH, { ids: [top, inside] });
    await undo(server, await last());
    expect(await statesOf([top, inside])).toEqual(before);
    await server.run(RESTORE, { id: top });
    expect(await Promise.all([top, inside].map(isDeleted))).toEqual([false, true]);
  });

  test("a replaced file", async () => {
    const [first, second] = [await makeJpeg(), await makePng()];
    const { id } = (await upload(server, first, { name: "first.jpg" })).entity;
    const before = await stateOf(server, id);
    await replace(server, id, second);
    await undo(server, await last());
    expect(await stateOf(server, id)).toEqual(before);
    expect(await readFile(join(server.mediaDir, before.filePath!))).toEqual(first);
    expect((await tryUpload(server, second)).outcome).toBe("CREATED");
  });

  test("a revert", async () => {
    const id = await addPicture(server, { label: "one" });
    await server.run(UPDATE, { id, input: { label: "two" } });
    await server.run(REVERT, { id, toVersion: 1 });
    await undo(server, await last());
    expect((await stateOf(server, id)).label).toBe("two");
  });

  test("only that transaction: what others did to other entities stays", async () => {
    const [a, b] = [await addPicture(server), await addPicture(server)];
    await server.run(UPDATE, { id: a, input: { label: "a" } });
    const edited = await last();
    await server.run(UPDATE, { id: b, input: { label: "b" } });
    await undo(server, edited);
    expect((await statesOf([a, b])).map(({ label }) => label)).toEqual([null, "b"]);
  });
});

describe("undoing an undo", () => {
  test("does it again, any number of times", async () => {
    const top = await addCollection(server, "top");
    const ids = [top, await addPicture(server, { parentId: top })];
    await server.run(SOFT_DELETE, { id: top });
    const [undone, done] = [await statesOf(ids).then(() => null), await statesOf(ids)];
    expect(undone).toBeNull();
    let transaction = await last();
    await undo(server, transaction);
    const before = await statesOf(ids);
    for (let round = 0; round < 10; round++) {
      transaction = await last();
      const { transaction: next } = await undo(server, transaction);
      expect(next.undoOf?.id).toBe(transaction);
      expect(await statesOf(ids)).toEqual(round % 2 === 0 ? done : before);
    }
    const { entity } = await server.run(VERSIONS, { id: top });
    expect(entity?.versions.pagination.totalItems).toBe(13);
  });

  test("brings an upload back from the trash", async () => {
    const { entity } = await upload(server, await makeJpeg());
    const before = await stateOf(server, entity.id);
    const { transaction } = await undo(server, await last());
    await undo(server, transaction.id);
    expect(await stateOf(server, entity.id)).toEqual(before);
  });

  test("makes the first transaction one that can be undone again", async () => {
    const id = await addPicture(server, { label: "one" });
    await server.run(UPDATE, { id, input: { label: "two" } });
    const edited = await last();
    const first = await undo(server, edited);
    const redone = await undo(server, first.transaction.id);
    const second = await undo(server, edited);
    expect((await stateOf(server, id)).label).toBe("one");
    // The redo is undone by that, too: what it did is not there any more, and comes back by the newest undo.
    const again = await undo(server, second.transaction.id);
    expect((await stateOf(server, id)).label).toBe("two");
    expect(again.ids).toEqual([id]);
    const { transaction } = await server.run(TRANSACTION, { id: edited });
    expect(transaction).toEqual({
      undoOf: null,
      undoneBy: { id: second.transaction.id, operation: "undoTransaction" },
    });
    // And the redo is in force once more.
    await undo(server, redone.transaction.id);
    expect((await stateOf(server, id)).label).toBe("one");
  });
});

// With "the last to write it was that transaction" for a rule, only the newest of them could be undone.
test("one change after another is undone, back to the beginning and forth again", async () => {
  const box = await addCollection(server, "box");
  const id = await addPicture(server, { label: "0" });
  const done = [await last()];
  const states = [await stateOf(server, id)];
  const change = async (work: () => Promise<unknown>) => {
    await work();
    done.push(await last());
    states.push(await stateOf(server, id));
  };
  await change(() => server.run(UPDATE, { id, input: { label: "1" } }));
  await change(() => server.run(UPDATE, { id, input: { parentId: box } }));
  await change(async () => replace(server, id, await makePng()));
  await change(() => server.run(SOFT_DELETE, { id }));
  await change(() => server.run(RESTORE, { id }));
  const undos: string[] = [];
  for (const [index, transaction] of [...done.entries()].reverse()) {
    undos.push((await undo(server, transaction)).transaction.id);
    if (index > 0) expect(await stateOf(server, id)).toEqual(states[index - 1]);
  }
  expect(await isDeleted(id)).toBe(true);
  for (const [index, transaction] of undos.toReversed().entries()) {
    await undo(server, transaction);
    expect(await stateOf(server, id)).toEqual(states[index]);
  }
});

test("what is not undone, and what is no undo, says null", async () => {
  await addPicture(server);
  const { transaction } = await server.run(TRANSACTION, { id: await last() });
  expect(transaction).toEqual({ undoOf: null, undoneBy: null });
});

test("the file of an undone replacement stays for the redo", async () => {
  const second = await makePng();
  const id = await addPicture(server);
  await replace(server, id, second);
  const { transaction } = await undo(server, await last());
  await undo(server, transaction.id);
  const { md5, filePath } = await stateOf(server, id);
  expect(md5).toBe(md5Of(second));
  expect(await readFile(join(server.mediaDir, filePath!))).toEqual(second);
  await server.run(HARD_DELETE, { id });
  expect(await server.listFiles()).not.toContain(filePath);
});
