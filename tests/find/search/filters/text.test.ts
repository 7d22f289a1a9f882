import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { StringFilter } from "../../../generated/graphql.ts";
import { found } from "../../../support/finding.ts";
import { plantFiles } from "../../../support/planted.ts";
import { startSharedServer, type TestServer } from "../../../support/server.ts";

let server: TestServer;

const labelled = (label: StringFilter) => found(server, { filter: { label } });

beforeAll(async () => {
  server = await startSharedServer();
  const labels = [
    "Čapek",
    "capek",
    "Straße",
    "STRAẞE",
    "ΟΔΟΣ",
    "ﬁsh",
    "İstanbul",
    "ガス",
    "カス",
    "100% wool",
    "100 wool",
    "a_b",
    "axb",
    "back\\slash",
    "it's",
    'say "hi"',
  ];
  await plantFiles(
    server,
    labels.map((label) => ({ label })),
  );
  await plantFiles(server, [
    {
      originalName: "nameless.jpg",
      description: "Très bien",
      mimeType: "image/jpeg",
      extension: "jpg",
      md5: "0123456789abcdef0123456789abcdef",
      cameraMake: "Škoda",
      cameraModel: "Model X",
      label: null,
    },
  ]);
});
afterAll(() => server.stop());

describe("INSENSITIVE, which is the default", () => {
  test.each<[string, string, string[]]>([
    ["accents", "CAPEK", ["capek", "Čapek"]],
    ["accents in what is asked", "čápek", ["capek", "Čapek"]],
    ["decomposed accents", "Čapek".normalize("NFD"), ["capek", "Čapek"]],
    ["ß as ss", "strasse", ["STRAẞE", "Straße"]],
    ["the capital ẞ", "STRAẞE", ["STRAẞE", "Straße"]],
    ["the Greek final sigma", "οδος", ["ΟΔΟΣ"]],
    ["the Greek sigma inside", "οδοσ", ["ΟΔΟΣ"]],
    ["ligatures", "FISH", ["ﬁsh"]],
    ["the Turkish dotted İ", "istanbul", ["İstanbul"]],
    ["the Turkish dotless ı", "ıstanbul", ["İstanbul"]],
    ["half-width letters", "ｶﾞｽ", ["ガス"]],
  ])("ignores %s", async (_, equals, expected) => {
    expect(await labelled({ equals })).toEqual(expected.sort());
  });

  test("keeps Japanese voicing marks, which make other letters", async () => {
    expect(await labelled({ equals: "カス" })).toEqual(["カス"]);
    expect(await labelled({ equals: "ガス".normalize("NFD") })).toEqual(["ガス"]);
  });

  test("goes for every operator", async () => {
    expect(await labelled({ contains: "APE" })).toEqual(["capek", "Čapek"]);
    expect(await labelled({ startsWith: "ČA" })).toEqual(["capek", "Čapek"]);
    expect(await labelled({ endsWith: "ÉK" })).toEqual(["capek", "Čapek"]);
    expect(await labelled({ in: ["CAPEK", "fish", "nothing"] })).toEqual(["capek", "Čapek", "ﬁsh"]);
    expect(await labelled({ notIn: ["CAPEK"] })).not.toContain("Čapek");
    expect(await labelled({ not: "CAPEK" })).not.toContain("capek");
  });
});

describe("SENSITIVE", () => {
  test.each<[keyof StringFilter, string, string[]]>([
    ["equals", "Čapek", ["Čapek"]],
    ["equals", "ČAPEK", []],
    ["contains", "ape", ["capek", "Čapek"]],
    ["contains", "APE", []],
    ["startsWith", "ca", ["capek"]],
    ["startsWith", "CA", []],
    ["endsWith", "ße", ["Straße"]],
    ["endsWith", "sse", []],
  ])("compares %s with %j letter by letter", async (operator, value, expected) => {
    expect(await labelled({ [operator]: value, mode: "SENSITIVE" })).toEqual(expected.sort());
  });

  test("goes for lists too", async () => {
    expect(await labelled({ in: ["capek", "fish"], mode: "SENSITIVE" })).toEqual(["capek"]);
    expect(await labelled({ notIn: ["capek"], mode: "SENSITIVE" })).toContain("Čapek");
  });

  test("alone asks for nothing", async () => {
    expect(await labelled({ mode: "SENSITIVE" })).toHaveLength(17);
  });
});

describe("characters that mean something to SQL", () => {
  test.each([
    ["%", ["100% wool"]],
    ["0%", ["100% wool"]],
    ["_", ["a_b"]],
    ["a_b", ["a_b"]],
    ["\\", ["back\\slash"]],
    ["'", ["it's"]],
    ['"', ['say "hi"']],
    ["*", []],
    ["?", []],
    ["' OR 1=1 --", []],
    ["\ud800", []],
  ])("%j is a letter like any other", async (text, expected) => {
    expect(await labelled({ contains: text })).toEqual(expected);
    expect(await labelled({ contains: text, mode: "SENSITIVE" })).toEqual(expected);
    expect(await labelled({ startsWith: text })).toEqual(expected.filter((label) => label.startsWith(text)));
    expect(await labelled({ endsWith: text })).toEqual(expected.filter((label) => label.endsWith(text)));
    expect(await labelled({ in: [text] })).toEqual(expected.filter((label) => label === text));
  });
});

describe("rows without a string", () => {
  test("are in the complements and in nothing else", async () => {
    const count = async (label: StringFilter) => (await labelled(label)).length;
    expect(await count({ isNull: true })).toBe(1);
    expect(await count({ isNull: false })).toBe(16);
    expect(await count({ not: "capek" })).toBe(15);
    expect(await count({ notIn: ["capek"] })).toBe(15);
    expect(await count({ notIn: [] })).toBe(17);
    expect(await count({ in: [] })).toBe(0);
  });

  test.each(["contains", "startsWith", "endsWith"])(
    "are not found by an empty %s, all others are",
    async (operator) => {
      expect(await labelled({ [operator]: "" })).toHaveLength(16);
      expect(await labelled({ [operator]: "", mode: "SENSITIVE" })).toHaveLength(16);
    },
  );

  test("have no empty text either", async () => {
    expect(await labelled({ equals: "" })).toEqual([]);
  });
});

test("several operators must all hold", async () => {
  expect(await labelled({ startsWith: "c", endsWith: "k", not: "other", isNull: false })).toEqual([
    "capek",
    "Čapek",
  ]);
  expect(await labelled({ startsWith: "c", endsWith: "x" })).toEqual([]);
});

test("a search longer than the text finds nothing", async () => {
  expect(await labelled({ endsWith: "xxxxxxxxxxxxxxxcapek" })).toEqual([]);
  expect(await labelled({ startsWith: "capekxxxxxxxxxxxxxxx" })).toEqual([]);
});

test.each([
  ["description", { equals: "TRES BIEN" }, { equals: "tres bien", mode: "SENSITIVE" }],
  ["originalName", { endsWith: ".JPG" }, { endsWith: ".JPG", mode: "SENSITIVE" }],
  ["mimeType", { startsWith: "IMAGE/" }, { startsWith: "IMAGE/", mode: "SENSITIVE" }],
  ["extension", { equals: "JPG" }, { equals: "JPG", mode: "SENSITIVE" }],
  ["md5", { startsWith: "0123456789ABCDEF" }, { startsWith: "0123456789ABCDEF", mode: "SENSITIVE" }],
  ["cameraMake", { equals: "skoda" }, { equals: "skoda", mode: "SENSITIVE" }],
  ["cameraModel", { contains: "MODEL" }, { contains: "MODEL", mode: "SENSITIVE" }],
] satisfies [string, StringFilter, StringFilter][])(
  "%s is compared like a label",
  async (field, loose, strict) => {
    expect(await found(server, { filter: { [field]: loose } })).toHaveLength(1);
    expect(await found(server, { filter: { [field]: strict } })).toHaveLength(0);
    expect(await found(server, { filter: { [field]: { isNull: true } } })).toHaveLength(16);
  },
);
