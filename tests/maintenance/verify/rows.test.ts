import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { rebuildDerived } from "../../../src/database/sqlite/rebuild.ts";
import { openConnection } from "../../../src/database/sqlite/connection.ts";
import { repairs, type Kind } from "../../../src/maintenance/verify/kinds.ts";
import { addCollection, addPicture } from "../../support/library.ts";
import { startSharedServer, type TestServer } from "../../support/server.ts";
import { verify } from "./verifying.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startSharedServer();
  const top = await addCollection(server, "top");
  for (let index = 0; index < 4; index++)
    await addPicture(server, { label: `number ${index}`, parentId: top, keywords: { set: ["Rome", "sea"] } });
  await server.app.close();
});
afterAll(() => server.stop());

let copies = 0;
/** The same library, with rows of its own. */
function copyRows() {
  const databasePath = join(server.dir, `copy-${++copies}.db`);
  copyFileSync(server.databasePath, databasePath);
  return { databasePath, mediaDir: server.mediaDir };
}

/** One write past all triggers, as from a shell that knows what it does. */
function damage(databasePath: string, script: string): void {
  const writer = openConnection(databasePath, { readOnly: false });
  try {
    const triggers = writer.all<{ name: string; sql: string }>({
      sql: "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'",
      values: [],
    });
    writer.exec("PRAGMA foreign_keys = OFF");
    for (const { name } of triggers) writer.exec(`DROP TRIGGER "${name}"`);
    writer.exec(script);
    for (const { sql } of triggers) writer.exec(sql);
  } finally {
    writer.close();
  }
}

test.each<[Kind, string]>([
  ["VERSION_WITHOUT_FILE", `UPDATE "EntityVersion" SET "originalId" = NULL WHERE "entityId" = 3`],
  ["ENTITY_AND_VERSION", `UPDATE "Entity" SET "label" = 'else' WHERE "id" = 3`],
  ["ENTITY_AND_VERSION", `DELETE FROM "EntityVersion" WHERE "entityId" = 3`],
  ["ORIGINAL_WITHOUT_VERSION", `DELETE FROM "EntityVersion" WHERE "entityId" = 3`],
  [
    "VERSION_GAP",
    `INSERT INTO "EntityVersion" ("entityId", "version", "operation", "transactionId", "isCollection", "isDeleted", "addedAt", "updatedAt") VALUES (99, 1, 'create', 1, 1, 0, 0, 0)`,
  ],
  [
    "ALBUM_MEMBER",
    `INSERT INTO "AlbumMember" ("albumId", "entityId", "position", "transactionId") VALUES (1, 3, 'a0', 2)`,
  ],
  ["REFERENCE", `UPDATE "Entity" SET "parentId" = 4711 WHERE "id" = 3`],
  ["TALLY", `UPDATE "Tally" SET "count" = "count" + 1 WHERE "field" = 'type'`],
  ["TOTAL", `UPDATE "Counter" SET "value" = 5 WHERE "name" = 'media.live'`],
  ["PLACE_INDEX", `INSERT INTO "Entity_place" VALUES (3, 1, 1, 1, 1)`],
  ["KEYWORD_INDEX", `DELETE FROM "EntityKeyword" WHERE "entityId" = 3 AND "folded" = 'sea'`],
  ["KEYWORD_INDEX", `INSERT INTO "EntityKeyword" VALUES ('ea', 3, 0, 'ea')`],
  [
    "KEYWORD_INDEX",
    `UPDATE "EntityKeyword" SET "keyword" = 'ROME' WHERE "entityId" = 3 AND "folded" = 'rome'`,
  ],
  ["KEYWORD_INDEX", `UPDATE "EntityKeyword" SET "isDeleted" = 1 WHERE "entityId" = 3 AND "folded" = 'rome'`],
  ["SEARCH_INDEX", `DELETE FROM "Entity_fts" WHERE rowid = 3`],
  [
    "SEARCH_INDEX",
    `DELETE FROM "Entity_fts" WHERE rowid = 3; INSERT INTO "Entity_fts" (rowid, "label") VALUES (3, 'a b c d')`,
  ],
  ["ORIGINAL_MISNAMED", `UPDATE "Original" SET "md5" = '${"0".repeat(32)}' WHERE "id" = 3`],
])("%s is found after: %s", async (kind, script) => {
  const library = copyRows();
  expect(await verify(library)).toMatchObject({ lines: [] });
  damage(library.databasePath, script);
  const { findings } = await verify(library);
  const kinds = findings.map((finding) => finding.kind);
  expect(kinds).toContain(kind);
  if (repairs[kind] !== "REBUILD") return;
  // How many have a keyword is counted in the index of keywords.
  const others = kinds.filter((one) => one !== kind && !(kind === "KEYWORD_INDEX" && one === "TALLY"));
  expect(others).toEqual([]);
  const writer = openConnection(library.databasePath, { readOnly: false });
  rebuildDerived(writer);
  writer.close();
  expect(await verify(library)).toMatchObject({ lines: [] });
});
