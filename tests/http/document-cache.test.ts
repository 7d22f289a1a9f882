import { expect, test } from "vitest";
import { createDocumentCache } from "../../src/http/document-cache.ts";

test("a document cache forgets what was longest unused once its documents are too long together", () => {
  const cache = createDocumentCache<number>(10);
  cache.set("aaaa", 1);
  cache.set("bbbb", 2);
  expect(cache.get("aaaa")).toBe(1);
  cache.set("cccc", 3);
  expect([cache.get("aaaa"), cache.get("bbbb"), cache.get("cccc")]).toEqual([1, undefined, 3]);
});

test("a document cache counts a document once, and keeps none that is too long by itself", () => {
  const cache = createDocumentCache<number>(10);
  for (let value = 0; value < 5; value++) cache.set("aaaaaaaa", value);
  expect(cache.get("aaaaaaaa")).toBe(4);
  cache.set("b".repeat(11), 1);
  expect([cache.get("aaaaaaaa"), cache.get("b".repeat(11))]).toEqual([undefined, undefined]);
});
