import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { ENTITIES, UPLOAD_MANY } from "../../support/documents.ts";
import { makeJpeg, makePng } from "../../support/pictures.ts";
import { startSharedServer, type TestServer } from "../../support/server.ts";
import { expectConsistent, listRows, md5Of, tryUpload, upload } from "../../support/uploading.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startSharedServer({ env: { EXIFTOOL_PROCESSES: "2" } });
});
afterEach(() => expectConsistent(server));
afterAll(() => server.stop());

function tally(outcomes: readonly (string | number | undefined)[]) {
  const counts: Record<string, number> = {};
  for (const outcome of outcomes) counts[outcome ?? "none"] = (counts[outcome ?? "none"] ?? 0) + 1;
  return counts;
}

// The loser of such a race once cleaned up "its" file, which was the winner's.
test("of 200 clients uploading one file one creates it, and 199 get the existing entity", async () => {
  const bytes = await makeJpeg();
  const answers = await Promise.all(Array.from({ length: 200 }, () => tryUpload(server, bytes)));
  expect(tally(answers.map(({ outcome }) => outcome))).toEqual({ CREATED: 1, DUPLICATE_FILE: 199 });
  expect(tally(answers.map(({ status }) => status))).toEqual({ 200: 1, 409: 199 });
  const created = answers.find(({ outcome }) => outcome === "CREATED");
  const rows = (await listRows(server)).filter(({ md5 }) => md5 === md5Of(bytes));
  expect(rows.map(({ id }) => id)).toEqual([created?.entity?.id]);
  for (const { extensions } of answers.filter(({ outcome }) => outcome !== "CREATED"))
    expect(extensions?.["existing"]).toEqual({ id: rows[0]?.id, isDeleted: false });
});

test("32 different uploads at once are all stored, while queries keep being answered", async () => {
  const files = await Promise.all(Array.from({ length: 32 }, () => makePng({ width: 640, height: 480 })));
  const progress = { isOver: false };
  const uploads = Promise.all(files.map((bytes) => upload(server, bytes))).finally(() => {
    progress.isOver = true;
  });
  const waits: number[] = [];
  while (!progress.isOver) {
    const start = performance.now();
    await server.run(ENTITIES);
    waits.push(performance.now() - start);
  }
  expect(tally((await uploads).map(({ status }) => status))).toEqual({ CREATED: 32 });
  // Answered in between, and not only when all uploads were through.
  expect(waits.length).toBeGreaterThan(5);
  expect(Math.max(...waits)).toBeLessThan(3000);
});

test("batches with files in common, in opposite orders, never wait for each other forever", async () => {
  const files = await Promise.all(Array.from({ length: 6 }, () => makeJpeg()));
  const send = (list: readonly Uint8Array[]) =>
    server.run(
      UPLOAD_MANY,
      { inputs: list.map(() => ({ file: null, onDuplicate: "RETURN_EXISTING" as const })) },
      list.map((bytes, index) => ({ at: `inputs.${index}.file`, bytes })),
    );
  const answers = await Promise.all([files, files.toReversed(), files, files.toReversed()].map(send));
  expect(answers.reduce((sum, { uploadEntities }) => sum + uploadEntities.created, 0)).toBe(6);
  expect(answers.every(({ uploadEntities }) => uploadEntities.failed === 0)).toBe(true);
});
