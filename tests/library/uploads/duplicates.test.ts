import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { CREATE_COLLECTION, ENTITY, HARD_DELETE, SOFT_DELETE, VERSIONS } from "../../support/documents.ts";
import { makeJpeg } from "../../support/pictures.ts";
import { startSharedServer, type TestServer } from "../../support/server.ts";
import { expectConsistent, tryUpload, upload } from "../../support/uploading.ts";

let server: TestServer;
let bytes: Buffer;
let id: string;
let filePath: string;

beforeAll(async () => {
  server = await startSharedServer();
});
afterAll(() => server.stop());

beforeEach(async () => {
  bytes = await makeJpeg();
  const { entity } = await upload(server, bytes, { name: "first.jpg", label: "first" });
  [id, filePath] = [entity.id, entity.filePath!];
});

afterEach(async () => {
  // Whatever a test did: the first upload's bytes are never touched by a second one.
  expect(await readFile(join(server.mediaDir, filePath))).toEqual(bytes);
  await expectConsistent(server);
});

const versionCount = async () => (await server.run(VERSIONS, { id })).entity?.versions.pagination.totalItems;

describe("REJECT", () => {
  test("refuses a live twin with 409, and names it", async () => {
    const { status, outcome, extensions } = await tryUpload(server, bytes);
    expect({ status, outcome }).toEqual({ status: 409, outcome: "DUPLICATE_FILE" });
    expect(extensions?.["existing"]).toEqual({ id, isDeleted: false });
  });

  test("refuses the same bytes under another name", async () => {
    expect((await tryUpload(server, bytes, { name: "other.png" })).outcome).toBe("DUPLICATE_FILE");
    expect(await versionCount()).toBe(1);
  });

  test("refuses a trashed twin, says that it is in the trash, and leaves it there", async () => {
    await server.run(SOFT_DELETE, { id });
    const { outcome, extensions, message } = await tryUpload(server, bytes);
    expect(outcome).toBe("DUPLICATE_FILE");
    expect(extensions?.["existing"]).toEqual({ id, isDeleted: true });
    expect(message).toContain("RESTORE_IF_TRASHED");
    expect((await server.run(ENTITY, { id })).entity?.isDeleted).toBe(true);
  });
});

describe("RETURN_EXISTING", () => {
  test.each([false, true])("answers the twin and writes nothing (trashed: %s)", async (isTrashed) => {
    if (isTrashed) await server.run(SOFT_DELETE, { id });
    const before = await versionCount();
    const said = { onDuplicate: "RETURN_EXISTING", label: "second", name: "second.jpg" } as const;
    const { status, entity, transaction } = await upload(server, bytes, said);
    expect({ status, transaction }).toEqual({ status: "DUPLICATE", transaction: null });
    expect(entity).toMatchObject({ id, label: "first", originalName: "first.jpg", isDeleted: isTrashed });
    expect(await versionCount()).toBe(before);
  });
});

describe("RESTORE_IF_TRASHED", () => {
  test("takes a trashed twin out of the trash, as a new version of it", async () => {
    await server.run(SOFT_DELETE, { id });
    const { status, entity, transaction } = await upload(server, bytes, {
      onDuplicate: "RESTORE_IF_TRASHED",
    });
    expect(status).toBe("RESTORED");
    expect(entity).toMatchObject({ id, label: "first", isDeleted: false, version: 3 });
    expect(transaction).toMatchObject({ operation: "uploadEntity", entityCount: 1 });
    const { entity: seen } = await server.run(VERSIONS, { id });
    expect(seen?.versions.items.map(({ operation }) => operation)).toEqual([
      "RESTORE",
      "SOFT_DELETE",
      "CREATE",
    ]);
  });

  test("refuses a live twin as REJECT does", async () => {
    const { status, outcome } = await tryUpload(server, bytes, { onDuplicate: "RESTORE_IF_TRASHED" });
    expect({ status, outcome }).toEqual({ status: 409, outcome: "DUPLICATE_FILE" });
  });

  test("refuses a twin whose collection is in the trash too, and says so", async () => {
    const { createCollection } = await server.run(CREATE_COLLECTION, { input: { label: "box" } });
    const parentId = createCollection.entity.id;
    const inside = await makeJpeg();
    const { entity } = await upload(server, inside, { parentId });
    await server.run(SOFT_DELETE, { id: parentId });
    const { outcome } = await tryUpload(server, inside, { onDuplicate: "RESTORE_IF_TRASHED" });
    expect(outcome).toBe("BAD_USER_INPUT");
    expect((await server.run(ENTITY, { id: entity.id })).entity?.isDeleted).toBe(true);
  });
});

test("takes a hard-deleted file again, as a new entity with a new id", async () => {
  await server.run(HARD_DELETE, { id });
  expect(await server.listFiles()).not.toContain(filePath);
  const { status, entity } = await upload(server, bytes);
  expect(status).toBe("CREATED");
  expect(entity.id).not.toBe(id);
  expect(entity.version).toBe(1);
});
