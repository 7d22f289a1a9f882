import { describe, expect, test } from "vitest";
import { fold } from "../../../src/database/model/fold.ts";

describe("fold", () => {
  test.each([
    ["Čapek", "capek"],
    ["STRASSE", "strasse"],
    ["Straße", "strasse"],
    // Seen: upper-casing alone leaves ẞ as it is, so that it came out as ß and not as ss.
    ["STRAẞE", "strasse"],
    ["ΌΔΟΣ όδος", "οδοσ οδοσ"],
    ["ﬁn ﬀ", "fin ff"],
    ["İstanbul ısparta ISPARTA", "istanbul isparta isparta"],
    ["Ångström Å", "angstrom a"],
    ["２０２４ Ｔｏｋｙｏ", "2024 tokyo"],
    ["①½", "11⁄2"],
    // Seen: Łódź and Øresund were not found by what people type who have no such key.
    ["ÆØŒ", "aeooe"],
    ["Łódź", "lodz"],
    ["Øresund ǿ", "oresund o"],
    ["Đakovo", "dakovo"],
    ["Ħamrun Ŧ", "hamrun t"],
    ["Þór Ðað", "thor dad"],
    ["Sámi ŋ Ŋ", "sami n n"],
    ["", ""],
  ])("%j is %j", (text, folded) => {
    expect(fold(text)).toBe(folded);
  });

  test("keeps marks that make another letter", () => {
    expect(fold("ガ")).not.toBe(fold("カ"));
    expect(fold("हिन्दी")).toBe("हिन्दी");
    expect(fold("한글")).toBe("한글");
  });

  test("is the same for every form of every character of the first two planes", () => {
    // The Greek iota that is written below a vowel is a letter of its own in upper case; Unicode wants it so.
    const iotaBelow = /\u0345/;
    const odd: string[] = [];
    for (let code = 0; code < 0x2_00_00; code++) {
      // Halves of a surrogate pair, and the 11,172 syllables of Korean.
      if (code >= 0xac_00 && code <= 0xdf_ff) continue;
      const character = String.fromCodePoint(code);
      if (iotaBelow.test(character.normalize("NFD"))) continue;
      const folded = fold(character);
      const others = [
        folded,
        character.toUpperCase(),
        character.toLowerCase(),
        character.normalize("NFD"),
        character.normalize("NFC"),
        character.normalize("NFKC"),
      ];
      if (others.some((other) => fold(other) !== folded)) odd.push(character);
    }
    expect(odd).toEqual([]);
  });
});
