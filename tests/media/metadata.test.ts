import { expect, test } from "vitest";
import { cleanText } from "../../src/media/types/clean-text.ts";
import { readMetadata } from "../../src/media/facts/metadata.ts";

test("groups tags, and leaves out tags of the server's file and of the tool", () => {
  const tags = {
    SourceFile: "/srv/media/.staging/1",
    errors: [],
    "ExifTool:ExifToolVersion": 13.59,
    "File:FileName": "1",
    "File:Directory": "/srv/media/.staging",
    "File:FileModifyDate": "2026:01:01 00:00:00+00:00",
    "File:FilePermissions": "-rw-------",
    "File:MIMEType": "image/jpeg",
    "EXIF:Make": "Canon",
    "EXIF:ISO": 100,
  };
  expect(readMetadata(tags)).toEqual({
    metadata: { File: { MIMEType: "image/jpeg" }, EXIF: { Make: "Canon", ISO: 100 } },
    lost: 0,
  });
});

test("is harmless where a file names its tags after what every object has", () => {
  // JSON.parse makes `__proto__` a property of its own, which an assignment would not.
  const tags = JSON.parse(
    '{"XMP:__proto__":{"polluted":true},"__proto__:Tag":1,"XMP:Deep":{"__proto__":{"polluted":true},"kept":1}}',
  ) as Record<string, unknown>;
  const { metadata } = readMetadata(tags);
  expect(metadata).toEqual({ XMP: { Deep: { kept: 1 } } });
  expect(Object.getPrototypeOf(metadata["XMP"])).toBe(Object.prototype);
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
});

test("cleans strings at every depth", () => {
  const { metadata } = readMetadata({
    "XMP:Title": "a\u0000b\u001b[31m\ud800c",
    "XMP:List": [{ x: "\u0007!" }],
  });
  expect(metadata["XMP"]).toEqual({ Title: "ab[31m\ufffdc", List: [{ x: "!" }] });
});

test("drops the largest values when the whole is too big, and says how many", () => {
  const tags = { "XMP:Huge": "x".repeat(60_000), "XMP:Big": "y".repeat(20_000), "EXIF:Make": "Canon" };
  const { metadata, lost } = readMetadata(tags, 30_000);
  expect(lost).toBe(1);
  expect(metadata).toEqual({ XMP: { Big: "y".repeat(20_000) }, EXIF: { Make: "Canon" } });
});

test("cuts a single text, and counts it", () => {
  const { metadata, lost } = readMetadata({ "XMP:Huge": "x".repeat(100_000) });
  expect(JSON.stringify(metadata).length).toBeLessThan(66_000);
  expect(lost).toBe(1);
  expect(cleanText("x".repeat(1000), 10)).toBe("xxxxxxxxx…");
  // An emoji that does not fit is left out whole.
  expect(cleanText(`xxxxxxxx${"📷".repeat(9)}`, 10)).toBe("xxxxxxxx…");
});

test("ends nesting that never ends", () => {
  const deep = JSON.parse('{"a":'.repeat(5000) + "1" + "}".repeat(5000)) as unknown;
  expect(JSON.stringify(readMetadata({ "XMP:Deep": deep })).length).toBeLessThan(200);
});
