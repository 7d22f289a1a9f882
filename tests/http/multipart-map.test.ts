import { describe, expect, test } from "vitest";
import { parseMap, place } from "../../src/http/multipart-map.ts";

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

  test("does not quote what it refuses", () => {
    for (const path of ["variables.secret", "secret", `variables${".secret".repeat(1000)}`]) {
      expect(() => parseMap({ secret: [path] }, operations(), 3)).toThrow(/^(?!.*secret)/);
    }
  });
});
