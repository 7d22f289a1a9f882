import { setImmediate } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { prismaAdapter } from "../../src/database/sqlite/adapter.ts";
import { openDatabase, type Database } from "../../src/database/sqlite/database.ts";
import type { PrismaClient } from "../../src/database/generated/client.ts";
import { sql, temporaryDatabase } from "./temporary.ts";
import { temporaryClient } from "./temporary-client.ts";

const names = async (client: Pick<PrismaClient, "counter">) =>
  (await client.counter.findMany({ orderBy: { name: "asc" } })).map(({ name }) => name);
const create = (client: Pick<PrismaClient, "counter">, name: string) =>
  client.counter.create({ data: { name, value: 0 } });
const patient = { maxWait: 20_000, timeout: 20_000 };

test("a write beside an open transaction survives that transaction's rollback", async () => {
  // Seen with @prisma/adapter-better-sqlite3: a statement outside an open interactive transaction ran on the same
  // connection, so it joined the transaction, was acknowledged, and vanished with the rollback.
  const { client } = await temporaryClient();
  let outside: Promise<unknown> | undefined;
  const inside = client.$transaction(async (tx) => {
    await create(tx, "inside");
    outside = Promise.all([
      create(client, "outside"),
      client.$executeRaw`INSERT INTO Counter VALUES ('raw', 1)`,
    ]);
    await setImmediate();
    await client.counter.findMany();
    throw new Error("changed my mind");
  }, patient);
  await expect(inside).rejects.toThrow("changed my mind");
  await outside;
  expect(await names(client)).toEqual(["outside", "raw"]);
});

test("settings of the connection outlive transactions", async () => {
  // Seen with @prisma/adapter-libsql: it opens a new connection after each interactive transaction, with SQLite's
  // defaults: no busy_timeout, foreign keys off.
  const { client, database } = await temporaryClient();
  const settings = () =>
    [database.writer, database.reader].map((connection) =>
      ["synchronous", "busy_timeout", "cache_size", "foreign_keys", "query_only"].map(
        (name) => connection.rows({ sql: `PRAGMA ${name}`, values: [] }).rows[0]?.[0],
      ),
    );
  const before = settings();
  await client.$transaction((tx) => create(tx, "kept"));
  await expect(client.$transaction(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(settings()).toEqual(before);
  expect(before[0]).toEqual([2n, 5000n, -65_536n, 1n, 0n]);
});

test("reads go on beside an open transaction and see nothing of it before its commit", async () => {
  const { client } = await temporaryClient();
  await client.$transaction(async (tx) => {
    await create(tx, "new");
    expect(await names(client)).toEqual([]);
    expect(await client.$queryRaw`SELECT count(*) AS n FROM Counter`).toEqual([{ n: 0n }]);
    expect(await names(tx)).toEqual(["new"]);
  });
  expect(await names(client)).toEqual(["new"]);
});

test("fifty transactions at once that read, then write, lose no step", async () => {
  const { client } = await temporaryClient();
  await create(client, "steps");
  const step = () =>
    client.$transaction(async (tx) => {
      const { value } = await tx.counter.findUniqueOrThrow({ where: { name: "steps" } });
      await setImmediate();
      await tx.counter.update({ where: { name: "steps" }, data: { value: value + 1n } });
    }, patient);
  await Promise.all(Array.from({ length: 50 }, step));
  expect((await client.counter.findUniqueOrThrow({ where: { name: "steps" } })).value).toBe(50n);
});

test("raw statements on the writer belong to the open transaction", async () => {
  const { client, database } = await temporaryClient();
  const failing = client.$transaction(async (tx) => {
    await create(tx, "prisma");
    database.writer.run(sql`INSERT INTO Counter VALUES ('raw', 1)`);
    expect(await names(tx)).toEqual(["prisma", "raw"]);
    throw new Error("both go");
  });
  await expect(failing).rejects.toThrow("both go");
  expect(await names(client)).toEqual([]);
});

test("a nested transaction that fails takes only its own writes back", async () => {
  const { client } = await temporaryClient();
  await client.$transaction(async (tx) => {
    await create(tx, "outer");
    await expect(
      tx.$transaction(async (inner) => {
        await create(inner, "inner");
        throw new Error("inner fails");
      }),
    ).rejects.toThrow("inner fails");
    await tx.$transaction((inner) => create(inner, "second"));
  });
  expect(await names(client)).toEqual(["outer", "second"]);
});

test("a batch is one transaction", async () => {
  const { client } = await temporaryClient();
  await expect(client.$transaction([create(client, "a"), create(client, "a")])).rejects.toThrow("Unique");
  expect(await names(client)).toEqual([]);
});

describe("the writer is free again", () => {
  test("after a commit that fails", async () => {
    const { client, database } = await temporaryClient();
    database.writer.exec("CREATE TABLE t (n REFERENCES Original (id) DEFERRABLE INITIALLY DEFERRED)");
    const failing = client.$transaction((tx) => tx.$executeRaw`INSERT INTO t VALUES (99)`);
    await expect(failing).rejects.toThrow("FOREIGN KEY constraint failed");
    expect(database.writer.inTransaction).toBe(false);
    await create(client, "next");
    expect(await client.$queryRaw`SELECT * FROM t`).toEqual([]);
  });

  test("after Prisma's timeout, and the late transaction writes nothing more", async () => {
    const { client } = await temporaryClient();
    const late = client.$transaction(
      async (tx) => {
        await create(tx, "late");
        // Waits for the turn that only the timeout gives back.
        await create(client, "next");
        await create(tx, "too late");
      },
      { timeout: 50 },
    );
    await expect(late).rejects.toThrow(/closed|expired|timeout/i);
    expect(await names(client)).toEqual(["next"]);
  });

  test("after waiting for a turn longer than Prisma's maxWait", async () => {
    const { client } = await temporaryClient();
    let impatient: Promise<unknown> | undefined;
    await client.$transaction(async (tx) => {
      await create(tx, "first");
      impatient = client.$transaction((other) => create(other, "never"), { maxWait: 20 });
      await expect(impatient).rejects.toThrow("Unable to start a transaction");
    }, patient);
    await create(client, "next");
    expect(await names(client)).toEqual(["first", "next"]);
  });

  test("after BEGIN fails because another process writes", async () => {
    const { client, database } = await temporaryClient();
    database.writer.exec("PRAGMA busy_timeout = 1");
    const other = openDatabase(pathOf(database));
    onTestFinished(() => {
      other.close();
    });
    other.writer.exec("BEGIN IMMEDIATE");
    await expect(client.$transaction((tx) => create(tx, "a"))).rejects.toMatchObject({
      message: /timed out|locked/,
    });
    other.writer.exec("ROLLBACK");
    await create(client, "next");
    expect(await names(client)).toEqual(["next"]);
  });
});

const pathOf = ({ reader }: Database) =>
  reader.get<{ file: string }>(sql`SELECT file FROM pragma_database_list`)!.file;

describe("a transaction that SQLite itself rolled back", () => {
  test("when the disk is full, writes nothing more and cannot be committed", async () => {
    const { client, database } = await temporaryClient();
    await create(client, "before");
    const adapter = await prismaAdapter(database).connect();
    const tx = await adapter.startTransaction();
    const insert = (name: string, bytes: number) =>
      tx.executeRaw({
        sql: `INSERT INTO Counter VALUES (?, zeroblob(${bytes}))`,
        args: [name],
        argTypes: [text],
      });
    await insert("small", 10);
    // A limit of pages fails as a full disk does, with SQLITE_FULL.
    const pages = database.writer.rows(sql`PRAGMA page_count`).rows[0]?.[0];
    database.writer.exec(`PRAGMA max_page_count = ${String(pages)}`);
    await expect(insert("large", 100_000)).rejects.toMatchObject({
      cause: { kind: "sqlite", extendedCode: 13 },
    });
    database.writer.exec("PRAGMA max_page_count = 1000000");
    expect(database.writer.inTransaction, "SQLite rolls back by itself").toBe(false);
    await expect(insert("after", 10)).rejects.toMatchObject({ cause: { kind: "TransactionAlreadyClosed" } });
    await expect(tx.commit()).rejects.toThrow("nothing of it has been written");
    await create(client, "next");
    expect(await names(client)).toEqual(["before", "next"]);
  });

  test("by INSERT OR ROLLBACK, fails at commit even when the error was swallowed", async () => {
    const { client } = await temporaryClient();
    await create(client, "a");
    const failing = client.$transaction(async (tx) => {
      await create(tx, "lost");
      await tx.$executeRaw`INSERT OR ROLLBACK INTO Counter VALUES ('a', 1)`.catch(() => undefined);
    });
    await expect(failing).rejects.toThrow("nothing of it has been written");
    expect(await names(client)).toEqual(["a"]);
  });
});

const text = { scalarType: "string", arity: "scalar" } as const;

test("a finished transaction refuses statements and takes a late rollback calmly", async () => {
  const database = temporaryDatabase("CREATE TABLE t (n)");
  const adapter = await prismaAdapter(database).connect();
  const first = await adapter.startTransaction();
  await first.commit();
  const second = await adapter.startTransaction("SERIALIZABLE");
  await first.rollback();
  await expect(
    first.executeRaw({ sql: "INSERT INTO t VALUES (1)", args: [], argTypes: [] }),
  ).rejects.toThrow();
  expect(database.writer.inTransaction, "the second transaction is untouched").toBe(true);
  await second.rollback();
  await expect(adapter.startTransaction("READ COMMITTED")).rejects.toMatchObject({
    cause: { kind: "InvalidIsolationLevel" },
  });
});

test("a WITH that writes, and one that reads, each find their connection", async () => {
  const { client } = await temporaryClient();
  const written = await client.$queryRaw`
    WITH new (name) AS (VALUES ('a'), ('b')) INSERT INTO Counter SELECT name, 1 FROM new RETURNING name`;
  expect(written).toEqual([{ name: "a" }, { name: "b" }]);
  await client.$transaction(async (tx) => {
    await create(tx, "c");
    const beside = client.$queryRaw`/* why */ WITH all_of AS (SELECT * FROM Counter) SELECT count(*) AS n FROM all_of`;
    expect(await beside).toEqual([{ n: 2n }]);
  });
});

test("disconnecting a client leaves the database to its owner", async () => {
  const { client, database } = await temporaryClient();
  await create(client, "a");
  await client.$disconnect();
  expect(database.reader.all(sql`SELECT name FROM Counter`)).toEqual([{ name: "a" }]);
});
