import fc from "../support/fast-check.ts";
import { describe, expect, test } from "vitest";
import { plainName, tokensOf } from "../../src/database/model/text-analysis.ts";

const words = (text: string) => tokensOf(text).map((token) => token.text);

describe("words", () => {
  test.each<[string, string[]]>([
    ["Black cat, 2nd", ["black", "cat", "2nd"]],
    ["Großvater ČAPEK ﬁn ²", ["grossvater", "capek", "fin", "2"]],
    ["हिन्दी में", ["हिन्दी", "में"]],
    ["مَدْرَسَة", ["مَدْرَسَة"]],
    ["½ ﷺ", ["½", "ﷺ"]],
    ["C++ & a_b", ["c", "a", "b"]],
    ["Acme™ ©2024", ["acme", "2024"]],
    ["!!! … · ¦", []],
    ["a\0b\ud800c", ["a", "b", "c"]],
  ])("%j", (text, expected) => {
    expect(words(text)).toEqual(expected);
  });
});

describe("scripts without spaces have a word at each letter", () => {
  test.each<[string, string[]]>([
    ["東京都", ["東京", "京都", "都"]],
    ["灯", ["灯"]],
    ["ｶﾞｽ", ["ガス", "ス"]],
    ["カ\u3099ス灯", ["ガス", "ス灯", "灯"]],
    ["한글", ["한글", "글"]],
    ["IMG東京2041", ["img", "東京", "京", "2041"]],
    ["東京 都", ["東京", "京", "都"]],
    ["ที่นี่", ["ที่นี่", "นี่"]],
  ])("%j", (text, expected) => {
    expect(words(text)).toEqual(expected.map((word) => word.normalize("NFC")));
  });
});

describe("emoji are words", () => {
  test.each<[string, string[]]>([
    ["Party🎉🎉!", ["party", "🎉", "🎉"]],
    ["👍🏽 👍", ["👍", "👍"]],
    ["👩‍👩‍👧", ["👩", "👩", "👧"]],
    ["🇨🇿🇩🇪", ["🇨🇿", "🇩🇪"]],
    ["❤️ ❤", ["❤", "❤"]],
    ["1️⃣", ["1"]],
  ])("%j", (text, expected) => {
    expect(words(text)).toEqual(expected);
  });
});

test.each<[string, string]>([
  ["IMG_2041.JPG", "·img·2041·jpg·"],
  ["__a -- b", "·a·b·"],
  ["Straße😀.png", "·strasse😀·png·"],
  ["...", ""],
])("the plain name of %j is %j", (name, expected) => {
  expect(plainName(name).plain).toBe(expected);
});

// A name that macOS has written decomposed is the same name.
test("a string has the same words in each normalization form", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 20 }), (text) => {
      expect(words(text.normalize("NFD"))).toEqual(words(text.normalize("NFC")));
      expect(plainName(text.normalize("NFD")).plain).toBe(plainName(text.normalize("NFC")).plain);
    }),
    { numRuns: 2000 },
  );
});

test("a word stands where it says, and has nothing in it that the index would split", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 20 }), (text) => {
      let after = 0;
      for (const { text: word, start, end, firstEnd } of tokensOf(text)) {
        expect(start).toBeGreaterThanOrEqual(after);
        expect(firstEnd).toBeGreaterThan(start);
        expect(end).toBeGreaterThanOrEqual(firstEnd);
        expect(word).toMatch(/^[^\0-/:-`{-\x7f¦·]+$/u);
        after = firstEnd;
      }
      const { plain, places } = plainName(text);
      expect(places).toHaveLength(plain.length);
      expect(plain).not.toContain("··");
    }),
    { numRuns: 2000 },
  );
});
