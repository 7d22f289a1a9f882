import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Db } from "../../../src/database/db.ts";
import { startSharedServer, type TestServer } from "../../support/server.ts";

let server: TestServer;
let db: Db;
beforeAll(async () => {
  server = await startSharedServer();
  db = server.app.deps.db;
});
afterAll(() => server.stop());

const opening = { operation: "test", actor: "tester", reason: null };
const versionsOf = (entityId: number) =>
  db.prisma.entityVersion.findMany({ where: { entityId }, orderBy: { version: "asc" } });
const summary = async (entityId: number) =>
  (await versionsOf(entityId)).map(({ version, operation, label }) => [version, operation, label]);

/** Each of Prisma's ways to write must leave the full row behind. */
describe("the extension snapshots", () => {
  test("create and update, with the whole row", async () => {
    const { id } = await db.prisma.entity.create({ data: { label: "Ä", isCollection: true } });
    await db.prisma.entity.update({ where: { id }, data: { label: { set: "B" }, description: "d" } });
    expect(await summary(id)).toEqual([
      [1, "CREATE", "Ä"],
      [2, "UPDATE", "B"],
    ]);
    const [first, second] = await versionsOf(id);
    const live = await db.prisma.entity.findUniqueOrThrow({ where: { id } });
    expect({ ...second, id }).toMatchObject(live);
    expect(first).toMatchObject({ labelFolded: "a", untilTransactionId: second?.transactionId });
    expect(second).toMatchObject({ labelFolded: "b", untilTransactionId: null });
  });

  test("createMany and createManyAndReturn", async () => {
    await db.prisma.entity.createMany({ data: [{ label: "m1" }, { label: "m2" }] });
    const returned = await db.prisma.entity.createManyAndReturn({
      data: [{ label: "m3" }],
      select: { label: true },
    });
    expect(returned).toEqual([{ label: "m3" }]);
    const many = await db.prisma.entity.findMany({ where: { label: { in: ["m1", "m2", "m3"] } } });
    for (const { id, label } of many) expect(await summary(id)).toEqual([[1, "CREATE", label]]);
    expect(many).toHaveLength(3);
  });

  test("updateMany and updateManyAndReturn, one version for each row", async () => {
    const made = await db.prisma.entity.createManyAndReturn({ data: [{ label: "u" }, { label: "u" }] });
    const ids = made.map(({ id }) => id);
    await db.prisma.entity.updateMany({ where: { id: { in: ids } }, data: { label: "v" } });
    await db.prisma.entity.updateManyAndReturn({ where: { id: { in: ids } }, data: { label: "w" } });
    for (const id of ids)
      expect(await summary(id)).toEqual([
        [1, "CREATE", "u"],
        [2, "UPDATE", "v"],
        [3, "UPDATE", "w"],
      ]);
  });

  test("both sides of upsert", async () => {
    const upsert = (label: string) =>
      db.prisma.entity.upsert({
        where: { md5: "u".repeat(32) },
        create: { label, md5: "u".repeat(32) },
        update: { label },
      });
    const { id } = await upsert("created");
    await upsert("updated");
    expect(await summary(id)).toEqual([
      [1, "CREATE", "created"],
      [2, "UPDATE", "updated"],
    ]);
  });

  test("nested writes: create, createMany, update, updateMany, upsert", async () => {
    const parent = await db.prisma.entity.create({
      data: {
        label: "p",
        isCollection: true,
        children: { create: [{ label: "c1" }, { label: "c2", children: { create: { label: "g" } } }] },
      },
      include: { children: { include: { children: true } } },
    });
    const [first, second] = parent.children;
    const grandchild = second?.children[0];
    if (first == null || second == null || grandchild == null)
      throw new Error("the children were not created");
    await db.prisma.entity.update({
      where: { id: parent.id },
      data: {
        label: "p2",
        children: {
          createMany: { data: [{ label: "c3" }] },
          update: { where: { id: first.id }, data: { label: "c1b" } },
          updateMany: { where: { label: "c2" }, data: { description: "many" } },
          upsert: { where: { id: -1 }, create: { label: "c4" }, update: { label: "never" } },
        },
      },
    });
    expect(await summary(parent.id)).toEqual([
      [1, "CREATE", "p"],
      [2, "UPDATE", "p2"],
    ]);
    expect(await summary(first.id)).toEqual([
      [1, "CREATE", "c1"],
      [2, "UPDATE", "c1b"],
    ]);
    expect(await summary(second.id)).toEqual([
      [1, "CREATE", "c2"],
      [2, "UPDATE", "c2"],
    ]);
    expect(await summary(grandchild.id)).toEqual([[1, "CREATE", "g"]]);
    for (const label of ["c3", "c4"]) {
      const { id } = await db.prisma.entity.findFirstOrThrow({ where: { label } });
      expect(await summary(id)).toEqual([[1, "CREATE", label]]);
    }
  });

  test("writes through another model", async () => {
    const data = {
      md5: "1".repeat(32),
      sha256: "2",
      fileSize: 1,
      mimeType: "image/png",
      extension: "png",
      filePath: "x",
      storedAt: new Date(),
      metadata: "{}",
    };
    const { id } = await db.prisma.original.create({
      data: { ...data, entities: { create: { label: "through" } } },
    });
    const entity = await db.prisma.entity.findFirstOrThrow({ where: { originalId: id } });
    expect(await summary(entity.id)).toEqual([[1, "CREATE", "through"]]);
  });

  test("delete and deleteMany, as a tombstone", async () => {
    const [a, b] = await db.prisma.entity.createManyAndReturn({ data: [{ label: "d" }, { label: "d" }] });
    if (a == null || b == null) throw new Error("nothing was created");
    await db.prisma.entity.delete({ where: { id: a.id } });
    await db.prisma.entity.deleteMany({ where: { id: b.id } });
    for (const { id } of [a, b]) {
      expect(await versionsOf(id)).toEqual([]);
      expect(await db.prisma.tombstone.findUnique({ where: { entityId: id } })).toMatchObject({ version: 2 });
    }
  });

  test("refuses what would change an entity unseen, such as connect from the other side", async () => {
    const parent = await db.prisma.entity.create({ data: { isCollection: true, label: "p" } });
    const child = await db.prisma.entity.create({ data: { label: "c" } });
    const connect = db.prisma.entity.update({
      where: { id: parent.id },
      data: { children: { connect: { id: child.id } } },
    });
    await expect(connect).rejects.toThrow("entities are versioned");
    expect(await summary(child.id)).toEqual([[1, "CREATE", "c"]]);
  });
});

describe("transaction", () => {
  test("puts all changes under one row with actor, reason and count", async () => {
    const ids = await db.transaction({ operation: "op", actor: "ada", reason: "why" }, async ({ prisma }) => {
      const a = await prisma.entity.create({ data: { label: "a" } });
      const b = await prisma.entity.create({ data: { label: "b" } });
      await prisma.entity.update({ where: { id: a.id }, data: { label: "a2" } });
      return [a.id, b.id];
    });
    const versions = (await Promise.all(ids.map(versionsOf))).flat();
    expect(new Set(versions.map(({ transactionId }) => transactionId)).size).toBe(1);
    expect(versions.map(({ version }) => version)).toEqual([1, 2, 1]);
    const id = versions[0]?.transactionId ?? 0;
    expect(await db.prisma.transaction.findUnique({ where: { id } })).toMatchObject({
      operation: "op",
      actor: "ada",
      reason: "why",
      entityCount: 2,
    });
  });

  test("leaves nothing of a failed one, and the next one works", async () => {
    const before = await db.prisma.transaction.count();
    const failing = db.transaction(opening, async ({ prisma }) => {
      await prisma.entity.create({ data: { label: "never" } });
      throw new Error("changed my mind");
    });
    await expect(failing).rejects.toThrow("changed my mind");
    expect(await db.prisma.entity.findFirst({ where: { label: "never" } })).toBeNull();
    expect(await db.prisma.transaction.count()).toBe(before);
    await db.transaction(opening, ({ prisma }) => prisma.entity.create({ data: { label: "after" } }));
  });

  test("that writes nothing leaves no trace", async () => {
    const before = await db.prisma.transaction.count();
    const id = await db.transaction(opening, (tx) => Promise.resolve(tx.transactionId));
    expect(id).toBeNull();
    expect(await db.prisma.transaction.count()).toBe(before);
  });

  // It waited for the writer that the transaction itself held, until the time limit.
  test("refuses the outer client's writes inside it, instead of waiting for itself", async () => {
    const mistaken = db.transaction(opening, () => db.prisma.entity.create({ data: { label: "outer" } }));
    await expect(mistaken).rejects.toThrow("must use that transaction's client");
  });

  test("is not seen from outside before its commit", async () => {
    await db.transaction(opening, async ({ prisma, reader }) => {
      const { id } = await prisma.entity.create({ data: { label: "inside" } });
      const query = { sql: `SELECT 1 AS "is" FROM "Entity" WHERE "id" = ?`, values: [id] };
      expect(await reader.get(query)).toEqual({ is: 1 });
      expect(await db.reader.get(query)).toBeUndefined();
    });
  });

  test("runs after those asked for before it: 50 at once keep a counter exact", async () => {
    const { id } = await db.prisma.entity.create({ data: { width: 0 } });
    await Promise.all(
      Array.from({ length: 50 }, () =>
        db.transaction(opening, async ({ prisma }) => {
          const { width } = await prisma.entity.findUniqueOrThrow({ where: { id } });
          await prisma.entity.update({ where: { id }, data: { width: (width ?? 0) + 1 } });
        }),
      ),
    );
    expect(await db.prisma.entity.findUnique({ where: { id } })).toMatchObject({ width: 50, version: 51 });
  });
});

test("times never go back with the clock", async () => {
  let now = 2_000_000;
  const other = await startSharedServer({ clock: { now: () => now } });
  try {
    const write = () => other.app.deps.db.prisma.entity.create({ data: { label: "t" } });
    await write();
    now = 1_000_000;
    await write();
    const times = await other.app.deps.db.prisma.transaction.findMany({ orderBy: { id: "asc" } });
    expect(times.map(({ at }) => at.getTime())).toEqual([2_000_000, 2_000_000]);
  } finally {
    await other.stop();
  }
});
