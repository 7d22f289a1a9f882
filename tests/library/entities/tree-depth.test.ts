// What was seen: in a chain of 400 collections, ancestors of ancestors of ancestors grew with the third power of the
// depth, so that whoever could write made one query a crash for every reader. Nothing limited how deep a tree is.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  CREATE_COLLECTION,
  RESTORE,
  SOFT_DELETE,
  UPDATE,
  UPDATE_MANY,
  UPLOAD,
} from "../../support/documents.ts";
import { graphql } from "../../generated/index.ts";
import { REVERT, undo, UNDO } from "../../support/going-back.ts";
import { addCollection } from "../../support/library.ts";
import { makeJpeg } from "../../support/pictures.ts";
import { plantChain, plantCollections } from "../../support/planted.ts";
import { startSharedServer, type TestServer } from "../../support/server.ts";

const ANCESTORS = graphql(`
  query TreeDepthAncestors($id: ID!) {
    entity(id: $id) {
      ancestors {
        id
      }
    }
  }
`);

let server: TestServer;
/** Level 1 first. */
let chain: string[];
const level = (number: number) => chain[number - 1]!;
const tooDeep = (depth: number, field: string) => ({
  extensions: { code: "BAD_USER_INPUT", field, depth, depthMax: 256 },
});

beforeAll(async () => {
  server = await startSharedServer();
  chain = await plantChain(server, 256);
});
afterAll(() => server.stop());

const move = (id: string, parentId: string | null) => server.ask(UPDATE, { id, input: { parentId } });
const parentOf = async (id: string) => {
  const { entity } = await server.run(ANCESTORS, { id });
  return entity!.ancestors.at(-1)?.id ?? null;
};

test("nothing is put below level 256, and all above it is answered", async () => {
  const refused = await server.fail(CREATE_COLLECTION, { input: { label: "lower", parentId: level(256) } });
  expect(refused).toMatchObject(tooDeep(257, "input.parentId"));
  expect(refused.message).toMatch(/at most 256 levels.* level 257/);
  await addCollection(server, "beside the last", level(255));
  const file = [{ at: "input.file", bytes: await makeJpeg() }];
  const input = { file: null, parentId: level(256) };
  expect(await server.fail(UPLOAD, { input }, file)).toMatchObject(tooDeep(257, "input.parentId"));
  expect(await server.listFiles()).toEqual([]);
  const { entity } = await server.run(ANCESTORS, { id: level(256) });
  expect(entity!.ancestors).toHaveLength(255);
});

describe("a collection is moved with all that is below it", () => {
  let top: string;
  let inner: string;
  beforeEach(async () => {
    top = await addCollection(server, "three levels");
    inner = await addCollection(server, "two", await addCollection(server, "one", top));
  });

  test("as far as the lowest of that still has a level", async () => {
    const { errors } = await move(top, level(254));
    expect(errors?.[0]).toMatchObject(tooDeep(257, "input.parentId"));
    expect(await parentOf(top)).toBeNull();
    expect((await move(top, level(253))).errors).toBeUndefined();
    expect(await parentOf(inner)).not.toBeNull();
  });

  test("also together with others, all or none", async () => {
    const other = await addCollection(server, "one level");
    const refused = await server.fail(UPDATE_MANY, { ids: [other, top], input: { parentId: level(254) } });
    expect(refused).toMatchObject(tooDeep(257, "input.parentId"));
    expect(await parentOf(other)).toBeNull();
    // Each goes right into it, also what was below another one.
    await server.run(UPDATE_MANY, { ids: [other, inner], input: { parentId: level(255) } });
    expect(await parentOf(inner)).toBe(level(255));
  });

  test("what is in the trash counts, as it may come back", async () => {
    await server.run(SOFT_DELETE, { id: inner });
    expect((await move(top, level(254))).errors?.[0]).toMatchObject(tooDeep(257, "input.parentId"));
    await move(top, level(253));
    await server.run(RESTORE, { id: inner });
  });
});

describe("what was deep once and has grown since", () => {
  let moved: string;
  let transactionId: string;
  beforeEach(async () => {
    [moved] = (await plantCollections(server, [{ label: "grows", parentId: level(255) }])) as [string];
    const { updateEntity } = await server.run(UPDATE, { id: moved, input: { parentId: null } });
    transactionId = updateEntity.transaction!.id;
    await addCollection(server, "one more", moved);
  });

  test("is not reverted to there", async () => {
    expect(await server.fail(REVERT, { id: moved, toVersion: 1 })).toMatchObject(tooDeep(257, "toVersion"));
    expect(await parentOf(moved)).toBeNull();
  });

  test("is not put back there by an undo", async () => {
    expect(await server.fail(UNDO, { id: transactionId })).toMatchObject(tooDeep(257, "id"));
    expect(await parentOf(moved)).toBeNull();
  });
});

test("a move is undone where there is room", async () => {
  const moved = await addCollection(server, "moves", level(255));
  const { updateEntity } = await server.run(UPDATE, { id: moved, input: { parentId: null } });
  await undo(server, updateEntity.transaction!.id);
  expect(await parentOf(moved)).toBe(level(255));
});

test("a library that is deeper already is read, edited and taken apart", async () => {
  const [deep] = await plantCollections(server, [{ label: "257", parentId: level(256) }]);
  const [deeper] = await plantCollections(server, [{ label: "258", parentId: deep! }]);
  const { entity } = await server.run(ANCESTORS, { id: deeper! });
  expect(entity!.ancestors).toHaveLength(257);
  const label = { id: deeper!, input: { label: "lower than any", parentId: deep! } };
  expect((await server.run(UPDATE, label)).updateEntity.entity.label).toBe("lower than any");
  await server.run(SOFT_DELETE, { id: deeper! });
  await server.run(RESTORE, { id: deeper! });
  expect((await move(level(2), null)).errors).toBeUndefined();
});
