import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkLibrary } from "../../bench/library-check.ts";
import { seedLibrary } from "../../bench/seed.ts";
import { applyMigrations } from "../../src/database/sqlite/migrations.ts";
import { sql } from "../../src/database/sql.ts";
import { openDatabase, type Database } from "../../src/database/sqlite/database.ts";

let dir: string;
let seeded: Database;
let fresh: Database;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "colan-seed-"));
  await seedLibrary(join(dir, "seeded.db"), 1200);
  seeded = openDatabase(join(dir, "seeded.db"));
  fresh = openDatabase(join(dir, "fresh.db"));
  await applyMigrations(fresh);
});
afterAll(async () => {
  seeded.close();
  fresh.close();
  await rm(dir, { recursive: true, force: true });
});

const count = (from: ReturnType<typeof sql>) =>
  seeded.reader.get<{ n: number }>(sql`SELECT COUNT(*) AS n FROM ${from}`)?.n;

describe("a library seeded through the fast path", () => {
  test("has every table, index and trigger of any other, to the letter", () => {
    const schemaOf = ({ reader }: Database) =>
      reader.all(sql`SELECT "type", "name", "tbl_name", "sql" FROM sqlite_schema ORDER BY "type", "name"`);
    expect(schemaOf(seeded)).toEqual(schemaOf(fresh));
  });

  test("passes every check, SQLite's own too", async () => {
    await seeded.exclusive((writer) => {
      checkLibrary(writer, 1200);
    });
    expect(seeded.reader.all(sql`PRAGMA integrity_check`)).toEqual([{ integrity_check: "ok" }]);
    expect(seeded.reader.all(sql`PRAGMA foreign_key_check`)).toEqual([]);
  });

  test("has a history: described and trashed in transactions of their own", () => {
    expect(count(sql`"Entity" WHERE "isDeleted"`)).toBeGreaterThan(40);
    expect(count(sql`"EntityVersion" WHERE "operation" = 'SOFT_DELETE'`)).toBe(
      count(sql`"Entity" WHERE "isDeleted"`),
    );
    expect(count(sql`"EntityVersion" WHERE "operation" = 'UPDATE'`)).toBeGreaterThan(40);
    expect(count(sql`"EntityVersion" WHERE "untilTransactionId" IS NULL`)).toBe(1200);
  });

  test("is refused by the check when something is missing", async () => {
    await expect(
      seeded.exclusive((writer) => {
        writer.exec(`UPDATE "Counter" SET "value" = "value" + 1 WHERE "name" = 'versions'`);
        checkLibrary(writer, 1200);
      }),
    ).rejects.toThrow("the totals called versions");
  });
});
