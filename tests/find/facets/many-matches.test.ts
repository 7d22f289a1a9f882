import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { seedLibrary } from "../../../bench/seed.ts";
import type { Db } from "../../../src/database/db.ts";
import { openDb } from "../../../src/database/sqlite/open-db.ts";
import { openDatabase } from "../../../src/database/sqlite/database.ts";
import { listFacets } from "../../../src/find/facets/service.ts";
import type { EntityFilter } from "../../../src/find/search/filters/filter.ts";
import { listTimeline } from "../../../src/find/timeline/service.ts";
import { sql } from "../../database/temporary.ts";

// Beyond 20,000 matches rows are found in an index instead of the table (src/find/search/matches.ts).
const entities = 24_000;
const folder = mkdtempSync(join(tmpdir(), "many-"));
let db: Db;

beforeAll(async () => {
  const path = join(folder, "many.db");
  await seedLibrary(path, entities);
  db = openDb(openDatabase(path), Date.now);
});
afterAll(async () => {
  await db.close();
  rmSync(folder, { recursive: true });
});

interface Row {
  readonly id: number;
  readonly isDeleted: number;
  readonly type: string | null;
  readonly fileSize: number | null;
  readonly cameraModel: string | null;
  readonly capturedLocal: string | null;
  readonly parentId: number | null;
}

const countBy = (values: readonly (string | null | undefined)[]) => {
  const counts = new Map<string, number>();
  for (const value of values) if (value != null) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((one, other) => other.count - one.count || (one.value < other.value ? -1 : 1))
    .slice(0, 100);
};

test.each<[string, "LIVE" | "TRASHED" | "ANY", EntityFilter, (row: Row) => boolean]>([
  ["nearly all", "LIVE", { fileSize: { gt: 400_000 } }, ({ fileSize }) => fileSize! > 400_000],
  ["nearly all of both sides", "ANY", { fileSize: { gt: 1 } }, ({ fileSize }) => fileSize != null],
  [
    "few",
    "LIVE",
    { fileSize: { lt: 1_000_000 } },
    ({ fileSize }) => fileSize != null && fileSize < 1_000_000,
  ],
  ["few of the trash", "TRASHED", { fileSize: { gt: 1 } }, ({ fileSize }) => fileSize != null],
  ["images, in the index alone", "ANY", { type: { equals: "IMAGE" } }, ({ type }) => type === "IMAGE"],
])("%s", async (_name, trash, filter, matches) => {
  const rows = await db.reader.all<Row>(sql`
    SELECT "id", "isDeleted", "type", "fileSize", "cameraModel", "capturedLocal", "parentId" FROM "Entity"`);
  const isIn = ({ isDeleted }: Row) => trash === "ANY" || isDeleted === Number(trash === "TRASHED");
  const found = rows.filter((row) => isIn(row) && matches(row));
  const query = { trash, filter, offset: 0, limit: 20 };
  const facets = await listFacets({ db }, query, ["PARENT", "CAMERA_MODEL", "MONTH", "YEAR"], 100);
  const plain = (index: number) => facets[index]?.buckets.map(({ value, count }) => ({ value, count }));
  expect(plain(0)).toEqual(countBy(found.map(({ parentId }) => parentId?.toString())));
  expect(plain(1)).toEqual(countBy(found.map(({ cameraModel }) => cameraModel)));
  expect(plain(2)).toEqual(countBy(found.map(({ capturedLocal }) => capturedLocal?.slice(0, 7))));
  expect(plain(3)).toEqual(countBy(found.map(({ capturedLocal }) => capturedLocal?.slice(0, 4))));

  const live = rows.filter((row) => row.isDeleted === 0 && matches(row));
  const timeline = await listTimeline({ db }, "DAY", filter);
  const days = countBy(live.map(({ capturedLocal }) => capturedLocal?.slice(0, 10))).length;
  expect(timeline.length).toBeGreaterThanOrEqual(days);
  for (const { key, count, coverId } of timeline) {
    const bucket = live.filter(({ capturedLocal }) => capturedLocal?.startsWith(key));
    expect(count).toBe(bucket.length);
    const newest = bucket.reduce((best, row) => (row.capturedLocal! > best.capturedLocal! ? row : best));
    expect(coverId).toBe(newest.id);
  }
});

test("statements that walk an index read no row of the table for it", async () => {
  const plan = await db.reader.all<{ detail: string }>(sql`
    EXPLAIN QUERY PLAN SELECT "type", "mimeType", COUNT(*) FROM "Entity" e
    WHERE e."isDeleted" = 0 AND e."cameraModelFolded" = 'x' GROUP BY 1, 2`);
  expect(plan.map(({ detail }) => detail).join()).toMatch(/^SEARCH e USING COVERING INDEX Entity_facets/);
});
