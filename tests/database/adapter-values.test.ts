import { describe, expect, test } from "vitest";
import { prismaAdapter } from "../../src/database/sqlite/adapter.ts";
import { sql, temporaryDatabase } from "./temporary.ts";
import { temporaryClient } from "./temporary-client.ts";

describe("values come back as they went in", () => {
  test.each([0n, -1n, 2n ** 31n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)])(
    "BigInt %s",
    async (value) => {
      const { client } = await temporaryClient();
      await client.counter.create({ data: { name: "a", value } });
      expect(await client.counter.findMany({ where: { value } })).toEqual([{ name: "a", value }]);
    },
  );

  test.each(["1969-12-31T23:59:59.999Z", "2024-02-29T12:00:00.001Z", "9999-12-31T23:59:59.999Z"])(
    "DateTime %s, stored as UTC milliseconds",
    async (text) => {
      const { client, database } = await temporaryClient();
      const at = new Date(text);
      await client.transaction.create({ data: { at, operation: "TEST" } });
      expect(await client.transaction.findFirst({ where: { at: { gte: at, lte: at } } })).toMatchObject({
        at,
      });
      expect(database.reader.get(sql`SELECT at, typeof(at) AS type FROM "Transaction"`)).toEqual({
        at: at.getTime(),
        type: "integer",
      });
    },
  );

  test("booleans, whole floats, nulls and text beyond the basic plane", async () => {
    const { client } = await temporaryClient();
    const data = { isCollection: true, label: "🦅 'quoted' \"twice\"", latitude: 7, iso: null };
    const { id } = await client.entity.create({ data });
    expect(await client.entity.findUnique({ where: { id } })).toMatchObject({ ...data, isDeleted: false });
    expect(await client.entity.count({ where: { isCollection: true, latitude: 7 } })).toBe(1);
  });

  test("more values than SQLite takes in one statement", async () => {
    const { client } = await temporaryClient();
    const paths = Array.from({ length: 33_000 }, (_, index) => `2024/01/01/${index}`);
    await client.fileRemoval.createMany({
      data: [0, 20_000, 32_999].map((index) => ({ filePath: paths[index]! })),
    });
    expect(await client.fileRemoval.findMany({ where: { filePath: { in: paths } } })).toHaveLength(3);
  });

  test("raw queries: expressions by their value, bytes, and columns by their declared type", async () => {
    const { client } = await temporaryClient();
    await client.transaction.create({ data: { at: new Date(5), operation: "TEST" } });
    const bytes = new Uint8Array([0, 1, 255]);
    expect(
      await client.$queryRaw`
        SELECT 1 AS whole, 1.5 AS part, 'x' AS text, ${bytes} AS bytes, NULL AS none, ${2n ** 60n} AS large, at, id
        FROM "Transaction"`,
    ).toEqual([
      { whole: 1n, part: 1.5, text: "x", bytes, none: null, large: 2n ** 60n, at: new Date(5), id: 1 },
    ]);
  });
});

describe("refusals reach the caller", () => {
  const original = (md5: string, filePath: string) => ({
    ...{ md5, filePath, sha256: "s", fileSize: 1, mimeType: "image/png", extension: "png", metadata: "{}" },
    storedAt: new Date(0),
  });

  test("a value taken already, with the fields' names", async () => {
    const { client } = await temporaryClient();
    await client.original.create({ data: original("m", "p") });
    await expect(client.original.create({ data: original("m", "q") })).rejects.toMatchObject({
      code: "P2002",
      meta: { driverAdapterError: { cause: { constraint: { fields: ["md5"] }, table: "Original" } } },
    });
  });

  test("an expression's index by its name", async () => {
    const { client } = await temporaryClient();
    await client.$executeRaw`CREATE UNIQUE INDEX once ON Counter (lower(name))`;
    await client.counter.create({ data: { name: "a", value: 0 } });
    await expect(client.counter.create({ data: { name: "A", value: 0 } })).rejects.toMatchObject({
      code: "P2002",
      meta: { driverAdapterError: { cause: { constraint: { index: "once" } } } },
    });
  });

  test("a reference to nothing, and deleting what is referred to", async () => {
    const { client } = await temporaryClient();
    const tombstone = { entityId: 1, version: 1, isCollection: false, addedAt: new Date(0) };
    await expect(
      client.tombstone.create({ data: { ...tombstone, transactionId: 99 } }),
    ).rejects.toMatchObject({ code: "P2003" });
    const { id } = await client.transaction.create({ data: { at: new Date(0), operation: "TEST" } });
    await client.tombstone.create({ data: { ...tombstone, transactionId: id } });
    await expect(client.transaction.delete({ where: { id } })).rejects.toMatchObject({ code: "P2003" });
  });

  test("an absent value", async () => {
    const { client } = await temporaryClient();
    const insert = client.$executeRaw`INSERT INTO Counter (name) VALUES ('a')`;
    await expect(insert).rejects.toThrow("NOT NULL constraint failed: Counter.value");
  });

  test("a trigger's own sentence", async () => {
    // @prisma/adapter-better-sqlite3 turns it into "Foreign key constraint violated".
    const { client, database } = await temporaryClient();
    database.writer.exec(`CREATE TRIGGER rising BEFORE UPDATE ON Counter WHEN new.value < old.value
      BEGIN SELECT RAISE(ABORT, 'counters only rise'); END`);
    await client.counter.create({ data: { name: "a", value: 2 } });
    const update = client.counter.update({ where: { name: "a" }, data: { value: 1 } });
    // The message alone proves nothing: Prisma quotes the source above the call in it, this trigger included.
    await expect(update).rejects.toMatchObject({
      meta: { driverAdapterError: { cause: { kind: "sqlite", message: "counters only rise" } } },
    });
    await expect(update).rejects.toThrow("Message: `counters only rise`");
  });

  test("an unknown table and an unknown column", async () => {
    const adapter = await prismaAdapter(temporaryDatabase("CREATE TABLE t (n)")).connect();
    const query = (text: string) => adapter.queryRaw({ sql: text, args: [], argTypes: [] });
    await expect(query("SELECT * FROM nowhere")).rejects.toMatchObject({
      cause: { kind: "TableDoesNotExist", table: "nowhere" },
    });
    await expect(query("SELECT m FROM t")).rejects.toMatchObject({
      cause: { kind: "ColumnNotFound", column: "m" },
    });
    await expect(query("INSERT INTO t (m) VALUES (1)")).rejects.toMatchObject({
      cause: { kind: "ColumnNotFound", column: "m" },
    });
  });
});
