import { beforeEach, expect, test } from "vitest";
import { sql } from "../../../src/database/sql.ts";
import { openDatabase } from "../../../src/database/sqlite/database.ts";
import { rebuildIndex } from "../../../src/database/sqlite/text-index.ts";
import { seededRandom } from "../../../bench/random.ts";
import { plantFiles } from "../../support/planted.ts";
import { readSeed } from "../../support/seed.ts";
import { startServer, type TestServer } from "../../support/server.ts";

let server: TestServer;
beforeEach(async () => {
  server = await startServer();
});

const opening = { operation: "test", actor: null, reason: null };

/** Every word of the index with its row, column and place (https://sqlite.org/fts5.html#the_fts5vocab_virtual_table_module). */
function readIndex(path: string, remake: boolean): string[] {
  const database = openDatabase(path);
  try {
    const { writer } = database;
    if (remake) rebuildIndex(writer);
    writer.exec(`CREATE VIRTUAL TABLE temp.words USING fts5vocab('main', 'Entity_fts', 'instance')`);
    return writer
      .all<object>(sql`SELECT * FROM temp.words ORDER BY doc, col, "offset"`)
      .map((row) => JSON.stringify(row));
  } finally {
    database.close();
  }
}

const texts = ["cat", "black cat", "東京都", "😀", "IMG_2041.JPG", "Čapek", null, "dog"];

test("the index after any history is the one that would be made again", async () => {
  const seed = readSeed();
  const random = seededRandom(seed);
  const { db } = server.app.deps;
  const ids: number[] = [];
  const some = () => ids.filter(() => random.below(3) === 0);
  const text = () => random.pick(texts);
  for (let step = 0; step < 60; step++) {
    const data = { label: text(), description: text(), originalName: text(), keywords: text() };
    if (step % 6 === 0) ids.push(...(await plantFiles(server, [data, { label: text() }])).map(Number));
    const rolledBack = random.below(5) === 0;
    await db
      .transaction(opening, async ({ prisma }) => {
        // Several writes to the same rows in one transaction, too.
        for (let write = 0; write <= random.below(3); write++) {
          const where = { id: { in: some() } };
          const kind = random.below(4);
          if (kind === 0) await prisma.entity.updateMany({ where, data: { isDeleted: true } });
          if (kind === 1) await prisma.entity.updateMany({ where, data: { isDeleted: false } });
          if (kind === 2) await prisma.entity.updateMany({ where, data });
          if (kind === 3) await prisma.entity.updateMany({ where, data: { iso: step } });
        }
        const gone = random.below(6) === 0 ? random.pick(ids) : null;
        if (gone != null) await prisma.entity.deleteMany({ where: { id: gone } });
        if (rolledBack) throw new Error("never mind");
      })
      .catch((error: unknown) => {
        if (!rolledBack) throw error;
      });
  }
  await server.stop();
  const kept = readIndex(server.databasePath, false);
  expect(kept.length, `seed ${seed}`).toBeGreaterThan(20);
  expect(kept, `seed ${seed}`).toEqual(readIndex(server.databasePath, true));
});

test("a transaction with more rows than one lot is indexed whole", async () => {
  const { db } = server.app.deps;
  const count = async (expression: string) =>
    (
      await db.reader.get<{ n: number }>(
        sql`SELECT COUNT(*) AS n FROM "Entity_fts" WHERE "Entity_fts" MATCH ${expression}`,
      )
    )?.n;
  const data = Array.from({ length: 4500 }, () => ({ label: "before" }));
  await db.transaction(opening, ({ prisma }) => prisma.entity.createMany({ data }));
  expect(await count("before")).toBe(4500);
  await db.transaction(opening, ({ prisma }) => prisma.entity.updateMany({ data: { label: "after" } }));
  expect(await count("before")).toBe(0);
  expect(await count("after")).toBe(4500);
});

test("an index of another revision is made again at the start, and says so", async () => {
  await plantFiles(server, [{ label: "cat" }]);
  await server.stop();
  const database = openDatabase(server.databasePath);
  database.writer.exec(`
    INSERT INTO "Entity_fts" ("Entity_fts") VALUES ('delete-all');
    UPDATE "Counter" SET "value" = 0 WHERE "name" = 'search.revision'`);
  database.close();
  const again = await server.restart({ LOG_LEVEL: "info" });
  const { reader } = again.app.deps.db;
  expect(await reader.all(sql`SELECT rowid FROM "Entity_fts" WHERE "Entity_fts" MATCH 'cat'`)).toEqual([
    { rowid: 1 },
  ]);
  expect(again.log.join()).toContain("made again");
});

// The index is walked by id where newest arrivals are asked for.
test("who arrives later has the higher id, even when the clock goes back", async () => {
  let now = Date.UTC(2024, 0, 2);
  const other = await startServer({ clock: { now: () => now } });
  for (const step of [0, -86_400_000, 1000, -5]) {
    now += step;
    await plantFiles(other, [{ label: "one" }, { label: "two" }]);
  }
  const ids = async (order: string) =>
    (
      await other.app.deps.db.reader.all<{ id: number }>({
        sql: `SELECT "id" FROM "Entity" ORDER BY ${order}`,
        values: [],
      })
    ).map(({ id }) => id);
  expect(await ids(`"addedAt", "id"`)).toEqual(await ids(`"id"`));
});
