import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
const text = readFileSync(join(root, "docs/threats.md"), "utf8");
const rows = [...text.matchAll(/^\| ([A-Z]\d+) +\|[^|]*\| (.*?) *\|$/gm)].map(([, id = "", cover = ""]) => ({
  id,
  cover,
}));
const references = [...text.matchAll(/`(tests\/[\w/.-]+\.test\.ts)` `([^`]+)`/g)].map(
  ([, file = "", title = ""]) => ({ file, title }),
);

/** How many cases each group has, of the runs all but two numbers that were never given. */
const groups = { G: 21, M: 15, U: 8, S: 10, P: 6, H: 5, C: 9, D: 5, A: 9, L: 3, X: 1, T: 17 } as const;
const cases = Object.entries(groups)
  .flatMap(([letter, count]) => Array.from({ length: count }, (_, index) => `${letter}${index + 1}`))
  .filter((id) => id !== "T4" && id !== "T5");

test("each hostile case has its row, once", () => {
  expect(rows.map(({ id }) => id).sort()).toEqual(cases.sort());
});

test("each row names a test, or says why there is none", () => {
  const without = rows.filter(
    ({ cover }) => !/`tests\/.+\.test\.ts` `|`npm run |^No test: .{10}/.test(cover),
  );
  expect(without).toEqual([]);
});

test.each(references)("$file has the test $title", ({ file, title }) => {
  const path = join(root, file);
  expect(existsSync(path)).toBe(true);
  expect(readFileSync(path, "utf8")).toContain(title);
});
