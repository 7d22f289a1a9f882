import { describe, expect, test } from "vitest";
import { parseMap, place } from "../../src/server/uploads/multipart-map.ts";

describe("parseMap", () => {
  const operations = () => ({
    query: "{hello}",
    variables: { file: null, list: [{ file: null }, null] as unknown[] },
  });

  test("finds the places of files, in lists too, and `place` fills them", () => {
    const target = operations();
    const places = parseMap(
      { a: ["variables.file", "variables.list.1"], b: ["variables.list.0.file"] },
      target,
      3,
    );
    for (const filePlace of places) place(target, filePlace, filePlace.part);
    expect(target.variables).toEqual({ file: "a", list: [{ file: "b" }, "a"] });
  });

  test("follows no property that is inherited, though it be null", () => {
    const inherited = { variables: Object.create({ file: null }) as object };
    expect(() => parseMap({ a: ["variables.file"] }, inherited, 3)).toThrow("leads to no null");
    // What the prototype of all objects inherits from is null.
    expect(() => parseMap({ a: ["variables.__proto__.__proto__"] }, operations(), 3)).toThrow(
      "leads to no null",
    );
  });

  // Seen: "holds a path that leads to no null in the variables", of ten parts, without a word which.
  test.each([
    ["no array", { photo: "variables.file" }, '"photo" no paths'],
    ["no paths", { photo: [] }, '"photo" no paths'],
    ["a path that is not a string", { photo: [{}] }, '"photo" a path that is not a string'],
    ["another form", { photo: ["secret"] }, '"photo" the path "secret"; write one such as "variables.file"'],
    ["no null", { photo: ["variables.fil"] }, '"photo" the path "variables.fil", which leads to no null'],
    ["one path twice", { photo: ["variables.file", "variables.file"] }, '"variables.file", which has a file'],
  ])("names the part and the path of %s", (_case, map, says) => {
    expect(() => parseMap(map, operations(), 3)).toThrow(says);
  });

  test.each([
    ["a long path", `variables${".secret".repeat(70)}`],
    ["an endless path", `variables${".secret".repeat(100_000)}`],
    ["controls", `${"\u001B\u202E\u2028\u0000".repeat(100)}.x`],
    ["quotes", '"\\'.repeat(300)],
    ["half a character at the cut", `${"x".repeat(59)}😀`],
  ])("quotes little of %s, and nothing that steers a terminal", (_case, text) => {
    for (const map of [{ [text]: [text] }, { [text]: [] }]) {
      let message = "";
      try {
        parseMap(map, operations(), 3);
      } catch (error) {
        ({ message } = error as Error);
      }
      expect(message).toMatch(/^The multipart field "map" gives the part "/);
      expect(JSON.stringify(message).length).toBeLessThan(800);
      expect(message).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
    }
  });
});
