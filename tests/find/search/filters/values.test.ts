import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EntityFilter } from "../../../generated/graphql.ts";
import { found, refusal } from "../../../support/finding.ts";
import { plantChain, plantCollections, plantFiles } from "../../../support/planted.ts";
import { startSharedServer, type TestServer } from "../../../support/server.ts";

let server: TestServer;
let now = Date.UTC(2024, 0, 1);
const ids: Record<string, string> = {};

const find = (filter: EntityFilter) => found(server, { filter });
/** What only the rows "a" to "d" say about it. */
const findFiles = async (filter: EntityFilter) =>
  (await find(filter)).filter((label) => /^[a-d]$/.test(label));

const day = (date: number) => new Date(Date.UTC(2024, 0, date)).toISOString();

beforeAll(async () => {
  server = await startSharedServer({ clock: { now: () => now } });
  const chain = await plantChain(server, 4);
  const [other] = await plantCollections(server, [{ label: "other" }]);
  Object.assign(ids, { top: chain[0], second: chain[1], bottom: chain[3], other });
  const rows = [
    { label: "a", parentId: chain[0]!, type: "IMAGE", fileSize: 10, width: 100, height: 50 },
    {
      label: "b",
      parentId: chain[3]!,
      type: "VIDEO",
      fileSize: Number.MAX_SAFE_INTEGER,
      width: 200,
      duration: 0.5,
    },
    { label: "c", parentId: other!, type: "AUDIO", fileSize: 30, duration: 90.25, problems: "[]" },
    { label: "d" },
  ];
  for (const [index, row] of rows.entries()) {
    now = Date.UTC(2024, 0, 10 + index);
    const capturedAt = index < 3 ? new Date(Date.UTC(2024, 0, 1 + index)) : null;
    const [id] = await plantFiles(server, [{ ...row, capturedAt }]);
    ids[row.label] = id!;
  }
});
afterAll(() => server.stop());

describe("ids", () => {
  test("are found alone, in lists, and by what they are not", async () => {
    expect(await find({ id: { equals: ids["a"]! } })).toEqual(["a"]);
    expect(await find({ id: { in: [ids["a"]!, ids["c"]!, "999999"] } })).toEqual(["a", "c"]);
    expect(await findFiles({ id: { not: ids["a"]! } })).toEqual(["b", "c", "d"]);
    expect(await findFiles({ id: { notIn: [ids["a"]!, ids["b"]!] } })).toEqual(["c", "d"]);
    expect(await findFiles({ id: { isNull: false } })).toEqual(["a", "b", "c", "d"]);
    expect(await find({ id: { isNull: true } })).toEqual([]);
    expect(await find({ id: { in: [] } })).toEqual([]);
  });

  test.each([
    "9223372036854775808",
    "123456789012345678901234567890",
    "9007199254740993",
    "0",
    "-1",
    "1e3",
    "1.0",
    " 1",
    "٣",
    "abc",
    "",
    "' OR 1=1 --",
  ])("%j names nothing, without a failure", async (id) => {
    expect(await find({ id: { equals: id } })).toEqual([]);
    expect(await find({ id: { in: [id] } })).toEqual([]);
    expect(await find({ under: id })).toEqual([]);
    expect(await find({ parentId: { equals: id } })).toEqual([]);
    expect(await findFiles({ id: { not: id } })).toEqual(["a", "b", "c", "d"]);
    expect(await findFiles({ id: { notIn: [id] } })).toEqual(["a", "b", "c", "d"]);
  });

  test("of parents leave out entities at the top, but for the complements", async () => {
    expect(await find({ parentId: { equals: ids["other"]! } })).toEqual(["c"]);
    expect(await findFiles({ parentId: { isNull: true } })).toEqual(["d"]);
    expect(await findFiles({ parentId: { isNull: false } })).toEqual(["a", "b", "c"]);
    expect(await findFiles({ parentId: { not: ids["other"]! } })).toEqual(["a", "b", "d"]);
    expect(await findFiles({ parentId: { notIn: [ids["other"]!, ids["top"]!] } })).toEqual(["b", "d"]);
    expect(await findFiles({ parentId: { in: [ids["other"]!, ids["top"]!] } })).toEqual(["a", "c"]);
  });
});

describe("under", () => {
  test("finds entities below at any depth, and not the collection itself", async () => {
    expect(await find({ under: ids["top"]! })).toEqual(["a", "b", "level 1", "level 2", "level 3"]);
    expect(await find({ under: ids["second"]! })).toEqual(["b", "level 2", "level 3"]);
    expect(await find({ under: ids["bottom"]! })).toEqual(["b"]);
  });

  test("finds nothing below a file", async () => {
    expect(await find({ under: ids["a"]! })).toEqual([]);
  });

  test("has a complement", async () => {
    expect(await findFiles({ NOT: [{ under: ids["top"]! }] })).toEqual(["c", "d"]);
  });
});

describe("numbers", () => {
  test.each<[string, EntityFilter, string[]]>([
    ["fileSize equals", { fileSize: { equals: Number.MAX_SAFE_INTEGER } }, ["b"]],
    ["fileSize lt", { fileSize: { lt: 30 } }, ["a"]],
    ["fileSize lte", { fileSize: { lte: 30 } }, ["a", "c"]],
    ["fileSize gt", { fileSize: { gt: 30 } }, ["b"]],
    ["fileSize gte", { fileSize: { gte: 30 } }, ["b", "c"]],
    ["fileSize isNull", { fileSize: { isNull: true } }, ["d"]],
    ["a range", { fileSize: { gt: 10, lt: Number.MAX_SAFE_INTEGER } }, ["c"]],
    ["an empty range", { fileSize: { gt: 30, lt: 10 } }, []],
    ["width equals", { width: { equals: 200 } }, ["b"]],
    ["width not", { width: { not: 200 } }, ["a", "c", "d"]],
    ["width in", { width: { in: [100, 300] } }, ["a"]],
    ["width in nothing", { width: { in: [] } }, []],
    ["width lt", { width: { lt: 200 } }, ["a"]],
    ["width lte", { width: { lte: 200 } }, ["a", "b"]],
    ["width gt", { width: { gt: 100 } }, ["b"]],
    ["width gte", { width: { gte: 100 } }, ["a", "b"]],
    ["width isNull", { width: { isNull: false } }, ["a", "b"]],
    ["width extremes", { width: { gt: -2147483648, lt: 2147483647 } }, ["a", "b"]],
    ["height equals", { height: { equals: 50 } }, ["a"]],
    ["height not", { height: { not: 50 } }, ["b", "c", "d"]],
    ["duration equals", { duration: { equals: 90.25 } }, ["c"]],
    ["duration lt", { duration: { lt: 90.25 } }, ["b"]],
    ["duration lte", { duration: { lte: 90.25 } }, ["b", "c"]],
    ["duration gt", { duration: { gt: 0.5 } }, ["c"]],
    ["duration gte", { duration: { gte: 0.5 } }, ["b", "c"]],
    ["duration isNull", { duration: { isNull: true } }, ["a", "d"]],
  ])("%s", async (_, filter, expected) => {
    expect(await findFiles(filter)).toEqual(expected);
  });

  test.each<[string, unknown]>([
    ["a size past 2^53 - 1", { fileSize: { gt: 2 ** 53 } }],
    ["a size with a fraction", { fileSize: { gt: 1.5 } }],
    ["a size as text", { fileSize: { gt: "12" } }],
    ["a width past 32 bits", { width: { gt: 2 ** 31 } }],
    ["a duration as text", { duration: { gt: "1" } }],
  ])("refuses %s", async (_, filter) => {
    // What the schema does not admit cannot be typed.
    expect(await refusal(server, { filter: filter as EntityFilter })).toEqual({
      status: 400,
      data: null,
      code: "BAD_USER_INPUT",
    });
  });
});

describe("instants", () => {
  test.each<[string, EntityFilter, string[]]>([
    ["capturedAt equals", { capturedAt: { equals: day(2) } }, ["b"]],
    ["capturedAt equals, at another offset", { capturedAt: { equals: "2024-01-02T05:30:00+05:30" } }, ["b"]],
    ["capturedAt lt", { capturedAt: { lt: day(2) } }, ["a"]],
    ["capturedAt lte", { capturedAt: { lte: day(2) } }, ["a", "b"]],
    ["capturedAt gt", { capturedAt: { gt: day(2) } }, ["c"]],
    ["capturedAt gte", { capturedAt: { gte: day(2) } }, ["b", "c"]],
    ["capturedAt gt, a millisecond before", { capturedAt: { gt: "2024-01-01T23:59:59.999Z" } }, ["b", "c"]],
    ["capturedAt isNull", { capturedAt: { isNull: true } }, ["d"]],
    ["addedAt between", { addedAt: { gte: day(11), lt: day(13) } }, ["b", "c"]],
    ["updatedAt equals", { updatedAt: { equals: day(13) } }, ["d"]],
    ["the year 1", { addedAt: { gt: "0001-01-01T00:00:00Z" } }, ["a", "b", "c", "d"]],
    ["the year 9999", { addedAt: { lt: "9999-12-31T23:59:59.999Z" } }, ["a", "b", "c", "d"]],
  ])("%s", async (_, filter, expected) => {
    expect(await findFiles(filter)).toEqual(expected);
  });
});

describe("kinds", () => {
  test.each<[string, EntityFilter, string[]]>([
    ["type equals", { type: { equals: "IMAGE" } }, ["a"]],
    ["type in", { type: { in: ["IMAGE", "VIDEO"] } }, ["a", "b"]],
    ["type not", { type: { not: "IMAGE" } }, ["b", "c", "d"]],
    ["type notIn", { type: { notIn: ["IMAGE", "VIDEO"] } }, ["c", "d"]],
    ["type isNull", { type: { isNull: false } }, ["a", "b", "c"]],
    ["a type nothing has", { type: { equals: "DOCUMENT" } }, []],
    ["isCollection", { isCollection: false }, ["a", "b", "c", "d"]],
    ["hasProblems", { hasProblems: true }, ["c"]],
    ["hasProblems false", { hasProblems: false }, ["a", "b", "d"]],
  ])("%s", async (_, filter, expected) => {
    expect(await findFiles(filter)).toEqual(expected);
  });

  test("collections have no type, so `not` finds them", async () => {
    expect(await find({ type: { not: "IMAGE" } })).toContain("other");
    expect(await find({ isCollection: true })).toEqual(["level 0", "level 1", "level 2", "level 3", "other"]);
  });
});
