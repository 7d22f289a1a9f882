import { writeForSqlite } from "../../../src/database/sqlite/dialect.ts";
import { BackgroundConnection } from "../../../src/database/sqlite/background-connection.ts";
import fc from "../../support/fast-check.ts";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { EntityFilter } from "../../../src/find/search/filters/filter.ts";
import { listEntities } from "../../../src/find/search/service.ts";
import { countFiltered } from "../../../src/find/search/totals.ts";
import { plantCollections, plantFiles } from "../../support/planted.ts";
import { startSharedServer, type TestServer } from "../../support/server.ts";

let server: TestServer;
let parents: string[];
beforeAll(async () => {
  server = await startSharedServer();
  parents = await plantCollections(server, [{ label: "a" }, { label: "b" }]);
});
afterAll(() => server.stop());
beforeEach(() => vi.restoreAllMocks());

const needs = () => ({ db: server.app.deps.db });
const scopes = ["LIVE", "TRASHED", "ANY"] as const;
const types = ["IMAGE", "VIDEO"] as const;

const filters = (): EntityFilter[] => [
  ...types.map((type): EntityFilter => ({ type: { equals: type } })),
  { type: { equals: "AUDIO" } },
  ...parents.map((id): EntityFilter => ({ parentId: { equals: id } })),
  { parentId: { equals: "999999" } },
  { parentId: { equals: "not an id" } },
  { mimeType: { equals: "image/jpeg" } },
  { mimeType: { equals: "IMAGE/JPEG" } },
  { mimeType: { equals: "IMAGE/JPEG", mode: "SENSITIVE" } },
  { extension: { equals: "JPG", mode: "INSENSITIVE" } },
  { isCollection: true },
  { isCollection: false },
];

/** Counted by walking: the same twice is another question than once. */
const walked = async (filter: EntityFilter, trash: (typeof scopes)[number]) =>
  (await listEntities(needs(), { filter: { AND: [filter, filter] }, trash, offset: 0, limit: 1 })).count();

const row = fc.record({
  type: fc.constantFrom(...types, null),
  mimeType: fc.constantFrom("image/jpeg", "video/mp4", null),
  extension: fc.constantFrom("jpg", "mp4", null),
  parent: fc.constantFrom(0, 1, null),
});
const act = fc.oneof(
  fc.record({ kind: fc.constant("add" as const), row }),
  fc.record({ kind: fc.constant("change" as const), at: fc.nat(50), row }),
  fc.record({ kind: fc.constant("trash" as const), at: fc.nat(50), isDeleted: fc.boolean() }),
  fc.record({ kind: fc.constant("destroy" as const), at: fc.nat(50) }),
);

test("a filter of one equality is counted in constant time, and as walking counts it, through any history", async () => {
  let ids: string[] = [];
  const { db } = server.app.deps;
  const opening = { operation: "test", actor: null, reason: null };
  const columns = ({ parent, ...others }: { parent: number | null; type: string | null }) => ({
    ...others,
    parentId: parent == null ? null : Number(parents[parent]),
  });
  const property = fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 8 }), async (acts) => {
    for (const one of acts) {
      const id = "at" in one ? ids[one.at % (ids.length || 1)] : undefined;
      const where = { id: Number(id) };
      if (one.kind === "add") {
        const { parent, ...others } = one.row;
        ids.push(
          ...(await plantFiles(server, [
            { ...others, ...(parent == null ? {} : { parentId: parents[parent]! }) },
          ])),
        );
      } else if (id != null)
        await db.transaction(opening, async ({ prisma }) => {
          if (one.kind === "change") await prisma.entity.update({ where, data: columns(one.row) });
          else if (one.kind === "trash")
            await prisma.entity.update({ where, data: { isDeleted: one.isDeleted } });
          else {
            await prisma.entity.delete({ where });
            ids = ids.filter((other) => other !== id);
          }
        });
    }
    for (const filter of filters())
      for (const trash of scopes)
        expect({ filter, trash, count: await countFiltered(needs(), trash, filter) }).toEqual({
          filter,
          trash,
          count: await walked(filter, trash),
        });
  });
  await fc.assert(property, { numRuns: 25 });
});

test.each<EntityFilter>([
  {},
  { type: { not: "IMAGE" } },
  { type: { equals: "IMAGE", isNull: false } },
  { type: { equals: "IMAGE" }, isCollection: false },
  { mimeType: { contains: "image" } },
  { label: { equals: "a" } },
  { AND: [{ type: { equals: "IMAGE" } }] },
])("%j is none of them", async (filter) => {
  expect(await countFiltered(needs(), "LIVE", filter)).toBeUndefined();
});

test("the same count is run once for all who ask before the next commit", async () => {
  const filter: EntityFilter = { label: { contains: "a" } };
  const all = vi.spyOn(BackgroundConnection.prototype, "all");
  const counts = () =>
    all.mock.calls.filter(([query]) => writeForSqlite(query).sql.includes("COUNT(*)")).length;
  const count = async () =>
    (await listEntities(needs(), { filter, trash: "LIVE", offset: 0, limit: 1 })).count();
  const [first, ...others] = await Promise.all([count(), count(), count()]);
  expect(others).toEqual([first, first]);
  expect(await count()).toBe(first);
  expect(counts()).toBe(1);
  await plantFiles(server, [{ label: "another a" }]);
  expect(await count()).toBe(first + 1);
  expect(counts()).toBe(2);
});
