import { copyFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { openDatabase } from "../../src/database/sqlite/database.ts";
import { sql, temporaryDatabase, temporaryFolder } from "./temporary.ts";

test("makes the folder it is asked to live in", () => {
  const path = join(temporaryFolder(), "deep", "down", "library.db");
  openDatabase(path).close();
  expect(existsSync(path)).toBe(true);
});

test("exclusive work runs one at a time in the order asked", async () => {
  const database = temporaryDatabase();
  const steps: string[] = [];
  await Promise.all(
    ["a", "b", "c"].map((name) =>
      database.exclusive(async () => {
        steps.push(`${name} begins`);
        await setImmediate();
        steps.push(`${name} ends`);
      }),
    ),
  );
  expect(steps).toEqual(["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
});

test("work that throws inside a transaction is undone, and the next one gets its turn", async () => {
  const database = temporaryDatabase("CREATE TABLE t (n)");
  const failing = database.exclusive((writer) => {
    writer.exec("BEGIN IMMEDIATE; INSERT INTO t VALUES (1)");
    throw new Error("no");
  });
  await expect(failing).rejects.toThrow("no");
  expect(await database.exclusive((writer) => writer.inTransaction)).toBe(false);
  expect(database.reader.all(sql`SELECT * FROM t`)).toEqual([]);
});

test("a transaction left open is rolled back and reported", async () => {
  const database = temporaryDatabase("CREATE TABLE t (n)");
  const forgetful = database.exclusive((writer) => {
    writer.exec("BEGIN IMMEDIATE; INSERT INTO t VALUES (1)");
  });
  await expect(forgetful).rejects.toThrow("left open");
  expect(database.writer.inTransaction).toBe(false);
});

test("asking for the writer within exclusive fails instead of waiting for itself; afterwards it is granted", async () => {
  const database = temporaryDatabase();
  let later: Promise<number> | undefined;
  await database.exclusive(async () => {
    await expect(database.exclusive(() => 1)).rejects.toThrow("would wait forever");
    await expect(database.acquire()).rejects.toThrow("would wait forever");
    later = setImmediate().then(() => database.exclusive(() => 2));
  });
  expect(await later).toBe(2);
});

test("a turn given back twice is one turn", async () => {
  const database = temporaryDatabase();
  const release = await database.acquire();
  const second = database.acquire();
  release();
  const releaseSecond = await second;
  let third = false;
  const waiting = database.exclusive(() => (third = true));
  release();
  await setImmediate();
  expect(third).toBe(false);
  releaseSecond();
  await waiting;
});

test("after close one file is the whole database", () => {
  const folder = temporaryFolder();
  const database = openDatabase(join(folder, "library.db"));
  database.writer.exec("CREATE TABLE t (n); INSERT INTO t VALUES (7)");
  database.reader.all(sql`SELECT * FROM t`);
  database.close();
  copyFileSync(join(folder, "library.db"), join(folder, "copy.db"));
  const copy = openDatabase(join(folder, "copy.db"));
  expect(copy.reader.all(sql`SELECT * FROM t`)).toEqual([{ n: 7 }]);
  copy.close();
});
