import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EntityFilter } from "../../../generated/graphql.ts";
import { found, refusal } from "../../../support/finding.ts";
import { plantFiles } from "../../../support/planted.ts";
import { startSharedServer, type TestServer } from "../../../support/server.ts";

let server: TestServer;

beforeAll(async () => {
  server = await startSharedServer();
  await plantFiles(server, [
    { label: "a", width: 1 },
    { label: "b", width: 2 },
    { label: "c" },
    { description: "d" },
  ]);
});
afterAll(() => server.stop());

const count = async (filter: EntityFilter) => (await found(server, { filter })).length;
const is = (label: string): EntityFilter => ({ label: { equals: label } });

describe("AND, OR and NOT", () => {
  test.each<[string, EntityFilter, number]>([
    ["an empty filter finds everything", {}, 4],
    ["AND of nothing finds everything", { AND: [] }, 4],
    ["OR of nothing finds nothing", { OR: [] }, 0],
    ["NOT of nothing finds everything", { NOT: [] }, 4],
    ["AND of empty filters finds everything", { AND: [{}, {}] }, 4],
    ["OR of an empty filter finds everything", { OR: [is("a"), {}] }, 4],
    ["NOT of an empty filter finds nothing", { NOT: [{}] }, 0],
    ["NOT of an empty OR finds everything", { NOT: [{ OR: [] }] }, 4],
    ["empty operators find everything", { label: {}, width: {}, location: {}, id: {} }, 4],
    ["AND joins", { AND: [is("a"), { width: { equals: 1 } }] }, 1],
    ["AND contradicts", { AND: [is("a"), is("b")] }, 0],
    ["OR adds", { OR: [is("a"), is("b"), is("a")] }, 2],
    ["NOT means none of them", { NOT: [is("a"), is("b")] }, 2],
    ["fields join with AND, OR and NOT", { OR: [is("a"), is("b")], NOT: [is("b")], width: { gte: 1 } }, 1],
    ["a field and OR beside it both hold", { OR: [is("a"), is("b")], label: { in: ["b", "c"] } }, 1],
  ])("%s", async (_, filter, expected) => {
    expect(await count(filter)).toBe(expected);
  });

  test("NOT is the exact complement, rows without the field included", async () => {
    for (const filter of [is("a"), { width: { gt: 1 } }, { OR: [is("a"), { width: { lt: 5 } }] }]) {
      expect((await count(filter)) + (await count({ NOT: [filter] }))).toBe(4);
    }
  });

  test("twice NOT is the same again", async () => {
    expect(await count({ NOT: [{ NOT: [{ width: { lt: 2 } }] }] })).toBe(1);
    expect(await count({ NOT: [{ NOT: [{ NOT: [{ width: { lt: 2 } }] }] }] })).toBe(3);
  });
});

/**
 * Seen: 50 levels ended in "parser stack overflow" and HTTP 500, since each level put brackets around
 * brackets and SQLite's parser has room for 100 things that wait.
 */
describe("nesting", () => {
  const shapes: Record<string, (inner: EntityFilter, level: number) => EntityFilter> = {
    AND: (inner) => ({ AND: [inner] }),
    NOT: (inner) => ({ NOT: [inner] }),
    "AND and OR beside other things": (inner, level) =>
      level % 2 ? { OR: [is("zz"), inner] } : { AND: [{ label: { not: "zz" } }, inner] },
    "OR beside a field": (inner) => ({ label: { not: "zz" }, OR: [is("zz"), inner] }),
    "NOT beside other things": (inner) => ({ NOT: [inner, is("zz")] }),
    "all three at once": (inner, level) => ({
      label: { not: "zz" },
      AND: [{ NOT: [is("zz")] }],
      ...(level % 2 ? { OR: [is("zz"), inner] } : { NOT: [is("zz"), { NOT: [inner] }] }),
    }),
  };
  const nest = (shape: string, levels: number, start: EntityFilter) => {
    let filter = start;
    for (let level = 0; level < levels; level++) filter = shapes[shape]!(filter, level);
    return filter;
  };

  const longest: EntityFilter[] = [
    is("a"),
    { NOT: [{ under: "1" }] },
    { label: { notIn: ["b", "c"] } },
    { location: { near: { latitude: 1, longitude: 1, radiusMetres: 5 } } },
  ];

  test.each(Object.keys(shapes))("of %s works 50 levels deep, for every kind of clause", async (shape) => {
    for (const start of longest) expect(await count(nest(shape, 50, start))).toBe(await count(start));
  });

  test.each(Object.keys(shapes))("of %s never fails at any depth", async (shape) => {
    for (const start of longest) {
      for (const levels of [58, 75, 100, 115]) {
        const { status, code } = await refusal(server, { filter: nest(shape, levels, start) });
        expect([undefined, "QUERY_TOO_COMPLEX", "BAD_USER_INPUT"]).toContain(code);
        expect([200, 400]).toContain(status);
      }
    }
  });

  const tree = (levels: number, start: EntityFilter): EntityFilter =>
    levels === 0
      ? start
      : {
          [levels % 2 ? "OR" : "AND"]: [
            tree(levels - 1, start),
            { NOT: [{ NOT: [tree(levels - 1, start)] }] },
          ],
        };

  test("of trees works", async () => {
    expect(await count(tree(6, is("a")))).toBe(1);
  });

  // What stands right of a deep part waits for it on the parser's stack as brackets do.
  test("of trees below other levels never fails", async () => {
    for (const start of longest) {
      for (let levels = 30; levels <= 60; levels += 6) {
        const filter = nest("OR beside a field", levels, tree(6, start));
        expect([undefined, "QUERY_TOO_COMPLEX"]).toContain((await refusal(server, { filter })).code);
      }
    }
  });

  test("past 100 levels is too complex", async () => {
    expect(await refusal(server, { filter: nest("AND", 101, {}) })).toEqual({
      status: 400,
      data: null,
      code: "QUERY_TOO_COMPLEX",
    });
  });
});

describe("length", () => {
  test.each(["AND", "OR", "NOT"])("%s of 490 works", async (key) => {
    const filter = { [key]: Array.from({ length: 490 }, () => is(key === "NOT" ? "zz" : "a")) };
    expect(await count(filter)).toBe(key === "NOT" ? 4 : 1);
  });

  // Seen: `OR: [{}, {}, …]` counted as one clause, and SQLite refused 2000 conditions with HTTP 500.
  test.each(["AND", "OR", "NOT"])("%s of 600 is too complex, empty or not", async (key) => {
    for (const part of [is("a"), {}, { label: {} }, { AND: [] }]) {
      const { status, code } = await refusal(server, {
        filter: { [key]: Array.from({ length: 600 }, () => part) },
      });
      expect({ status, code }).toEqual({ status: 400, code: "QUERY_TOO_COMPLEX" });
    }
  });

  test("counts every operator", async () => {
    const part: EntityFilter = { label: { equals: "a", not: "b", contains: "a" }, width: { gt: 0, lt: 5 } };
    const of = (length: number) => ({ filter: { OR: Array.from({ length }, () => part) } });
    expect((await refusal(server, of(99))).status).toBe(200);
    expect((await refusal(server, of(101))).code).toBe("QUERY_TOO_COMPLEX");
  });

  test("a list of 20,000 values is one clause", async () => {
    const values = Array.from({ length: 20_000 }, (_, index) => String(index));
    expect(await count({ id: { in: values }, label: { in: [...values, "a"] } })).toBe(1);
  });
});

test("a filter on everything at once works", async () => {
  const text = {
    equals: "x",
    not: "y",
    in: ["x"],
    notIn: ["y"],
    contains: "x",
    startsWith: "x",
    endsWith: "x",
    isNull: false,
    mode: "SENSITIVE" as const,
  };
  const id = { equals: "1", not: "2", in: ["1"], notIn: ["2"], isNull: false };
  const range = { equals: 1, lt: 2, lte: 2, gt: 0, gte: 0, isNull: false };
  const now = "2024-01-01T00:00:00Z";
  const local = "2024-01-01T00:00:00";
  const instant = { equals: now, lt: now, lte: now, gt: now, gte: now, isNull: false };
  const everything: Required<Omit<EntityFilter, "AND" | "OR" | "NOT">> = {
    id,
    parentId: id,
    under: "1",
    isCollection: false,
    kind: { equals: "ALBUM", in: ["ALBUM"], isNull: true },
    inCollection: "1",
    label: text,
    description: text,
    originalName: text,
    type: { equals: "IMAGE", not: "VIDEO", in: ["IMAGE"], notIn: ["VIDEO"], isNull: false },
    mimeType: text,
    extension: text,
    md5: text,
    fileSize: range,
    width: { ...range, not: 3, in: [1] },
    height: { ...range, not: 3, in: [1] },
    duration: range,
    capturedAt: instant,
    capturedLocal: { equals: local, lt: local, lte: local, gt: local, gte: local, isNull: false },
    addedAt: instant,
    updatedAt: instant,
    deletedAt: instant,
    cameraMake: text,
    cameraModel: text,
    location: {
      within: { north: 1, south: -1, east: -179, west: 179 },
      near: { latitude: 0, longitude: 180, radiusMetres: 1 },
      isNull: false,
    },
    keywords: { has: "x", hasAny: ["x"], hasAll: ["x"], under: "x", isEmpty: false },
    rating: { ...range, not: 3, in: [1] },
    altText: text,
    creator: text,
    copyright: text,
    hasProblems: true,
    parentIsDeleted: true,
  };
  expect(await count(everything)).toBe(0);
  expect(await count({ AND: [everything], OR: [everything] })).toBe(0);
  expect(await count({ NOT: [everything] })).toBe(4);
});
