import fc from "../../support/fast-check.ts";
import { describe, expect, test } from "vitest";
import { textColumns, type TextColumn, type Texts } from "../../../src/database/model/search-terms.ts";
import { highlightsOf } from "../../../src/find/search/highlights.ts";
import { matchOf, parseSearch } from "../../../src/find/search/text.ts";

const nothing = Object.fromEntries(textColumns.map((column) => [column, null])) as unknown as Texts;

const highlights = (search: string, texts: Partial<Record<TextColumn, string>>) =>
  highlightsOf({ ...nothing, ...texts }, matchOf(parseSearch(search))!.every);
const fragment = (search: string, text: string) => highlights(search, { description: text })[0]?.fragment;

describe("what was found stands between « and »", () => {
  test.each<[string, string, string]>([
    ["cat", "A black cat.", "A black «cat»."],
    ["capek", "Čapek’s", "«Čapek»’s"],
    ["ca*", "cat and car", "«cat» and «car»"],
    ['"black cat"', "a BLACK, cat", "a «BLACK, cat»"],
    ["cat black", "black cat", "«black» «cat»"],
    ["京", "東京都", "東«京»都"],
    ["東京都", "東京都庁", "«東京都»庁"],
    ["都", "東京都 都", "東京«都» «都»"],
    ["👍", "good 👍🏽!", "good «👍»🏽!"],
    ["cat", "nothing of it", "undefined"],
  ])("%j in %j", (search, text, expected) => {
    expect(String(fragment(search, text))).toBe(expected);
  });

  test.each<[string, string, string]>([
    ["041", "IMG_2041.JPG", "IMG_2«041».JPG"],
    ["IMG_20", "IMG_2041.JPG", "«IMG_20»41.JPG"],
    ["TC_", "xTC_1.png", "x«TC»_1.png"],
    ["_2041.", "IMG_2041.JPG", "IMG_«2041».JPG"],
    ["rass", "Straße.png", "St«raß»e.png"],
  ])("%j inside the name %j", (search, name, expected) => {
    expect(highlights(search, { originalName: name })).toEqual([
      { field: "originalName", fragment: expected },
    ]);
  });

  test("in every field that has it, and in none that was not asked for", () => {
    const texts = { label: "A cat", description: "cat", keywords: "dog\ncat" };
    expect(highlights("cat", texts).map(({ field }) => field)).toEqual(["label", "description", "keywords"]);
    expect(highlights("label:cat -dog", texts)).toEqual([{ field: "label", fragment: "A «cat»" }]);
  });
});

describe("is safe", () => {
  test("HTML is text", () => {
    expect(fragment("cat", `<b onload="x">cat's</b> & «cat»`)).toBe(
      "&lt;b onload=&quot;x&quot;&gt;«cat»&#39;s&lt;/b&gt; &amp; &laquo;«cat»&raquo;",
    );
  });

  test("a long text is cut around what was found", () => {
    const text = `${"lorem ".repeat(100)}cat${" ipsum".repeat(100)}`;
    const found = fragment("cat", text)!;
    expect(found).toMatch(/^….*«cat».*…$/);
    expect(found.length).toBeLessThanOrEqual(164);
  });

  const references: Record<string, string> = {
    "&lt;": "<",
    "&gt;": ">",
    "&quot;": '"',
    "&#39;": "'",
    "&laquo;": "«",
    "&raquo;": "»",
    "&amp;": "&",
  };
  const plainOf = (shown: string) =>
    shown
      .replaceAll(/[«»]/g, "")
      .replace(/^…/, "")
      .replace(/…$/, "")
      .replaceAll(/&[a-z#0-9]+;/g, (reference) => references[reference] ?? "?");

  const piece = fc.oneof(
    fc.constantFrom("cat", "Čat", "«", "»", "&", "<", "'", "&amp;", " ", "東京", "e\u0301", "👩‍👩‍👧", "👍🏽", "🇨🇿"),
    fc.string({ unit: "grapheme", maxLength: 8 }).map((text) => text.replaceAll("…", "")),
  );
  const text = fc.array(piece, { maxLength: 120, size: "max" }).map((pieces) => pieces.join(""));

  test("unescaped, a fragment is a piece of the text, and cuts no character", () => {
    let shown = 0;
    fc.assert(
      fc.property(text, fc.constantFrom("cat", "東", "👍", "c*", "京"), (description, search) => {
        const found = fragment(search, description);
        if (found == null) return;
        shown++;
        const plain = plainOf(found);
        expect(description).toContain(plain);
        expect(plain.length).toBeLessThanOrEqual(160);
        expect(found).toMatch(/«[^«»]+»/);
        expect(found.replaceAll(/«[^«»]*»/g, "")).not.toMatch(/[«»<>"']/);
        // A half of a pair could not be encoded.
        expect(() => encodeURIComponent(plain)).not.toThrow();
        if (found.startsWith("…")) expect(plain).not.toMatch(/^[\p{M}\u200d\p{EMod}]/u);
      }),
      { numRuns: 2000 },
    );
    expect(shown).toBeGreaterThan(200);
  });
});
