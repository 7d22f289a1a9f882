import fc from "../../support/fast-check.ts";
import { expect, test } from "vitest";
import {
  readTexts,
  textColumns,
  type TextColumn,
  type Texts,
} from "../../../src/database/model/search-terms.ts";
import { isMatch, matchOf, parseSearch } from "../../../src/find/search/text.ts";
import { listReplacedMatches } from "../../../src/history/snapshots/texts.ts";
import { plantFiles } from "../../support/planted.ts";
import { startServer } from "../../support/server.ts";

// Letters that are one to the index and two to the folding, or the other way round; marks that end a word;
// scripts that come composed and decomposed.
const letters = [
  "a",
  "A",
  "á",
  "a\u0301",
  "s",
  "ß",
  "ẞ",
  "ﬁ",
  "fi",
  "ς",
  "Σ",
  "İ",
  "ı",
  "K",
  "ø",
  "1",
  "²",
  "½",
];
const others = [
  "ガ",
  "カ\u3099",
  "カ",
  "한",
  "\u1112\u1161\u11ab",
  "हि",
  "\u1ab0",
  "\u0301",
  " ",
  "-",
  "_",
  "🙂",
  "\n",
];
const piece = fc.constantFrom(...letters, ...others);
const text = fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join(""));
const word = fc.array(piece, { minLength: 1, maxLength: 2 }).map((pieces) => pieces.join(""));
const row = fc.tuple(...textColumns.map(() => fc.option(text)));
const term = fc
  .tuple(fc.constantFrom("", "label:", "keywords:", "camera:"), word, fc.constantFrom("", "*"))
  .map(([field, words, star]) => `${field}"${words}"${star}`);

const opening = { operation: "plant", actor: null, reason: null };

// The narrowing down in SQL must lose no row that the index would find.
test("a search of the past finds everything that the index would have found, in any script", async () => {
  const server = await startServer();
  const { db } = server.app.deps;
  let decided = 0;
  const property = fc.asyncProperty(
    fc.array(row, { minLength: 20, maxLength: 40 }),
    fc.array(fc.array(term, { minLength: 1, maxLength: 2 }), { minLength: 20, maxLength: 20 }),
    async (rows, searches) => {
      const texts = rows.map((values) =>
        values.map((value) => value?.replaceAll(/\p{Surrogate}/gu, "") ?? null),
      );
      const planted = texts.map((values) =>
        Object.fromEntries(textColumns.map((column, index) => [column, values[index] ?? null])),
      );
      const ids = (await plantFiles(server, planted as Partial<Record<TextColumn, string>>[])).map(Number);
      const last = await db.prisma.transaction.findFirstOrThrow({ orderBy: { id: "desc" } });
      const moment = { transactionId: last.id, at: last.at.getTime() };
      const nothing = Object.fromEntries(textColumns.map((column) => [column, null]));
      await db.transaction(opening, ({ prisma }) =>
        prisma.entity.updateMany({ where: { id: { in: ids } }, data: nothing }),
      );
      for (const terms of searches) {
        const match = matchOf(parseSearch(terms.join(" ")));
        if (match == null) continue;
        // Every column is there.
        const expected = ids.filter((_, index) =>
          isMatch(match, readTexts(planted[index] as unknown as Texts)),
        );
        const found = await listReplacedMatches(server.app.deps, moment, match);
        expect({ terms, ids: found.toSorted((one, other) => one - other) }).toEqual({ terms, ids: expected });
        if (expected.length > 0) decided++;
      }
      await db.transaction(opening, ({ prisma }) => prisma.entity.deleteMany({ where: { id: { in: ids } } }));
    },
  );
  await fc.assert(property, { numRuns: 20 });
  expect(decided).toBeGreaterThan(50);
});

test("more rows than one lot are all looked at", async () => {
  const server = await startServer();
  const { db } = server.app.deps;
  const rows = Array.from({ length: 4500 }, (_, index) => ({
    label: index % 2 === 0 ? "even one" : "odd one",
  }));
  await db.transaction(opening, ({ prisma }) => prisma.entity.createMany({ data: rows }));
  const last = await db.prisma.transaction.findFirstOrThrow({ orderBy: { id: "desc" } });
  await db.transaction(opening, ({ prisma }) => prisma.entity.updateMany({ data: { label: "new" } }));
  const moment = { transactionId: last.id, at: last.at.getTime() };
  const find = (search: string) =>
    listReplacedMatches(server.app.deps, moment, matchOf(parseSearch(search))!);
  expect(new Set(await find("even")).size).toBe(2250);
  expect(new Set(await find("one")).size).toBe(4500);
  expect(await find("new")).toEqual([]);
});
