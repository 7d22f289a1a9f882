import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ENTITY, HARD_DELETE, VERSIONS } from "../../support/documents.ts";
import { replace, stateOf, tryReplace } from "../../support/going-back.ts";
import { addPicture } from "../../support/library.ts";
import { makeJpeg, makePng } from "../../support/pictures.ts";
import { startServer, type TestServer } from "../../support/server.ts";
import { listRows, md5Of, tryUpload, upload } from "../../support/uploading.ts";

let server: TestServer;
beforeEach(async () => {
  server = await startServer({ env: { EXIFTOOL_PROCESSES: "2" } });
});

/** Every version's file is there with its very bytes, and no file is there that no version has. */
afterEach(async () => {
  const { db } = server.app.deps;
  const originals = await db.prisma.original.findMany({
    include: { versions: { select: { version: true } } },
  });
  expect(originals.filter(({ versions }) => versions.length === 0)).toEqual([]);
  expect(await server.listFiles()).toEqual(originals.map(({ filePath }) => filePath).sort());
  for (const { md5, filePath } of originals)
    expect(md5Of(await readFile(join(server.mediaDir, filePath)))).toBe(md5);
});

const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const outcomesOf = (answers: readonly { outcome: string | undefined }[]) =>
  answers.map(({ outcome }) => outcome ?? "none").sort();

test("of many replacements that saw the same version one wins", async () => {
  const id = await addPicture(server);
  const files = await Promise.all(Array.from({ length: 12 }, () => makeJpeg()));
  const answers = await Promise.all(files.map((bytes) => tryReplace(server, id, bytes, { ifVersion: 1 })));
  expect(outcomesOf(answers)).toEqual(["REPLACED", ...Array.from({ length: 11 }, () => "VERSION_CONFLICT")]);
  const winner = files[answers.findIndex(({ outcome }) => outcome === "REPLACED")]!;
  expect((await stateOf(server, id)).md5).toBe(md5Of(winner));
  expect(await server.listFiles()).toHaveLength(2);
});

test("many replacements that did not look each leave a version, without a gap", async () => {
  const id = await addPicture(server);
  const files = await Promise.all(Array.from({ length: 12 }, () => makeJpeg()));
  await Promise.all(files.map((bytes) => replace(server, id, bytes)));
  const { entity } = await server.run(VERSIONS, { id, limit: 100 });
  const items = entity?.versions.items ?? [];
  expect(items.map(({ version }) => version)).toEqual(Array.from({ length: 13 }, (_, index) => 13 - index));
  expect(items.map(({ md5 }) => md5)).toEqual(expect.arrayContaining(files.map(md5Of)));
});

test("one file for two entities and for an upload, all at once, goes to exactly one of them", async () => {
  const winners = new Set<string>();
  for (let round = 0; round < 20; round++) {
    const [a, b, bytes] = [await addPicture(server), await addPicture(server), await makePng()];
    // Each of them comes first in some of the rounds.
    const starts = [0, 1, 2].map((place) => later(((place + round) % 3) * 4));
    const answers = await Promise.all([
      starts[0]!.then(() => tryReplace(server, a, bytes)),
      starts[1]!.then(() => tryReplace(server, b, bytes)),
      starts[2]!.then(() => tryUpload(server, bytes)),
    ]);
    const outcomes = outcomesOf(answers);
    expect(outcomes.filter((outcome) => outcome === "DUPLICATE_FILE")).toHaveLength(2);
    winners.add(outcomes.find((outcome) => outcome !== "DUPLICATE_FILE")!);
    const holders = (await listRows(server)).filter(({ md5 }) => md5 === md5Of(bytes));
    expect(holders).toHaveLength(1);
    for (const { extensions } of answers)
      if (extensions != null) expect(extensions["existing"]).toMatchObject({ id: holders[0]!.id });
  }
  expect([...winners].sort()).toEqual(["CREATED", "REPLACED"]);
});

test("replacing the file of what is being destroyed ends with both files or with neither, 40 times", async () => {
  const ends = new Set<string>();
  // How long it takes here and now, so that the rounds meet every moment of it on any machine.
  const startedAt = performance.now();
  for (let round = 0; round < 4; round++) await replace(server, await addPicture(server), await makeJpeg());
  const usualMs = (performance.now() - startedAt) / 8;
  for (let round = 0; round < 40; round++) {
    const [id, bytes] = [await addPicture(server), await makeJpeg()];
    const before = (await server.listFiles()).length - 1;
    const [{ outcome }] = await Promise.all([
      tryReplace(server, id, bytes),
      later(((round % 20) / 10) * usualMs).then(() => server.run(HARD_DELETE, { id })),
    ]);
    ends.add(outcome);
    expect((await server.run(ENTITY, { id })).entity).toBeNull();
    await expect.poll(async () => (await server.listFiles()).length).toBe(before);
  }
  expect([...ends].sort()).toEqual(["NOT_FOUND", "REPLACED"]);
});

/** Lets something happen between a replacement's look at the library and its own transaction. */
function beforeNextTransaction(deed: () => Promise<unknown>) {
  const { db } = server.app.deps;
  let isDone = false;
  const transaction: typeof db.transaction = async (opening, work) => {
    Object.assign(server.app.deps, { db });
    if (!isDone) {
      isDone = true;
      await deed();
    }
    return db.transaction(opening, work);
  };
  Object.assign(server.app.deps, { db: { ...db, transaction } });
}

test("a twin that was destroyed at the last moment is no longer a duplicate", async () => {
  const [id, bytes] = [await addPicture(server), await makeJpeg()];
  const twin = await upload(server, bytes);
  beforeNextTransaction(async () => {
    void server.run(HARD_DELETE, { id: twin.entity.id });
    await expect.poll(async () => (await server.run(ENTITY, { id: twin.entity.id })).entity).toBeNull();
  });
  expect((await replace(server, id, bytes)).entity).toMatchObject({ version: 2, md5: md5Of(bytes) });
});

test("a transaction that fails leaves the entity and its file as they were", async () => {
  const id = await addPicture(server);
  const before = [await stateOf(server, id), await server.listFiles()];
  beforeNextTransaction(() => Promise.reject(new Error("the disk is on fire")));
  expect((await tryReplace(server, id, await makeJpeg())).outcome).toBe("INTERNAL_SERVER_ERROR");
  expect([await stateOf(server, id), await server.listFiles()]).toEqual(before);
});

// A COMMIT whose answer is lost may have happened: removing its file would leave a row without one.
test("a commit that is reported as failed and has happened keeps the new file", async () => {
  const [id, bytes] = [await addPicture(server), await makeJpeg()];
  const { db } = server.app.deps;
  const transaction: typeof db.transaction = async (opening, work) => {
    Object.assign(server.app.deps, { db });
    await db.transaction(opening, work);
    throw new Error("the answer was lost");
  };
  Object.assign(server.app.deps, { db: { ...db, transaction } });
  expect((await tryReplace(server, id, bytes)).status).toBe(500);
  expect((await stateOf(server, id)).md5).toBe(md5Of(bytes));
  expect(await server.listFiles()).toHaveLength(2);
});
