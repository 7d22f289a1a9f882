import { describe, expect, test } from "vitest";
import { isNestedDeeper } from "../../src/server/graphql/nesting.ts";
import { cpuFloorMs, cpuMsOf } from "../support/cpu.ts";

const depthOf = (text: string) => {
  // Padded, since a text shorter than the limit cannot nest deeper.
  const padded = text + " ".repeat(100);
  let depth = 0;
  while (isNestedDeeper(padded, depth)) depth++;
  return depth;
};

describe("isNestedDeeper", () => {
  test.each([
    ["counts brackets of all kinds", "{a(b:[{c:1}])}", 4],
    ["counts depth, not number", "{a{b}c{d}e{f}}", 2],
    ["ignores strings", '{a(b:"{{{{")}', 2],
    ["ignores escaped quotes in strings", '{a(b:"\\"{{{")}', 2],
    ["goes on behind a string that ends in a backslash", '{a(b:"\\\\",c:[1])}', 3],
    ["ignores block strings with quotes in them", '{a(b:"""{{ " {{ "" {{ \\""" {{""",c:[1])}', 3],
    ["goes on behind an empty string", '{a(b:"",c:[1])}', 3],
    ["ignores comments up to the end of their line", '{a # {{{ " \n{b}}', 2],
    ["ends a comment at a carriage return", "{a # {{{ \r{b}}", 2],
    ["goes on behind a string that its line ends", '{a(b:"{{\n[{', 4],
    ["ignores the strings of JSON", '{"a":["{[","\\"[",{"b":"#"},[1]]}', 3],
    ["reads to the end of a block string that does not end", '{a(b:"""{{{', 2],
  ])("%s", (_, text, depth) => {
    expect(depthOf(text)).toBe(depth);
  });

  test("reads a large document once, for any content", async () => {
    const text = '"""'.repeat(300_000) + "#\n".repeat(300_000) + "[".repeat(100_000);
    const floorMs = await cpuFloorMs();
    const tookMs = await cpuMsOf(() => {
      expect(isNestedDeeper(text, 99_000)).toBe(true);
    });
    expect(tookMs).toBeLessThan(10 * floorMs);
  });
});
