import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EntityOrderBy } from "../../generated/graphql.ts";
import { list, refusal } from "../../support/finding.ts";
import { plantFiles } from "../../support/planted.ts";
import { startSharedServer, type TestServer } from "../../support/server.ts";

let server: TestServer;
let now = Date.UTC(2024, 0, 1);

/** In the order of their arrival; two at a time come at the same moment. */
const rows = [
  {
    label: "b",
    originalName: "Z.jpg",
    fileSize: 2,
    duration: 1.5,
    capturedAt: new Date("2001-01-01T00:00:00Z"),
  },
  {
    label: "Á",
    originalName: "y.jpg",
    fileSize: 3,
    duration: null,
    capturedAt: new Date("2003-01-01T00:00:00Z"),
  },
  {
    label: "a",
    originalName: null,
    fileSize: 2,
    duration: 0.5,
    capturedAt: new Date("2002-01-01T00:00:00Z"),
  },
  { label: null, originalName: "x.jpg", fileSize: null, duration: null, capturedAt: null },
  {
    label: "C",
    originalName: "Ž.jpg",
    fileSize: 1,
    duration: 90,
    capturedAt: new Date("1960-01-01T00:00:00Z"),
  },
  { label: null, originalName: null, fileSize: 3, duration: 0.5, capturedAt: null },
];
const names = new Map<string, string>();

/** The rows by their place of arrival, 1 to 6. */
const order = async (...orderBy: EntityOrderBy[]) => {
  const filter = { isCollection: false };
  const found = await list(server, { orderBy, filter });
  // Nothing lies in the trash; but no index is in the right order for both sides of it, so that ties which an
  // index breaks by chance come apart.
  expect(await list(server, { orderBy, filter, trash: "ANY" })).toEqual(found);
  return found.map((label) => names.get(label)).join("");
};

beforeAll(async () => {
  server = await startSharedServer({ clock: { now: () => now } });
  for (let index = 0; index < rows.length; index += 2) {
    now += 1000;
    const ids = await plantFiles(server, rows.slice(index, index + 2));
    ids.forEach((id, offset) => names.set(rows[index + offset]!.label ?? id, String(index + offset + 1)));
  }
  // The first ones change last: the order of changes is not the order of arrival.
  for (const label of ["a", "b"]) {
    now += 1000;
    await server.app.deps.db.transaction({ operation: "test", actor: null, reason: null }, ({ prisma }) =>
      prisma.entity.updateMany({ where: { label }, data: { description: "changed" } }),
    );
  }
});
afterAll(() => server.stop());

describe("orderBy", () => {
  test.each<[EntityOrderBy, string]>([
    [{ id: "ASC" }, "123456"],
    [{ id: "DESC" }, "654321"],
    [{ label: "ASC" }, "231546"],
    [{ label: "DESC" }, "513264"],
    [{ addedAt: "ASC" }, "123456"],
    [{ addedAt: "DESC" }, "654321"],
    [{ updatedAt: "ASC" }, "245631"],
    [{ updatedAt: "DESC" }, "136542"],
    [{ capturedAt: "ASC" }, "513246"],
    [{ capturedAt: "DESC" }, "231564"],
    [{ fileSize: "ASC" }, "513264"],
    [{ fileSize: "DESC" }, "623154"],
    [{ duration: "ASC" }, "361524"],
    [{ duration: "DESC" }, "516342"],
    [{ originalName: "ASC" }, "421536"],
    [{ originalName: "DESC" }, "512463"],
  ])("%j: nulls last, the id breaks ties", async (step, expected) => {
    expect(await order(step)).toBe(expected);
  });

  test("takes several steps, the most important first", async () => {
    expect(await order({ fileSize: "ASC" }, { label: "DESC" })).toBe("513264");
    expect(await order({ fileSize: "ASC" }, { label: "ASC" })).toBe("531264");
    expect(await order({ duration: "DESC" }, { fileSize: "DESC" }, { id: "ASC" })).toBe("516324");
    expect(await order({ addedAt: "DESC" }, { id: "ASC" })).toBe("563412");
  });

  test("takes every key once, and the same key twice", async () => {
    const keys = [
      "label",
      "originalName",
      "addedAt",
      "updatedAt",
      "capturedAt",
      "fileSize",
      "duration",
      "id",
    ];
    expect(await order(...keys.map((key) => ({ [key]: "ASC" })))).toBe("231546");
    expect(await order({ label: "ASC" }, { label: "DESC" })).toHaveLength(6);
  });

  test("has no steps: newest first, as when it is left out or null", async () => {
    expect(await order()).toBe("654321");
    const plain = await list(server, {});
    expect(plain.map((label) => names.get(label)).join("")).toBe("654321");
    expect(await list(server, { orderBy: null })).toEqual(plain);
  });

  test.each<[string, EntityOrderBy[]]>([
    ["two keys in one step", [{ label: "ASC", id: "ASC" }]],
    ["two keys in the second step", [{ id: "ASC" }, { label: "ASC", fileSize: "ASC" }]],
    ["a step without a key", [{}]],
    ["a step with a null", [{ label: null }]],
    ["more steps than there are keys", Array.from({ length: 14 }, () => ({ id: "ASC" as const }))],
  ])("refuses %s", async (_, orderBy) => {
    expect(await refusal(server, { orderBy })).toEqual({ status: 400, data: null, code: "BAD_USER_INPUT" });
  });

  test("takes a null beside the one key", async () => {
    expect(await order({ label: null, id: "ASC" })).toBe("123456");
  });
});
