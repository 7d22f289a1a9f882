import { expect, test } from "vitest";
import { Watermark } from "../../../src/maintenance/move/watermark.ts";

const libraryId = "a".repeat(32);

async function* rows() {
  await Promise.resolve();
  for (const id of [3, 5, 8, 13]) yield { id };
}

async function openWatermark(verified = 0) {
  const notes: string[] = [];
  const watermark = new Watermark({ libraryId, verified }, (text) => {
    notes.push(text);
    return Promise.resolve();
  });
  const queue = watermark.follow(rows());
  for (let begun = 0; begun < 4; begun++) await queue.next();
  return { watermark, notes };
}

test("a row counts only when all before it are done, in whichever order they end", async () => {
  const { watermark } = await openWatermark();
  const seen = [];
  for (const id of [13, 5, 3, 8]) {
    await watermark.done(id, true);
    seen.push(watermark.verified);
  }
  expect(seen).toEqual([2, 2, 7, 13]);
});

test("nothing after a row that could not be copied counts, although others end later", async () => {
  const { watermark } = await openWatermark();
  await watermark.done(3, true);
  await watermark.done(5, false);
  await watermark.done(8, true);
  await watermark.done(13, false);
  expect(watermark.verified).toBe(4);
});

test("what was done before stays done, and the note says so to the next run", async () => {
  const { watermark, notes } = await openWatermark(8);
  await watermark.done(3, true);
  await watermark.write();
  expect(Watermark.parse(notes.at(-1)!)).toEqual({ libraryId, verified: 8 });
  expect(Watermark.parse("something else\n")).toBeUndefined();
});
