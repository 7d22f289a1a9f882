import { beforeEach, describe, expect, test } from "vitest";
import type { TrashScope } from "../../generated/graphql.ts";
import { HARD_DELETE, RESTORE, SOFT_DELETE, UPDATE, UPLOAD } from "../../support/documents.ts";
import { found } from "../../support/finding.ts";
import { addCollection } from "../../support/library.ts";
import { makeJpeg } from "../../support/pictures.ts";
import { startServer, type TestServer } from "../../support/server.ts";

let server: TestServer;
let id: string;

const isFound = async (search: string, trash: TrashScope = "LIVE") =>
  (await found(server, { search, trash })).length > 0;

beforeEach(async () => {
  server = await startServer();
  const bytes = await makeJpeg();
  const input = { file: null, label: "first label", description: "first words" };
  const { uploadEntity } = await server.run(UPLOAD, { input }, [
    { at: "input.file", bytes, name: "Großvater 1950.jpg" },
  ]);
  id = uploadEntity.entity.id;
});

describe("the index follows", () => {
  test("an upload", async () => {
    expect(await isFound("label:first description:words name:1950")).toBe(true);
    expect(await isFound("großvater")).toBe(true);
    expect(await isFound("jpg")).toBe(true);
  });

  test("a new label, forgetting the old one", async () => {
    await server.run(UPDATE, { id, input: { label: "second" } });
    expect(await isFound("label:first")).toBe(false);
    expect(await isFound("label:second")).toBe(true);
    expect(await isFound("first")).toBe(true);
  });

  test("a label and a description that are taken away", async () => {
    await server.run(UPDATE, { id, input: { label: null, description: null } });
    expect(await isFound("first")).toBe(false);
    expect(await isFound("1950")).toBe(true);
    await server.run(UPDATE, { id, input: { label: "back" } });
    expect(await isFound("back")).toBe(true);
  });

  test("the trash and back", async () => {
    await server.run(SOFT_DELETE, { id });
    expect(await isFound("first")).toBe(false);
    expect(await isFound("first", "TRASHED")).toBe(true);
    expect(await isFound("first", "ANY")).toBe(true);
    await server.run(RESTORE, { id });
    expect(await isFound("first")).toBe(true);
    expect(await isFound("first", "TRASHED")).toBe(false);
  });

  test("a hard delete", async () => {
    await server.run(SOFT_DELETE, { id });
    await server.run(HARD_DELETE, { id });
    expect(await isFound("first", "ANY")).toBe(false);
    // An index that still held the row would give it to the next one that matches nothing.
    await addCollection(server, "another");
    expect(await found(server, { search: "-nothing", trash: "ANY" })).toEqual(["another"]);
  });

  test("all of it, as SQLite's own check of the index says", async () => {
    await server.run(UPDATE, { id, input: { label: "second", description: null } });
    const other = await addCollection(server, "other");
    await server.run(SOFT_DELETE, { id: other });
    await server.run(HARD_DELETE, { id: other });
    // Compares every indexed word with the rows (https://sqlite.org/fts5.html#the_integrity_check_command).
    await server.app.deps.db.transaction({ operation: "check", actor: null, reason: null }, ({ prisma }) =>
      prisma.$executeRawUnsafe(
        `INSERT INTO "Entity_fts" ("Entity_fts", "rank") VALUES ('integrity-check', 1)`,
      ),
    );
  });
});
