import fc from "../../../support/fast-check.ts";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { graphql } from "../../../generated/index.ts";
import { startSharedServer, type TestServer } from "../../../support/server.ts";
import type { EntityFilter } from "../../../../src/find/search/filters/filter.ts";
import { search } from "../../../../src/find/search/ranked-page.ts";
import { answer, tierOf } from "./answers.ts";
import { emptyRow, libraries, replaceLibrary, rowsOf, stepMs, type Row } from "./library.ts";
import { librariesMax, timeoutMs } from "./libraries-max.ts";
import { questions, resolve, searchText, type Question } from "./questions.ts";

/** Random libraries are small; so that both ways to a page are gone, what counts as few is as random. */
const bounds = vi.hoisted(() => ({ sortedMax: 5000 }));
vi.mock("../../../../src/find/search/sorted-max.ts", () => ({
  get sortedMax() {
    return bounds.sortedMax;
  },
}));
const sortedMaxes = fc.constantFrom(0, 2, 5, 5000);

const ANSWER = graphql(`
  query DifferentialAnswer(
    $filter: EntityFilter
    $search: String
    $orderBy: [EntityOrderBy!]
    $trash: TrashScope!
    $offset: Int!
    $limit: Int!
  ) {
    entities(
      filter: $filter
      search: $search
      orderBy: $orderBy
      trash: $trash
      offset: $offset
      limit: $limit
    ) {
      items {
        id
      }
      pagination {
        totalItems
        hasNext
      }
    }
  }
`);

const CONNECT = graphql(`
  query DifferentialConnection(
    $filter: EntityFilter
    $search: String
    $orderBy: [EntityOrderBy!]
    $trash: TrashScope!
    $first: Int
    $after: String
    $last: Int
    $before: String
  ) {
    entitiesConnection(
      filter: $filter
      search: $search
      orderBy: $orderBy
      trash: $trash
      first: $first
      after: $after
      last: $last
      before: $before
    ) {
      edges {
        cursor
        node {
          id
        }
      }
      pageInfo {
        hasNextPage
        hasPreviousPage
      }
      totalCount
    }
  }
`);

/** As the service gets it: times are dates. */
function datesOf(value: unknown): unknown {
  if (typeof value === "string" && /^\d{4}-\d\d-\d\dT.*Z$/.test(value)) return new Date(value);
  if (Array.isArray(value)) return value.map(datesOf);
  if (typeof value !== "object" || value == null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, datesOf(inner)]));
}

/**
 * The ranked search finds the same; all of it one by one, and by tiers. Its pages follow each other without a gap,
 * and the scores never rise.
 */
async function compareRanked(question: Question, rows: readonly Row[]) {
  const { filter, search: terms, trash } = question;
  const text = searchText(terms);
  if (text === "") return;
  const expected = answer({ ...question, orderBy: [{ id: "DESC" }] }, rows);
  const ask = (offset: number, limit: number, rankedMax?: number) =>
    search(
      server.app.deps,
      { text, filter: datesOf(filter) as EntityFilter, trash, offset, limit },
      rankedMax,
    );
  for (const rankedMax of [undefined, 0]) {
    const whole = await ask(0, 100, rankedMax);
    const ids = whole.items.map(({ entity }) => String(entity.id));
    const scores = whole.items.map(({ score }) => score);
    const context = { question, rankedMax };
    expect({ context, ids: ids.toSorted() }).toEqual({ context, ids: expected.toSorted() });
    expect(await whole.count()).toBe(expected.length);
    expect({ context, scores }).toEqual({ context, scores: scores.toSorted((one, other) => other - one) });
    for (let offset = 0; offset < ids.length; offset += 3) {
      const page = await ask(offset, 3, rankedMax);
      expect(page.items.map(({ entity }) => String(entity.id))).toEqual(ids.slice(offset, offset + 3));
    }
    if (rankedMax !== 0) continue;
    const byTier = (id: string) =>
      tierOf(
        rows.find((row) => row.id === id)!,
        terms,
      );
    expect({ context, ids }).toEqual({
      context,
      // What is expected comes the newest first, and sorting keeps that among equals.
      ids: expected.toSorted((one, other) => byTier(one) - byTier(other)),
    });
  }
}

const questionsEach = 10;

let server: TestServer;
let now = Date.UTC(2024, 0, 1);
let nextId = 1;

beforeAll(async () => {
  server = await startSharedServer({ clock: { now: () => now } });
});
afterAll(() => server.stop());

test(
  "random questions about random libraries are answered as a plain loop over the rows answers them",
  async () => {
    let asked = 0;
    let decided = 0;
    const property = fc.asyncProperty(
      libraries,
      fc.array(questions, { minLength: questionsEach, maxLength: questionsEach }),
      sortedMaxes,
      async (seeds, list, sortedMax) => {
        bounds.sortedMax = sortedMax;
        const base = now + stepMs;
        const rows = rowsOf(seeds, base, nextId);
        nextId += rows.length;
        await replaceLibrary(server, rows, (time) => (now = time));
        const ids = rows.map(({ id }) => id);
        for (const one of list) {
          const question = resolve(one, ids, base);
          const expected = answer(question, rows);
          const { search, offset, limit, orderBy, ...others } = question;
          const { entities } = await server.run(ANSWER, {
            ...others,
            orderBy: [...orderBy],
            search: searchText(search),
            offset,
            limit,
          });
          expect({ question, ids: entities.items.map(({ id }) => id), ...entities.pagination }).toEqual({
            question,
            ids: expected.slice(offset, offset + limit),
            totalItems: expected.length,
            hasNext: offset + limit < expected.length,
          });
          await compareRanked(question, rows);
          asked++;
          if (expected.length > 0 && expected.length < rows.length) decided++;
        }
      },
    );
    await fc.assert(property, { numRuns: librariesMax });
    // A generator that asks only for nothing or everything would prove nothing. The share is about 0.24, give
    // or take 0.03 from run to run; the bound is far enough below to be met by every seed.
    expect(decided / asked).toBeGreaterThan(0.1);
  },
  timeoutMs,
);

/** On which side of its former place a row stands now. */
function sideOf(question: Question, rows: readonly Row[], place: Row): "before" | "after" | "same" {
  const own = rows.find(({ id }) => id === place.id);
  if (own == null) return "same";
  const open: Question = { ...question, filter: null, search: [], trash: "ANY" };
  const [first, second] = [true, false].map((isOwnFirst) => {
    // The id decides between equals, so that one of the two is given the next one.
    const [one, other] = [own, place].map((row) => ({ ...row, id: "0" }));
    const pair = isOwnFirst
      ? [
          { ...one!, id: "1" },
          { ...other!, id: "2" },
        ]
      : [
          { ...one!, id: "2" },
          { ...other!, id: "1" },
        ];
    const ownId = isOwnFirst ? "1" : "2";
    return answer(open, pair)[0] === ownId;
  });
  // What depends on the ids alone is a tie: the row has not moved.
  if (first !== second) return "same";
  return first ? "before" : "after";
}

/** Destroys some rows, labels others again, and adds one. */
async function change(rows: readonly Row[], roll: (sides: number) => number, base: number): Promise<Row[]> {
  const { db } = server.app.deps;
  const opening = { operation: "change", actor: null, reason: null };
  now = Math.max(now, base + 3 * stepMs) + stepMs;
  const time = now;
  const leaf = (row: Row) => !rows.some(({ parentId }) => parentId === row.id);
  const gone = rows.filter((row) => leaf(row) && roll(5) === 0);
  const kept = rows.filter((row) => !gone.includes(row));
  const touched = kept.filter(() => roll(4) === 0);
  const label = ["cat", "zebra", null][roll(3)] ?? null;
  const fileSize = [null, 1, 5000][roll(3)] ?? null;
  await db.transaction(opening, async ({ prisma }) => {
    await prisma.entity.deleteMany({ where: { id: { in: gone.map(({ id }) => Number(id)) } } });
    await prisma.entity.updateMany({
      where: { id: { in: touched.map(({ id }) => Number(id)) } },
      data: { label, fileSize: fileSize == null ? null : BigInt(fileSize) },
    });
  });
  const added: Row = { ...emptyRow, id: String(nextId++), label, addedAt: time, updatedAt: time };
  await db.transaction(opening, ({ prisma }) =>
    prisma.entity.create({ data: { id: Number(added.id), label } }),
  );
  return [
    ...kept.map((row) => (touched.includes(row) ? { ...row, label, fileSize, updatedAt: time } : row)),
    added,
  ];
}

test(
  "cursors lead on from the place they name, both ways, after any change between two pages",
  async () => {
    let asked = 0;
    const property = fc.asyncProperty(
      libraries,
      fc.array(questions, { minLength: 4, maxLength: 4 }),
      fc.infiniteStream(fc.nat(1000)),
      sortedMaxes,
      async (seeds, list, dice, sortedMax) => {
        bounds.sortedMax = sortedMax;
        const base = now + stepMs;
        let rows = rowsOf(seeds, base, nextId);
        nextId += rows.length;
        await replaceLibrary(server, rows, (time) => (now = time));
        const ids = rows.map(({ id }) => id);
        const roll = (sides: number) => (dice.next().value ?? 0) % sides;
        for (const one of list) {
          const question = resolve(one, ids, base);
          const { filter, orderBy, trash } = question;
          const variables = { filter, orderBy: [...orderBy], trash, search: searchText(question.search) };
          let expected = answer(question, rows);
          const whole = (await server.run(CONNECT, { ...variables, first: 100 })).entitiesConnection;
          expect(whole.edges.map(({ node }) => node.id)).toEqual(expected);
          expect(whole.totalCount).toBe(expected.length);
          if (whole.edges.length === 0) continue;
          const index = roll(whole.edges.length);
          const { cursor, node } = whole.edges[index]!;
          const place = rows.find(({ id }) => id === node.id)!;

          rows = await change(rows, roll, base);
          // The place stays where it was, also in the evaluator: a row of its own that is taken out again.
          const ghost = [...rows.filter(({ id }) => id !== place.id), place];
          const around = answer({ ...question, filter: null, search: [], trash: "ANY" }, ghost);
          const at = around.indexOf(place.id);
          const matching = new Set(answer(question, rows));
          const [before, after] = [around.slice(0, at), around.slice(at + 1)].map((part) =>
            part.filter((id) => matching.has(id)),
          ) as [string[], string[]];
          // Its own row, moved since, is now on one side or the other, or still there.
          const self = matching.has(place.id) ? sideOf(question, rows, place) : null;
          if (self === "after") after.push(place.id);
          if (self === "before") before.push(place.id);
          expected = answer(question, rows);
          const inOrder = (part: string[]) => expected.filter((id) => part.includes(id));
          const size = 1 + roll(4);

          const next = (await server.run(CONNECT, { ...variables, first: size, after: cursor }))
            .entitiesConnection;
          expect({ question, ids: next.edges.map((edge) => edge.node.id), ...next.pageInfo }).toEqual({
            question,
            ids: inOrder(after).slice(0, size),
            hasNextPage: after.length > size,
            hasPreviousPage: after.length < expected.length,
          });
          const back = (await server.run(CONNECT, { ...variables, last: size, before: cursor }))
            .entitiesConnection;
          expect({ question, ids: back.edges.map((edge) => edge.node.id), ...back.pageInfo }).toEqual({
            question,
            ids: inOrder(before).slice(-size),
            hasNextPage: before.length < expected.length,
            hasPreviousPage: before.length > size,
          });
          asked++;
        }
      },
    );
    await fc.assert(property, { numRuns: librariesMax });
    expect(asked).toBeGreaterThan(20);
  },
  timeoutMs,
);
