import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { UPDATE, UPDATE_MANY, VERSIONS } from "../../support/documents.ts";
import { addCollection, addPicture, getEntity } from "../../support/library.ts";
import { startSharedServer, type TestServer } from "../../support/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startSharedServer();
});
afterAll(() => server.stop());

describe("updateEntity", () => {
  test("changes what is given, leaves what is absent, clears what is null", async () => {
    const id = await addPicture(server, { label: "Beach" });
    await server.run(UPDATE, { id, input: { description: "At noon" } });
    expect(await getEntity(server, id)).toMatchObject({ label: "Beach", description: "At noon", version: 2 });
    await server.run(UPDATE, { id, input: { label: null } });
    expect(await getEntity(server, id)).toMatchObject({ label: null, description: "At noon", version: 3 });
  });

  test("keeps reason, operation and count in the transaction", async () => {
    const id = await addPicture(server);
    const { updateEntity } = await server.run(UPDATE, { id, input: { label: "x" }, reason: "typo" });
    expect(updateEntity.transaction).toMatchObject({
      reason: "typo",
      operation: "updateEntity",
      entityCount: 1,
      actor: null,
    });
  });

  test("writes nothing when nothing changes: no version, no transaction", async () => {
    const id = await addPicture(server, { label: "same" });
    const before = await getEntity(server, id);
    const { updateEntity } = await server.run(UPDATE, {
      id,
      input: { label: "same", description: null },
      reason: "why",
    });
    expect(updateEntity.transaction).toBeNull();
    expect(await getEntity(server, id)).toEqual(before);
  });

  test("refuses a version that is no longer current with 409 and names the current one", async () => {
    const id = await addPicture(server);
    await server.run(UPDATE, { id, input: { label: "first" }, ifVersion: 1 });
    const { status, errors } = await server.ask(UPDATE, { id, input: { label: "second" }, ifVersion: 1 });
    expect(status).toBe(409);
    expect(errors?.[0]?.extensions).toMatchObject({ code: "VERSION_CONFLICT", currentVersion: 2 });
    expect((await getEntity(server, id)).label).toBe("first");
  });

  test("lets one of two writers with the same expected version win, with gapless numbers", async () => {
    const id = await addPicture(server);
    const answers = await Promise.all(
      ["a", "b"].map((label) => server.ask(UPDATE, { id, input: { label }, ifVersion: 1 })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect((await getEntity(server, id)).version).toBe(2);
  });

  test("numbers the versions of 40 concurrent writers without gaps", async () => {
    const id = await addPicture(server);
    await Promise.all(
      Array.from({ length: 40 }, (_, index) => server.run(UPDATE, { id, input: { label: `n${index}` } })),
    );
    const { entity } = await server.run(VERSIONS, { id, limit: 100 });
    expect(entity?.versions.items.map(({ version }) => version)).toEqual(
      Array.from({ length: 41 }, (_, index) => 41 - index),
    );
  });

  test.each([
    ["an unknown id", "999999", "NOT_FOUND"],
    ["an id that is none", "abc", "NOT_FOUND"],
    ["an id over 2^63", "9223372036854775808", "NOT_FOUND"],
    ["a negative id", "-1", "NOT_FOUND"],
    ["an empty id", "", "NOT_FOUND"],
  ])("says NOT_FOUND for %s", async (_case, id, code) => {
    const { status, errors } = await server.ask(UPDATE, { id, input: { label: "x" } });
    expect(errors?.[0]?.extensions.code).toBe(code);
    expect(status).toBe(404);
  });

  test.each([
    ["a blank label", { label: "  " }],
    ["a label of 1001 characters", { label: "x".repeat(1001) }],
    ["a NUL", { label: "a\0b" }],
    ["half a character", { description: "\ud800" }],
  ])("refuses %s", async (_case, input) => {
    const id = await addPicture(server, { label: "kept" });
    expect((await server.fail(UPDATE, { id, input })).extensions.code).toBe("BAD_USER_INPUT");
    expect(await getEntity(server, id)).toMatchObject({ label: "kept", version: 1 });
  });
});

describe("moving", () => {
  test("puts an entity into a collection and back to the top, as MOVE", async () => {
    const collection = await addCollection(server, "Trip");
    const id = await addPicture(server);
    await server.run(UPDATE, { id, input: { parentId: collection } });
    expect(await getEntity(server, id)).toMatchObject({
      parent: { id: collection },
      ancestors: [{ id: collection }],
    });
    await server.run(UPDATE, { id, input: { parentId: null } });
    const { entity } = await server.run(VERSIONS, { id });
    expect(entity?.versions.items.map(({ operation }) => operation)).toEqual(["MOVE", "MOVE", "CREATE"]);
  });

  test("refuses a file as parent, an unknown one, and one in the trash", async () => {
    const file = await addPicture(server);
    const id = await addPicture(server);
    expect((await server.fail(UPDATE, { id, input: { parentId: file } })).extensions.code).toBe(
      "NOT_A_COLLECTION",
    );
    expect((await server.fail(UPDATE, { id, input: { parentId: "123456" } })).extensions.code).toBe(
      "NOT_FOUND",
    );
  });

  test("refuses to move a collection into itself or into its content", async () => {
    const top = await addCollection(server, "top");
    const middle = await addCollection(server, "middle", top);
    const low = await addCollection(server, "low", middle);
    for (const parentId of [top, middle, low]) {
      const { status, errors } = await server.ask(UPDATE, { id: top, input: { parentId } });
      expect(errors?.[0]?.extensions.code).toBe("PARENT_CYCLE");
      expect(status).toBe(400);
    }
    expect((await getEntity(server, low)).ancestors.map(({ id }) => id)).toEqual([top, middle]);
  });
});

describe("updateEntities", () => {
  test("changes many in one transaction and names only those that changed", async () => {
    const ids = await Promise.all([
      addPicture(server, { label: "same" }),
      addPicture(server),
      addPicture(server),
    ]);
    const { updateEntities } = await server.run(UPDATE_MANY, {
      ids: [...ids, ids[0]],
      input: { label: "same" },
    });
    expect(updateEntities.ids).toEqual(ids.slice(1));
    expect(updateEntities.transaction?.entityCount).toBe(2);
  });

  test("changes none when one is unknown", async () => {
    const id = await addPicture(server, { label: "kept" });
    expect(
      (await server.fail(UPDATE_MANY, { ids: [id, "4242424"], input: { label: "x" } })).extensions.code,
    ).toBe("NOT_FOUND");
    expect((await getEntity(server, id)).label).toBe("kept");
  });

  test("refuses a cycle hidden among many", async () => {
    const top = await addCollection(server, "top");
    const low = await addCollection(server, "low", top);
    const other = await addPicture(server);
    const error = await server.fail(UPDATE_MANY, { ids: [other, top], input: { parentId: low } });
    expect(error.extensions.code).toBe("PARENT_CYCLE");
    expect((await getEntity(server, other)).parentId).toBeNull();
  });
});
