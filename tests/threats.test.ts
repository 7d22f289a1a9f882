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

test("each hostile case has one row", () => {
  const ids = rows.map(({ id }) => id);
  expect(ids.length).toBeGreaterThan(0);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
});

test("each row names a test, or says why there is none", () => {
  const without = rows.filter(
    ({ cover }) => !/`tests\/.+\.test\.ts` `|`npm run |^No test: .{10}/.test(cover),
  );
  expect(without).toEqual([]);
});

/** Quotes, line breaks, placeholders and case are a matter of taste. */
const wordsOf = (title: string) =>
  title
    .replace(/\$\{[^}]*\}|%[a-z]|\\./g, " ")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();

test.each(references)("$file has the test $title", ({ file, title }) => {
  const path = join(root, file);
  expect(existsSync(path), file).toBe(true);
  expect(` ${wordsOf(readFileSync(path, "utf8"))} `).toContain(` ${wordsOf(title)} `);
});
