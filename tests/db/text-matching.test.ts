import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { openTextMatching, tokenizer } from "../../src/db/text-matching.ts";
import { temporaryDatabase } from "./temporary.ts";

const migrations = join(import.meta.dirname, "../../prisma/migrations");

const columns = ["label", "description"];
function match(rows: [number, ...(string | null)[]][], expression: string): readonly number[] {
  const matching = openTextMatching(columns, expression);
  try {
    return matching.match(rows);
  } finally {
    matching.close();
  }
}

test("takes for words what the library's own index does", () => {
  const sources = readdirSync(migrations, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".sql"))
    .map((file) => readFileSync(join(migrations, file), "utf8"));
  const indexes = sources.flatMap((text) => [...text.matchAll(/USING fts5\(([^;]*)\);/g)]);
  expect(indexes.length).toBeGreaterThan(0);
  expect(indexes.at(-1)?.[1]).toContain(`tokenize="${tokenizer}"`);
});

test("finds words, phrases and beginnings, in the columns that are named", () => {
  const rows: [number, string | null, string | null][] = [
    [1, "Čapek's garden", null],
    [2, null, "a garden of Capek"],
    [70_000_000_000, "gardens", "ČAPEK"],
  ];
  expect(match(rows, '"capek" AND "garden"')).toEqual([1, 2]);
  expect(match(rows, '{label} : "čapek"')).toEqual([1]);
  expect(match(rows, '"garden" *')).toEqual([1, 2, 70_000_000_000]);
  expect(match(rows, '"garden of"')).toEqual([2]);
});

test("forgets each lot before the next one", () => {
  const matching = openTextMatching(columns, '"a"');
  expect(matching.match([[1, "a", null]])).toEqual([1]);
  expect(matching.match([])).toEqual([]);
  expect(
    matching.match([
      [2, "b", "a"],
      [3, null, null],
    ]),
  ).toEqual([2]);
  expect(matching.match([[1, "b", null]])).toEqual([]);
  matching.close();
});

test("answers as an index on the disk for any texts", () => {
  const database = temporaryDatabase(
    `CREATE VIRTUAL TABLE plain USING fts5(label, description, tokenize="${tokenizer}")`,
  );
  const text = fc.option(fc.string({ unit: "binary", maxLength: 12 }));
  const word = fc.string({ unit: "binary", minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(text, text), { maxLength: 5 }),
      word,
      fc.boolean(),
      (texts, wanted, isPrefix) => {
        const expression = `"${wanted.replaceAll('"', '""').replaceAll("\0", " ")}"${isPrefix ? " *" : ""}`;
        const rows = texts.map(([label, description], index): [number, string | null, string | null] => [
          index + 1,
          label,
          description,
        ]);
        database.writer.exec("DELETE FROM plain");
        for (const values of rows)
          database.writer.run({
            sql: "INSERT INTO plain (rowid, label, description) VALUES (?, ?, ?)",
            values,
          });
        const expected = database.writer
          .all<{ rowid: number }>({
            sql: "SELECT rowid FROM plain WHERE plain MATCH ?",
            values: [expression],
          })
          .map(({ rowid }) => rowid);
        expect(match(rows, expression)).toEqual(expected);
      },
    ),
    { numRuns: 200 },
  );
});
