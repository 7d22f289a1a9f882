import { spawnSync } from "node:child_process";
import Libsql from "libsql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { UPDATE } from "../../support/documents.ts";
import { ADD, CREATE_ALBUM } from "../../library/albums/documents.ts";
import { addPicture } from "../../support/library.ts";
import { runScripts, testEngine } from "../../support/postgres.ts";
import { startSharedServer, type TestServer } from "../../support/server.ts";

const hasShell = testEngine === "sqlite" && spawnSync("sqlite3", ["--version"]).status === 0;

let server: TestServer;
let id: string;
beforeAll(async () => {
  server = await startSharedServer();
  id = await addPicture(server, { label: "guarded" });
  await server.run(UPDATE, { id, input: { label: "guarded twice" } });
  const { createCollection } = await server.run(CREATE_ALBUM, { label: "guarded" });
  await server.run(ADD, { id: createCollection.entity.id, entityIds: [id] });
});
afterAll(() => server.stop());

/** It would go past the guards of rows. SQLite knows no such statement; CASCADE, or foreign keys would refuse it first. */
const emptyings: [string, string, RegExp][] =
  testEngine === "sqlite"
    ? []
    : [
        [
          "emptying Entity",
          `TRUNCATE "Entity" CASCADE`,
          /entities are versioned: rows are destroyed only inside/,
        ],
        [
          "emptying EntityVersion",
          `TRUNCATE "EntityVersion"`,
          /versions are destroyed only with their entity/,
        ],
        ["emptying Transaction", `TRUNCATE "Transaction" CASCADE`, /transactions are never deleted/],
        ["emptying AlbumMember", `TRUNCATE "AlbumMember"`, /places in an album are destroyed only with/],
        ["emptying Tombstone", `TRUNCATE "Tombstone"`, /tombstones are never deleted/],
        ["emptying Original", `TRUNCATE "Original" CASCADE`, /an original stays as long as/],
      ];

/** What somebody with the database and no regard for the program can try; foreign keys off, as sqlite3 has them. */
const bypasses: [string, string, RegExp][] = [
  ...emptyings,
  [
    "an UPDATE",
    `UPDATE "Entity" SET "label" = 'x'`,
    /entities are versioned: rows change only inside a recorded transaction/,
  ],
  [
    "an UPDATE with the next version",
    `UPDATE "Entity" SET "label" = 'x', "version" = "version" + 1`,
    /entities are versioned/,
  ],
  ["an INSERT", `INSERT INTO "Entity" ("version", "transactionId") VALUES (1, 1)`, /entities are versioned/],
  ["a DELETE", `DELETE FROM "Entity"`, /entities are versioned: rows are destroyed only inside/],
  ["changing a version", `UPDATE "EntityVersion" SET "label" = 'x'`, /a version never changes/],
  [
    "ending a version",
    `UPDATE "EntityVersion" SET "untilTransactionId" = 1 WHERE "version" = 2`,
    /a version ends once/,
  ],
  [
    "deleting an old version",
    `DELETE FROM "EntityVersion" WHERE "version" = 1`,
    /versions are destroyed only with their entity/,
  ],
  [
    "deleting the current version",
    `DELETE FROM "EntityVersion" WHERE "version" = 2`,
    /the current one never/,
  ],
  [
    "adding a member",
    `INSERT INTO "AlbumMember" ("albumId", "entityId", "position", "transactionId") SELECT 2, 1, 'z', MAX("id") FROM "Transaction"`,
    /members are added to an album only with its next version/,
  ],
  ["moving a member", `UPDATE "AlbumMember" SET "position" = 'z'`, /a place in an album ends once/],
  [
    "taking a member out",
    `UPDATE "AlbumMember" SET "untilTransactionId" = 4`,
    /a place in an album ends once/,
  ],
  ["forgetting a member", `DELETE FROM "AlbumMember"`, /places in an album are destroyed only with/],
  ["rewriting a reason", `UPDATE "Transaction" SET "reason" = 'x'`, /a transaction never changes/],
  ["pointing an original elsewhere", `UPDATE "Original" SET "filePath" = 'x'`, /an original never changes/],
  ["deleting an original", `DELETE FROM "Original"`, /an original stays as long as/],
  ["rewriting a reason", `UPDATE "Transaction" SET "reason" = 'x'`, /a transaction never changes/],
  ["pointing an original elsewhere", `UPDATE "Original" SET "filePath" = 'x'`, /an original never changes/],
  ["deleting an original", `DELETE FROM "Original"`, /an original stays as long as/],
  ["deleting a transaction", `DELETE FROM "Transaction"`, /transactions are never deleted/],
  [
    "an UPDATE inside a transaction it opens itself, without a snapshot",
    `BEGIN; INSERT INTO "Transaction" ("at", "operation") VALUES ('2024-01-01T00:00:00.000Z', 'x');
     INSERT INTO "OpenTransaction" SELECT 1, MAX("id") FROM "Transaction";
     UPDATE "Entity" SET "label" = 'x', "version" = "version" + 1, "transactionId" = (SELECT "transactionId" FROM "OpenTransaction");
     DELETE FROM "OpenTransaction"; COMMIT`,
    /without leaving its version behind/,
  ],
];

/** Runs a script on a connection of its own. */
async function execute(script: string): Promise<void> {
  if (testEngine === "postgres") return runScripts(server.databaseUrl, script);
  const database = new Libsql(server.databasePath);
  try {
    database.exec("PRAGMA foreign_keys = OFF");
    database.exec(script);
  } finally {
    database.close();
  }
}

describe.each(bypasses)("the database refuses %s", (_case, sql, sentence) => {
  test("from another connection", async () => {
    await expect(execute(sql)).rejects.toThrow(sentence);
  });

  test.skipIf(!hasShell)("from the sqlite3 shell", () => {
    const { status, stderr } = spawnSync("sqlite3", ["-bail", server.databasePath, sql], {
      encoding: "utf8",
    });
    expect(status).not.toBe(0);
    expect(stderr).toMatch(sentence);
  });
});

test("an identity column stays, even inside a recorded transaction", async () => {
  const { db } = server.app.deps;
  const opening = { operation: "test", actor: null, reason: null };
  const change = db.transaction(opening, ({ prisma }) =>
    prisma.entity.update({ where: { id: Number(id) }, data: { isCollection: true } }),
  );
  await expect(change).rejects.toThrow("an entity keeps its id, its kind and the time it was added");
  const rekind = db.transaction(opening, ({ prisma }) =>
    prisma.entity.update({ where: { id: 2 }, data: { kind: null } }),
  );
  await expect(rekind).rejects.toThrow("an entity keeps its id, its kind and the time it was added");
});

test("nothing of all that has changed anything", async () => {
  const { reader } = server.app.deps.db;
  const count = (table: string) => reader.get({ sql: `SELECT COUNT(*) AS "n" FROM "${table}"`, values: [] });
  expect(
    await reader.all({ sql: `SELECT "label", "version" FROM "Entity" ORDER BY "id"`, values: [] }),
  ).toEqual([
    { label: "guarded twice", version: 2 },
    { label: "guarded", version: 2 },
  ]);
  expect(await count("EntityVersion")).toEqual({ n: 4 });
  expect(await count("AlbumMember")).toEqual({ n: 1 });
  expect(await count("OpenTransaction")).toEqual({ n: 0 });
});
