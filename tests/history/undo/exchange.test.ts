import { afterAll, beforeAll, expect, test } from "vitest";
import { raw, sql } from "../../../src/database/sql.ts";
import { lastTransaction, operationsOf, stateOf, undo } from "../../support/going-back.ts";
import { plantFiles } from "../../support/planted.ts";
import { startSharedServer, type TestServer } from "../../support/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startSharedServer();
});
afterAll(() => server.stop());

const opening = { operation: "exchange", actor: null, reason: null };
const hashOf = (letter: string) => letter.repeat(32);
const filesOf = async (ids: readonly string[]) =>
  (await Promise.all(ids.map((id) => stateOf(server, id)))).map(({ md5 }) => md5?.[0]);

/** Every entity gets the next one's file, all in one transaction; the first gives its own up meanwhile. */
async function rotate(ids: readonly string[]) {
  await server.app.deps.db.transaction(opening, async ({ prisma }) => {
    const rows = await prisma.entity.findMany({
      where: { id: { in: ids.map(Number) } },
      orderBy: { id: "asc" },
      select: { id: true, md5: true },
    });
    const set = (index: number, md5: string | null) =>
      prisma.entity.update({ where: { id: rows[index]!.id }, data: { md5 } });
    await set(0, null);
    for (let index = rows.length - 1; index > 0; index--)
      await set(index, index === rows.length - 1 ? rows[0]!.md5 : null);
    for (let index = 0; index < rows.length - 1; index++) await set(index, rows[index + 1]!.md5);
  });
  return lastTransaction(server);
}

// SQLite looks at unique keys row by row: going back one by one, the first would meet its file at the other one.
test.each([
  ["two", ["a", "b"]],
  ["three", ["c", "d", "e"]],
])(
  "%s entities that exchanged their files get them back, and exchange them again",
  async (_case, letters) => {
    const ids = await plantFiles(
      server,
      letters.map((letter) => ({ md5: hashOf(letter) })),
    );
    const rotated = [...letters.slice(1), letters[0]];
    const exchange = await rotate(ids);
    expect(await filesOf(ids)).toEqual(rotated);
    const { transaction } = await undo(server, exchange);
    expect(await filesOf(ids)).toEqual(letters);
    await undo(server, transaction.id);
    expect(await filesOf(ids)).toEqual(rotated);
    // One version for each undo, though it takes two steps to write it.
    expect((await operationsOf(server, ids[0]!))?.slice(0, 3)).toEqual(["UNDO", "UNDO", "UPDATE"]);
  },
);

test("what is written in two steps is not written once more after its snapshot", async () => {
  const [id] = await plantFiles(server, [{ label: "one" }]);
  const { db } = server.app.deps;
  const rewrite = db.transaction(opening, async (tx) => {
    await tx.prisma.entity.update({ where: { id: Number(id) }, data: { label: "two" } });
    await tx.write(sql`UPDATE "Entity" SET "label" = 'three' WHERE "id" = ${Number(id)}`);
  });
  await expect(rewrite).rejects.toThrow("entities are versioned");
  expect((await stateOf(server, id!)).label).toBe("one");
});

test.each([
  ["its own version", `"version"`],
  ["the version before", `"version" - 1`],
  ["one too far", `"version" + 2`],
])("nor is what another transaction wrote, as %s", async (_case, version) => {
  const [id] = await plantFiles(server, [{ label: "one" }]);
  const rewrite = server.app.deps.db.transaction(opening, async (tx) => {
    await tx.write(sql`
      UPDATE "Entity" SET "label" = 'two', "version" = ${raw(version)}, "transactionId" = ${await tx.record()}
      WHERE "id" = ${Number(id)}`);
  });
  await expect(rewrite).rejects.toThrow("entities are versioned");
});

test("a transaction that undid another one stays what it was", async () => {
  const [id] = await plantFiles(server, [{ label: "one" }]);
  const planted = await lastTransaction(server);
  await undo(server, planted);
  const rewrite = server.app.deps.db.transaction(opening, async (tx) => {
    await tx.prisma.entity.update({ where: { id: Number(id) }, data: { label: "two" } });
    await tx.write(sql`
      UPDATE "Transaction" SET "undoOfId" = ${Number(planted.slice(1))}
      WHERE "id" = (SELECT "transactionId" FROM "OpenTransaction")`);
  });
  await expect(rewrite).rejects.toThrow("a transaction never changes");
});
