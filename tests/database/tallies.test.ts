import fc from "../support/fast-check.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openConnection } from "../../src/database/sqlite/connection.ts";
import { countTallies, refillTallies } from "../../src/database/sqlite/tallies.ts";
import { startSharedServer, type TestServer } from "../support/server.ts";
import { plantCollections, plantFiles } from "../support/planted.ts";
import { sql } from "./temporary.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startSharedServer();
});
afterAll(() => server.stop());

const opening = { operation: "change", actor: null, reason: null };
const maybe = (...values: string[]) => fc.option(fc.constantFrom(...values), { freq: 3 });

const facts = fc.record({
  type: maybe("IMAGE", "VIDEO"),
  mimeType: maybe("image/png", "image/jpeg"),
  extension: maybe("png", ""),
  cameraModel: maybe("X", "x", "Č"),
  capturedLocal: maybe("2019-07-21T14:03:11.250", "2019-07-22T00:00:00.000", "0987-02-28T01:00:00.000"),
  latitude: fc.option(fc.constantFrom(-90, 0, 50.0755)),
  longitude: fc.option(fc.constantFrom(-180, 14.4378)),
});
const change = fc.oneof(
  fc.record({ kind: fc.constant("insert" as const), facts, parent: fc.nat(3) }),
  fc.record({
    kind: fc.constant("update" as const),
    facts,
    which: fc.array(fc.nat(20), { minLength: 1, maxLength: 4 }),
  }),
  fc.record({
    kind: fc.constant("label" as const),
    which: fc.array(fc.nat(20), { minLength: 1, maxLength: 4 }),
  }),
  fc.record({ kind: fc.constant("trash" as const), isDeleted: fc.boolean(), which: fc.array(fc.nat(20)) }),
  fc.record({ kind: fc.constant("move" as const), parent: fc.nat(3), which: fc.array(fc.nat(20)) }),
  fc.record({ kind: fc.constant("back" as const), which: fc.array(fc.nat(20), { maxLength: 4 }) }),
  fc.record({ kind: fc.constant("delete" as const), which: fc.array(fc.nat(20), { maxLength: 2 }) }),
);
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

/** What the tables that triggers keep should hold, and what they do hold. */
async function kept() {
  const { reader } = server.app.deps.db;
  const sorted = (text: string) => reader.all({ sql: `${text} ORDER BY 1, 2, 3`, values: [] });
  return {
    tally: await sorted(`SELECT "isDeleted", "field", "value", "count" FROM "Tally"`),
    counted: await sorted(
      `SELECT * FROM (SELECT NULL AS "isDeleted", NULL AS "field", NULL AS "value", NULL AS "count" WHERE 0 UNION ALL ${countTallies})`,
    ),
    placed: await reader.all<{ id: number }>(sql`SELECT "id" FROM "Entity_place" ORDER BY 1`),
    places: await reader.all<{ id: number }>(sql`
      SELECT e."id" FROM "Entity" e WHERE e."latitude" IS NOT NULL AND e."longitude" IS NOT NULL ORDER BY 1`),
    wrong: await reader.all(sql`
      SELECT e."id" FROM "Entity" e JOIN "Entity_place" p ON p."id" = e."id"
      WHERE NOT (p."south" <= e."latitude" AND p."north" >= e."latitude" AND p."north" - p."south" < 1e-4
        AND p."west" <= e."longitude" AND p."east" >= e."longitude" AND p."east" - p."west" < 1e-4)`),
  };
}

async function check(): Promise<void> {
  const { tally, counted, placed, places, wrong } = await kept();
  expect(tally).toEqual(counted);
  expect(placed).toEqual(places);
  expect(wrong).toEqual([]);
}

async function run(one: Change, parents: readonly number[]): Promise<void> {
  const { db } = server.app.deps;
  const rows = await db.reader.all<{ id: number; version: number }>(
    sql`SELECT "id", "version" FROM "Entity" WHERE NOT "isCollection" ORDER BY "id" DESC LIMIT 21`,
  );
  const ids = "which" in one ? one.which.flatMap((index) => rows[index]?.id ?? []) : [];
  const where = { id: { in: ids } };
  await db.transaction(opening, async (tx) => {
    const { prisma } = tx;
    if (one.kind === "insert") {
      await prisma.entity.create({ data: { ...one.facts, parentId: parents[one.parent] ?? null } });
    } else if (one.kind === "update") await prisma.entity.updateMany({ where, data: one.facts });
    else if (one.kind === "label") await prisma.entity.updateMany({ where, data: { label: "another" } });
    else if (one.kind === "trash")
      await prisma.entity.updateMany({ where, data: { isDeleted: one.isDeleted } });
    else if (one.kind === "move")
      await prisma.entity.updateMany({ where, data: { parentId: parents[one.parent] ?? null } });
    else if (one.kind === "delete") await prisma.entity.deleteMany({ where });
    else
      await tx.restore(
        [...new Set(ids)].map((id) => ({ id, version: 1 })),
        "then",
      );
  });
}

test("tallies and places agree with the entities after any change", async () => {
  const parents = (await plantCollections(server, [{}, {}])).map(Number);
  const property = fc.asyncProperty(fc.array(change, { minLength: 5, maxLength: 25 }), async (changes) => {
    for (const one of changes) await run(one, parents);
    await check();
  });
  await fc.assert(property, { numRuns: 40 });
  expect((await kept()).tally.length).toBeGreaterThan(5);
});

test("tallies counted again are the same as those kept", async () => {
  await plantFiles(server, [{ type: "IMAGE", capturedLocal: "2024-02-29T12:00:00.000" }]);
  const { tally } = await kept();
  const writer = openConnection(server.databasePath, { readOnly: false });
  try {
    writer.exec(refillTallies);
  } finally {
    writer.close();
  }
  expect((await kept()).tally).toEqual(tally);
});

test("another label writes nothing into the tallies", async () => {
  const [id] = await plantFiles(server, [{ type: "IMAGE", latitude: 1, longitude: 1 }]);
  const writer = openConnection(server.databasePath, { readOnly: false });
  try {
    // Any write to it now fails.
    writer.exec(
      `CREATE TRIGGER "frozen" BEFORE UPDATE ON "Tally" BEGIN SELECT RAISE(ABORT, 'the tally was written'); END`,
    );
    const update = (data: object) =>
      server.app.deps.db.transaction(opening, ({ prisma }) =>
        prisma.entity.update({ where: { id: Number(id) }, data }),
      );
    await update({ label: "another", type: "IMAGE" });
    await expect(update({ type: "VIDEO" })).rejects.toThrow("the tally was written");
  } finally {
    writer.exec(`DROP TRIGGER "frozen"`);
    writer.close();
  }
});
