import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { DatabaseTooNewError, MigrationError } from "../../src/database/engine.ts";
import { applyMigrations } from "../../src/database/sqlite/migrations.ts";
import { openDatabase } from "../../src/database/sqlite/database.ts";
import { sql, temporaryDatabase, temporaryFolder } from "./temporary.ts";

const tree = `CREATE TABLE tree (id INTEGER PRIMARY KEY, up INTEGER REFERENCES tree (id) ON DELETE CASCADE);
  INSERT INTO tree VALUES (1, NULL), (2, 1);`;
const trigger = `CREATE TRIGGER kept BEFORE DELETE ON tree BEGIN
    SELECT RAISE(ABORT, 'no; never'); -- a ; inside
  END;`;

/** A folder of migrations; a name already there is overwritten. */
function migrationsOf(
  files: Readonly<Record<string, string>>,
  dir = join(temporaryFolder(), "migrations"),
): string {
  mkdirSync(dir, { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(dir, name), { recursive: true });
    writeFileSync(join(dir, name, "migration.sql"), text);
  }
  return dir;
}

const recorded = sql`SELECT migration_name AS name FROM _prisma_migrations ORDER BY rowid`;

test("applies what is missing in the order of the names, once", async () => {
  const database = temporaryDatabase();
  const dir = migrationsOf({ "20240102_trigger": trigger, "20240101_tree": tree });
  writeFileSync(join(dir, "migration_lock.toml"), 'provider = "sqlite"');
  expect(await applyMigrations(database, dir)).toEqual(["20240101_tree", "20240102_trigger"]);
  expect(await applyMigrations(database, dir)).toEqual([]);
  migrationsOf({ "20240103_more": "CREATE TABLE more (n)" }, dir);
  expect(await applyMigrations(database, dir)).toEqual(["20240103_more"]);
  expect(() => database.writer.run(sql`DELETE FROM tree`)).toThrow("no; never");
});

test("records them as Prisma does", async () => {
  const database = temporaryDatabase();
  await applyMigrations(database, migrationsOf({ "20240101_tree": tree }));
  const [row] = database.reader.all<{ started_at: number; finished_at: number }>(
    sql`SELECT * FROM _prisma_migrations`,
  );
  expect(row).toEqual({
    id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    checksum: createHash("sha256").update(tree).digest("hex"),
    finished_at: expect.any(Number) as number,
    migration_name: "20240101_tree",
    logs: null,
    rolled_back_at: null,
    started_at: expect.any(Number) as number,
    applied_steps_count: 1,
  });
  expect(row!.finished_at).toBeGreaterThanOrEqual(row!.started_at);
});

test("a migration that fails leaves nothing behind, and those before it stay", async () => {
  const database = temporaryDatabase();
  const dir = migrationsOf({
    "1_tree": tree,
    "2_bad": "CREATE TABLE half (n); INSERT INTO nowhere VALUES (1)",
  });
  await expect(applyMigrations(database, dir)).rejects.toThrow(
    new MigrationError("Migration 2_bad failed and was undone: no such table: nowhere"),
  );
  expect(database.reader.all(recorded)).toEqual([{ name: "1_tree" }]);
  expect(database.reader.all(sql`SELECT name FROM sqlite_schema WHERE name = 'half'`)).toEqual([]);
  expect(database.writer.rows(sql`PRAGMA foreign_keys`).rows).toEqual([[1n]]);
  migrationsOf({ "2_bad": "CREATE TABLE half (n)" }, dir);
  expect(await applyMigrations(database, dir)).toEqual(["2_bad"]);
});

test("a database changed by a newer program is refused and left alone", async () => {
  const database = temporaryDatabase();
  const dir = migrationsOf({ "1_tree": tree, "3_later": "CREATE TABLE later (n)" });
  await applyMigrations(database, dir);
  rmSync(join(dir, "3_later"), { recursive: true });
  migrationsOf({ "2_other": "CREATE TABLE other (n)" }, dir);
  await expect(applyMigrations(database, dir)).rejects.toThrow(DatabaseTooNewError);
  await expect(applyMigrations(database, dir)).rejects.toThrow(/newer version of this program \(3_later\)/);
  expect(database.reader.all(recorded)).toEqual([{ name: "1_tree" }, { name: "3_later" }]);
});

test("a migration whose file was changed after it had been applied is refused", async () => {
  const database = temporaryDatabase();
  const dir = migrationsOf({ "1_tree": tree });
  await applyMigrations(database, dir);
  migrationsOf({ "1_tree": `${tree} ` }, dir);
  await expect(applyMigrations(database, dir)).rejects.toThrow(
    /1_tree was changed after it had been applied/,
  );
});

test("a migration another tool left unfinished is refused, one it rolled back is applied", async () => {
  const database = temporaryDatabase();
  const dir = migrationsOf({ "1_tree": tree });
  await applyMigrations(database, dir);
  database.writer.exec("DROP TABLE tree; UPDATE _prisma_migrations SET finished_at = NULL");
  await expect(applyMigrations(database, dir)).rejects.toThrow(
    /1_tree was begun by another tool and not finished/,
  );
  database.writer.exec("UPDATE _prisma_migrations SET rolled_back_at = 1");
  expect(await applyMigrations(database, dir)).toEqual(["1_tree"]);
});

test("a table made again keeps the rows that refer to it", async () => {
  // With foreign keys on, DROP TABLE first deletes the rows, and ON DELETE CASCADE those below them.
  const database = temporaryDatabase();
  const dir = migrationsOf({
    "1_tree": `${tree} CREATE TABLE leaf (up REFERENCES tree (id) ON DELETE CASCADE);
    INSERT INTO leaf VALUES (2);`,
  });
  await applyMigrations(database, dir);
  const again = `CREATE TABLE new_tree (id INTEGER PRIMARY KEY, up INTEGER REFERENCES tree (id), name TEXT);
    INSERT INTO new_tree (id, up) SELECT id, up FROM tree; DROP TABLE tree; ALTER TABLE new_tree RENAME TO tree;`;
  await applyMigrations(database, migrationsOf({ "2_name": again }, dir));
  expect(database.reader.all(sql`SELECT * FROM leaf JOIN tree ON tree.id = leaf.up`)).toEqual([
    { up: 1, id: 2, name: null },
  ]);
  expect(database.writer.rows(sql`PRAGMA foreign_keys`).rows).toEqual([[1n]]);
});

test("a migration that breaks a reference, or ends its transaction, is undone", async () => {
  const database = temporaryDatabase();
  const dir = migrationsOf({ "1_tree": tree, "2_orphan": "DELETE FROM tree WHERE id = 1" });
  await expect(applyMigrations(database, dir)).rejects.toThrow(
    "it leaves tree with a reference to a missing tree",
  );
  expect(database.reader.all(sql`SELECT count(*) AS n FROM tree`)).toEqual([{ n: 2 }]);
  migrationsOf({ "2_orphan": "CREATE TABLE x (n); ROLLBACK" }, dir);
  await expect(applyMigrations(database, dir)).rejects.toThrow("its SQL ends the transaction it runs in");
});

test("several processes that start at once apply each migration once", async () => {
  const names = Array.from({ length: 8 }, (_, n) => `${n}_table`);
  const dir = migrationsOf(Object.fromEntries(names.map((name) => [name, `CREATE TABLE "${name}" (n)`])));
  const path = join(temporaryFolder(), "library.db");
  const database = openDatabase(path);
  onTestFinished(() => {
    database.close();
  });
  await applyMigrations(database, migrationsOf({}));

  // All of them get as far as they can while somebody else holds the lock; then the race is on.
  database.writer.exec("BEGIN IMMEDIATE");
  const starters = [0, 1, 2].map(() => startMigrating(path, dir));
  for (const { lines } of starters) expect((await lines.next()).value).toBe("ready");
  database.writer.exec("COMMIT");

  const answers = await Promise.all(starters.map(({ lines }) => lines.next()));
  expect(answers.flatMap(({ value }) => JSON.parse(String(value)) as string[]).sort()).toEqual(names);
  expect(await Promise.all(starters.map(({ exitCode }) => exitCode))).toEqual([0, 0, 0]);
  expect(database.reader.all(recorded)).toEqual(names.map((name) => ({ name })));
});

/** A process of its own that says "ready" and then applies the migrations; its lines, and its exit code. */
function startMigrating(path: string, dir: string) {
  const script = `
    import { applyMigrations } from ${JSON.stringify(new URL("../../src/database/sqlite/migrations.ts", import.meta.url).href)};
    import { openDatabase } from ${JSON.stringify(new URL("../../src/database/sqlite/database.ts", import.meta.url).href)};
    const database = openDatabase(process.argv[1]);
    console.log("ready");
    console.log(JSON.stringify(await applyMigrations(database, process.argv[2])));
    database.close();`;
  const args = ["--import", "tsx", "--input-type=module", "--eval", script, path, dir];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const exitCode = new Promise<number | null>((resolve) => child.on("close", resolve));
  return { lines: createInterface(child.stdout)[Symbol.asyncIterator](), exitCode };
}
