import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { keyLengths, localSpanOf, spanOf } from "../../../src/find/timeline/rules.ts";
import type { EntityFilter, TimelineUnit } from "../../generated/graphql.ts";
import { graphql } from "../../generated/index.ts";
import { ENTITIES } from "../../support/documents.ts";
import { plantFiles } from "../../support/planted.ts";
import { startSharedServer, type TestServer } from "../../support/server.ts";
import { statementsOf } from "../../support/statements.ts";

const TIMELINE = graphql(`
  query Timeline($unit: TimelineUnit! = MONTH, $filter: EntityFilter) {
    timeline(unit: $unit, filter: $filter) {
      key
      from
      to
      count
      cover {
        label
      }
    }
  }
`);

let server: TestServer;
const shot = (label: string, capturedLocal: string, type = "IMAGE") => ({ label, capturedLocal, type });

beforeAll(async () => {
  server = await startSharedServer({ env: { RESPONSE_CACHE_BYTES_MAX: "0" } });
  await plantFiles(server, [
    shot("old", "0987-12-31T23:59:59.999"),
    shot("leap", "2024-02-29T23:59:59.999"),
    shot("march", "2024-03-01T00:00:00.000"),
    shot("sound, later", "2024-03-01T00:00:00.001", "AUDIO"),
    shot("sound alone", "2023-05-05T05:05:05.000", "AUDIO"),
    // Same instant by the wall clock: the later id is the cover.
    shot("twin 1", "2022-01-01T10:00:00.250"),
    shot("twin 2", "2022-01-01T10:00:00.250"),
    { ...shot("in the trash", "2024-03-31T00:00:00.000"), isDeleted: true, deletedAt: new Date(0) },
    { label: "without time", type: "IMAGE" },
    shot("last", "9999-12-31T23:59:59.999"),
  ]);
});
afterAll(() => server.stop());

const ask = async (unit: TimelineUnit, filter?: object) =>
  (await server.run(TIMELINE, { unit, filter: filter ?? null })).timeline.map(
    ({ key, from, to, count, cover }) => [key, from, to, count, cover?.label],
  );
const midnight = (day: string) => `${day}T00:00:00.000Z`;

const years = [
  ["9999", midnight("9999-01-01"), "9999-12-31T23:59:59.999Z", 1, "last"],
  ["2024", midnight("2024-01-01"), midnight("2025-01-01"), 3, "march"],
  ["2023", midnight("2023-01-01"), midnight("2024-01-01"), 1, "sound alone"],
  ["2022", midnight("2022-01-01"), midnight("2023-01-01"), 2, "twin 2"],
  ["0987", midnight("0987-01-01"), midnight("0988-01-01"), 1, "old"],
];

test.each([
  ["all", undefined],
  ["a filter", { OR: [{ type: { isNull: false } }] }],
])("years, newest first, by the wall clock (%s)", async (_name, filter) => {
  expect(await ask("YEAR", filter)).toEqual(years);
});

test("months and days with a leap day", async () => {
  const months = await ask("MONTH");
  expect(months.slice(1, 3)).toEqual([
    ["2024-03", midnight("2024-03-01"), midnight("2024-04-01"), 2, "march"],
    ["2024-02", midnight("2024-02-01"), midnight("2024-03-01"), 1, "leap"],
  ]);
  expect((await ask("DAY"))[2]).toEqual([
    "2024-02-29",
    midnight("2024-02-29"),
    midnight("2024-03-01"),
    1,
    "leap",
  ]);
});

test("a filter that nothing meets gives no bucket", async () => {
  expect(await ask("MONTH", { label: { equals: "nothing" } })).toEqual([]);
});

test("all covers together take one statement", async () => {
  const statements = await statementsOf(() => ask("DAY"));
  // The covers' entities by their ids, as each engine writes a list.
  const byIds = /e\."id" IN \(SELECT (value AS "value" FROM json_each|unnest)/;
  expect(statements.filter((statement) => byIds.test(statement))).toHaveLength(1);
});

test("a time outside its span is in no other: spans of a unit touch each other", () => {
  for (const key of ["0000", "0099", "1899", "2000"]) {
    const next = String(Number(key) + 1).padStart(4, "0");
    expect(spanOf(key).to).toEqual(spanOf(next).from);
    expect(spanOf(key).from.toISOString().slice(0, keyLengths.YEAR)).toBe(key);
  }
  expect(spanOf("2019-12").to).toEqual(spanOf("2020-01").from);
  expect(spanOf("2100-02-28").to).toEqual(spanOf("2100-03-01").from);
});

// Seen: 2012 counted a picture that was taken at 00:30 in Tokyo, and the only filter there was, by instant, found in
// 2012 one that was taken on New Year's Eve in New York instead.
describe("a bucket opens", () => {
  const OPENED = graphql(`
    query OpenedBuckets($unit: TimelineUnit!, $filter: EntityFilter) {
      timeline(unit: $unit, filter: $filter) {
        count
        localFrom
        localTo
        cover {
          id
        }
      }
      entities(filter: $filter, limit: 1) {
        facets(fields: [YEAR, MONTH]) {
          buckets {
            value
            count
          }
        }
      }
    }
  `);
  let world: TestServer;
  const minute = 60_000;

  beforeAll(async () => {
    world = await startSharedServer();
    const edges = ["2012-01-01", "2012-02-29", "2012-03-01", "2020-12-28", "2021-01-01", "9999-12-31"];
    const clocks = edges.flatMap((day) =>
      [-1, 0, 1, 24 * 60 * minute - 1].map((after) => Date.parse(`${day}T00:00:00.000Z`) + after),
    );
    const rows = clocks.flatMap((wall, at) =>
      [-12 * 60, -300, 0, 345, 14 * 60].map((offset) => ({
        capturedLocal: new Date(wall).toISOString().slice(0, -1),
        capturedAt: new Date(wall - offset * minute),
        type: at % 2 === 0 ? "IMAGE" : "AUDIO",
      })),
    );
    await plantFiles(world, [...rows, { label: "without time" }]);
  });
  afterAll(() => world.stop());

  const countIn = async (gte: string, lt: string, filter: EntityFilter = {}) => {
    const { entities } = await world.run(ENTITIES, { filter: { ...filter, capturedLocal: { gte, lt } } });
    return entities.pagination.totalItems;
  };

  const questions = (["YEAR", "MONTH", "DAY"] as const).flatMap((unit) => [
    { unit },
    { unit, filter: { type: { equals: "IMAGE" as const } } },
  ]);
  test.each(questions)("$unit to exactly its count (%j)", async (question) => {
    const { timeline, entities } = await world.run(OPENED, { filter: null, ...question });
    expect(timeline.length).toBeGreaterThan(3);
    for (const { count, localFrom, localTo, cover } of timeline) {
      expect(await countIn(localFrom, localTo, question.filter)).toBe(count);
      const found = {
        AND: [{ capturedLocal: { gte: localFrom, lt: localTo } }, { id: { equals: cover!.id } }],
      };
      expect((await world.run(ENTITIES, { filter: found })).entities.pagination.totalItems).toBe(1);
    }
    for (const { value, count } of entities.facets.flatMap(({ buckets }) => buckets)) {
      const { from, to } = localSpanOf(value);
      expect({ value, count: await countIn(from, to, question.filter) }).toEqual({ value, count });
    }
  });

  test("as a facet's, which leaves its own clause out of the filter", async () => {
    const filter = { capturedLocal: { gte: "2012-01-01T00:00:00", lt: "2013-01-01T00:00:00" } };
    const { entities } = await world.run(OPENED, { unit: "YEAR", filter });
    expect(entities.facets[0]!.buckets.map(({ value }) => value)).toEqual(
      expect.arrayContaining(["2011", "2012", "2020", "2021", "9999"]),
    );
  });
});
