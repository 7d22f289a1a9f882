import fc from "../../support/fast-check.ts";
import { librariesMax, timeoutMs } from "../search/differential/libraries-max.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { EntityFilter, FacetField, TimelineUnit } from "../../generated/graphql.ts";
import { graphql } from "../../generated/index.ts";
import { answer, matches } from "../search/differential/answers.ts";
import { libraries, replaceLibrary, rowsOf, stepMs, type Row } from "../search/differential/library.ts";
import { questions, resolve, searchText } from "../search/differential/questions.ts";
import { startSharedServer, type TestServer } from "../../support/server.ts";

const ASK = graphql(`
  query DifferentialFacets(
    $filter: EntityFilter
    $search: String
    $trash: TrashScope!
    $fields: [FacetField!]!
    $limit: Int!
    $unit: TimelineUnit!
  ) {
    entities(filter: $filter, search: $search, trash: $trash) {
      facets(fields: $fields, limit: $limit) {
        field
        buckets {
          value
          count
        }
      }
    }
    timeline(unit: $unit, filter: $filter) {
      key
      count
      cover {
        id
      }
    }
  }
`);

type Taken = Row & { readonly capturedLocal: string | null };

/** One entity has several keywords: tests/library/described/filters.test.ts counts those. */
type SingleField = Exclude<FacetField, "KEYWORD">;

const own: Readonly<Record<SingleField, keyof EntityFilter>> = {
  TYPE: "type",
  MIME_TYPE: "mimeType",
  EXTENSION: "extension",
  YEAR: "capturedLocal",
  MONTH: "capturedLocal",
  CAMERA_MODEL: "cameraModel",
  PARENT: "parentId",
  RATING: "rating",
  CREATOR: "creator",
};
const fields = Object.keys(own) as SingleField[];

const valueOf = (row: Taken, field: SingleField): string | null =>
  ({
    TYPE: row.type,
    MIME_TYPE: row.mimeType,
    EXTENSION: row.extension,
    YEAR: row.capturedLocal?.slice(0, 4) ?? null,
    MONTH: row.capturedLocal?.slice(0, 7) ?? null,
    CAMERA_MODEL: row.cameraModel,
    PARENT: row.parentId,
    RATING: row.rating == null ? null : String(row.rating),
    CREATOR: row.creator,
  })[field];

/** Every clause but one must hold, here and in whatever is joined with AND. */
const holdsWithout = (
  row: Row,
  filter: EntityFilter,
  left: keyof EntityFilter,
  rows: readonly Row[],
): boolean =>
  Object.entries(filter).every(([name, value]) => {
    if (name === left || value == null) return true;
    if (name !== "AND") return matches(row, { [name]: value }, rows);
    return (value as EntityFilter[]).every((part) => holdsWithout(row, part, left, rows));
  });

/** As SQLite orders texts: by their bytes. */
const byBytes = (one: string, other: string) => Buffer.compare(Buffer.from(one), Buffer.from(other));

function bucketsOf(rows: readonly Taken[], field: SingleField) {
  const counts = new Map<string, number>();
  for (const row of rows) {
    const value = valueOf(row, field);
    if (value != null) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((one, other) => other.count - one.count || byBytes(one.value, other.value));
}

const lengths: Readonly<Record<TimelineUnit, number>> = { YEAR: 4, MONTH: 7, DAY: 10 };
const isSeen = ({ type }: Row) => type === "IMAGE" || type === "VIDEO";

function timelineOf(rows: readonly Taken[], unit: TimelineUnit) {
  const keyOf = ({ capturedLocal }: Taken) => capturedLocal?.slice(0, lengths[unit]);
  const keys = [...new Set(rows.map(keyOf))].filter((key) => key != null);
  return keys
    .sort(byBytes)
    .reverse()
    .map((key) => {
      const bucket = rows.filter((row) => keyOf(row) === key);
      const best = [...bucket].sort(
        (one, other) =>
          Number(isSeen(other)) - Number(isSeen(one)) ||
          byBytes(other.capturedLocal!, one.capturedLocal!) ||
          Number(other.id) - Number(one.id),
      );
      return { key, count: bucket.length, cover: { id: best[0]!.id } };
    });
}

const locals = fc.array(
  fc.option(
    fc.constantFrom(
      "2019-07-21T14:03:11.250",
      "2019-07-21T14:03:11.251",
      "2019-07-31T23:59:59.999",
      "2019-08-01T00:00:00.000",
      "2024-02-29T12:00:00.000",
      "0987-02-28T01:00:00.000",
    ),
    { freq: 4 },
  ),
  { minLength: 20, maxLength: 20 },
);
const asked = fc.record({
  fields: fc.array(fc.constantFrom(...fields), { maxLength: 5 }),
  limit: fc.constantFrom(1, 2, 100),
  unit: fc.constantFrom<TimelineUnit>("YEAR", "MONTH", "DAY"),
});

let server: TestServer;
let now = Date.UTC(2024, 0, 1);
let nextId = 1;

beforeAll(async () => {
  server = await startSharedServer({ clock: { now: () => now } });
});
afterAll(() => server.stop());

test(
  "facets and timelines of random libraries are what a plain loop over the rows counts",
  async () => {
    let full = 0;
    const property = fc.asyncProperty(
      libraries,
      locals,
      fc.array(fc.tuple(questions, asked), { minLength: 8, maxLength: 8 }),
      async (seeds, times, list) => {
        const base = now + stepMs;
        const rows: Taken[] = rowsOf(seeds, base, nextId).map((row, index) => ({
          ...row,
          capturedLocal: times[index] ?? null,
        }));
        nextId += rows.length;
        await replaceLibrary(server, rows, (time) => (now = time));
        const ids = rows.map(({ id }) => id);
        for (const [one, { fields: wanted, limit, unit }] of list) {
          const { filter, search, trash, ...page } = resolve(one, ids, base);
          const given = { filter, search: searchText(search), trash, fields: wanted, limit, unit };
          const found = new Set(answer({ ...page, filter: null, search, trash }, rows));
          const facets = [...new Set(wanted)].map((field) => {
            const counted = rows.filter(
              (row) => found.has(row.id) && holdsWithout(row, filter ?? {}, own[field], rows),
            );
            const buckets = bucketsOf(counted, field).slice(0, limit);
            if (buckets.length > 1) full++;
            return { field, buckets };
          });
          const live = rows.filter((row) => !row.isDeleted && (filter == null || matches(row, filter, rows)));
          expect({ given, ...(await server.run(ASK, given)) }).toEqual({
            given,
            entities: { facets },
            timeline: timelineOf(live, unit),
          });
        }
      },
    );
    await fc.assert(property, { numRuns: librariesMax });
    expect(full).toBeGreaterThan(20);
  },
  timeoutMs,
);
