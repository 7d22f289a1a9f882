import { describe, expect, test } from "vitest";
import { isSvg } from "../../src/media/types/svg.ts";

const ns = 'xmlns="http://www.w3.org/2000/svg"';
const bytes = (text: string) => Buffer.from(text);

describe("isSvg", () => {
  test.each([
    ["a root alone", `<svg ${ns}/>`],
    ["a prologue", `\ufeff<?xml version="1.0"?>\n<!-- a <html> here -->\n<svg width="1"\n ${ns}>`],
    ["a prefix", `<s:svg xmlns:s="http://www.w3.org/2000/svg">`],
    ["a document type", `<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://x/"><svg width="1">`],
    [
      "a namespace in an entity",
      `<!DOCTYPE svg [<!ENTITY ns "http://www.w3.org/2000/svg"> <!ENTITY gt "a>b]">]><svg xmlns="&ns;">`,
    ],
  ])("knows %s", (_, text) => {
    expect(isSvg(bytes(text))).toBe(true);
  });

  test("knows UTF-16", () => {
    expect(isSvg(Buffer.from(`\ufeff<svg ${ns}/>`, "utf16le"))).toBe(true);
  });

  test.each([
    ["HTML that begins with one", `<!doctype html><svg ${ns}/>`],
    ["HTML's document type", `<!DOCTYPE html [ <svg ${ns}/> ]><svg ${ns}/>`],
    ["HTML that contains one", `<html><body><svg ${ns}/></body></html>`],
    ["XML that contains one", `<?xml version="1.0"?><root><svg ${ns}/></root>`],
    ["one in a comment", `<!-- <svg ${ns}/> -->`],
    ["one in a comment without end", `<!-- <svg ${ns}/>`],
    ["a longer name", `<svgfoo ${ns}/>`],
    ["a root without namespace", `<svg>`],
    ["a root without end", `<svg onload="alert(1)"`],
    ["text before it", `text <svg ${ns}/>`],
    ["nothing", ""],
    ["a document type without end", "<!DOCTYPE svg " + "[".repeat(100_000)],
    ["attributes without end", "<svg " + "a ".repeat(200_000)],
  ])("refuses %s", (_, text) => {
    expect(isSvg(bytes(text))).toBe(false);
  });
});
