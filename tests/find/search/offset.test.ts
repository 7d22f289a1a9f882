import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { EntitiesQueryVariables, EntityOrderBy } from "../../generated/graphql.ts";
import { ENTITIES, SOFT_DELETE, UPDATE } from "../../support/documents.ts";
import { plantFiles } from "../../support/planted.ts";
import { startSharedServer, type TestServer } from "../../support/server.ts";
import { statementsOf } from "../../support/statements.ts";

/** More than the event loop walks at once, from either end. */
const rowCount = 50_000;

let server: TestServer;
beforeAll(async () => {
  server = await startSharedServer();
  const opening = { operation: "plant", actor: null, reason: null };
  // By SQL: row by row it would take longer than all that is tested here.
  await server.app.deps.db.transaction(opening, async (tx) => {
    const id = await tx.record();
    const now = Date.now();
    await tx.prisma.$executeRaw`
      INSERT INTO "Entity" ("transactionId", "addedAt", "updatedAt", "label", "labelFolded", "fileSize")
      WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${rowCount})
      SELECT ${id}, ${now}, ${now}, l, l, CASE WHEN i % 10 THEN i % 17 END
      FROM (SELECT i, CASE WHEN i % 3 THEN 'label ' || (i * 7919 % 1000) END AS l FROM n)`;
    await tx.prisma.$executeRaw`
      INSERT INTO "EntityVersion" ("entityId", "version", "operation", "transactionId", "isCollection", "isDeleted",
        "addedAt", "updatedAt", "label", "labelFolded", "fileSize")
      SELECT "id", "version", 'CREATE', "transactionId", "isCollection", "isDeleted",
        "addedAt", "updatedAt", "label", "labelFolded", "fileSize"
      FROM "Entity"`;
  });
});
afterAll(() => server.stop());

/** Every id in an order that SQLite makes by sorting. */
const sorted = async (orderBy: string, where = `"isDeleted" = 0`) =>
  (
    await server.app.deps.db.reader.all<{ id: number }>({
      sql: `SELECT +"id" AS "id" FROM "Entity" NOT INDEXED WHERE ${where} ORDER BY ${orderBy}`,
      values: [],
    })
  ).map(({ id }) => String(id));

const pageAt = async (variables: EntitiesQueryVariables) =>
  (await server.run(ENTITIES, variables)).entities.items.map(({ id }) => id);

const orders: [EntityOrderBy, string][] = [
  [{ addedAt: "DESC" }, `"addedAt" DESC, "id" DESC`],
  [{ label: "ASC" }, `"labelFolded" IS NULL, "labelFolded", "id"`],
  [{ label: "DESC" }, `"labelFolded" IS NULL, "labelFolded" DESC, "id" DESC`],
  [{ fileSize: "ASC" }, `"fileSize" IS NULL, "fileSize", "id"`],
];

/** Near both ends, in the middle, at the border of values and nulls, near and at places asked for before, and beyond. */
const offsets = [
  0, 1, 99, 100, 101, 25_000, 25_020, 24_990, 24_980, 25_000, 33_320, 33_330, 33_340, 14_999, 45_000, 44_990,
  49_990, 50_000, 50_001, 50_002, 10_000, 9_999, 9_990, 30_000, 29_985, 2_000_000_000,
];

test.each(orders)(
  "%j: a page by its number is a slice of the whole, while the library changes",
  async (step, orderBy) => {
    for (const round of [1, 2]) {
      for (const trash of ["LIVE", "ANY"] as const) {
        const whole = await sorted(orderBy, trash === "LIVE" ? `"isDeleted" = 0` : "1");
        for (const offset of offsets) {
          const ids = await pageAt({ orderBy: [step], trash, offset, limit: 13 });
          expect({ round, trash, offset, ids }).toEqual({
            round,
            trash,
            offset,
            ids: whole.slice(offset, offset + 13),
          });
        }
      }
      // On either side of what is remembered.
      const [one, other] = (await sorted(orderBy)).slice(20_000, 20_002);
      await server.run(SOFT_DELETE, { id: one! });
      await server.run(UPDATE, { id: other!, input: { label: `moved ${round}` } });
    }
  },
);

test("pages of a filter are slices of what it finds", async () => {
  const filter = { fileSize: { gt: 3 } };
  const whole = await sorted(
    `"labelFolded" IS NULL, "labelFolded", "id"`,
    `"isDeleted" = 0 AND "fileSize" > 3`,
  );
  for (const offset of [0, 20, 40, 20, 500, 480, 24_990, 25_003, 25_016, 100_000])
    expect(await pageAt({ filter, orderBy: [{ label: "ASC" }], offset, limit: 20 })).toEqual(
      whole.slice(offset, offset + 20),
    );
});

test("what has been walked once is not walked again, and never by the event loop", async () => {
  await plantFiles(server, [{ label: "another" }]);
  const orderBy = [{ id: "ASC" as const }];
  const walks = async (offset: number) => {
    const all = vi.spyOn(server.app.deps.db.reader, "all");
    try {
      await pageAt({ orderBy, offset, limit: 20 });
      return all.mock.calls.filter(([, options]) => options?.cost === "scan").length;
    } finally {
      all.mockRestore();
    }
  };
  expect(await walks(24_000)).toBe(1);
  for (const offset of [24_000, 24_020, 23_980, 15_000, 22_000]) expect(await walks(offset)).toBe(0);
  // Beyond the end nothing is read.
  expect(
    (await statementsOf(() => pageAt({ orderBy, offset: 60_000 }))).filter((text) =>
      text.includes('"Entity" e'),
    ),
  ).toEqual([]);
});
