import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { ENTITY, HARD_DELETE, UPLOAD_MANY } from "../../support/documents.ts";
import { makeJpeg } from "../../support/pictures.ts";
import { startServer, type TestServer } from "../../support/server.ts";
import { expectConsistent, md5Of, tryUpload, upload } from "../../support/uploading.ts";

let server: TestServer;
beforeEach(async () => {
  server = await startServer();
});

const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test("uploading what is being hard-deleted ends with row and file or with neither, 100 times", async () => {
  const bytes = await makeJpeg();
  const ends = new Set<string>();
  let { id } = (await upload(server, bytes)).entity;
  for (let round = 0; round < 100; round++) {
    const [, ...answers] = await Promise.all([
      server.run(HARD_DELETE, { id }),
      tryUpload(server, bytes),
      // A little later in each round, so that the rounds meet different moments of the deletion.
      later(round % 12).then(() => tryUpload(server, bytes)),
    ]);
    const outcomes = answers.map(({ outcome }) => outcome ?? "none");
    ends.add(outcomes.join());
    expect(["CREATED", "DUPLICATE_FILE"]).toEqual(expect.arrayContaining(outcomes));
    const rows = await expectConsistent(server);
    expect(rows.length).toBeLessThanOrEqual(1);
    expect(rows.map((row) => row.id)).not.toContain(id);
    id = rows[0]?.id ?? (await upload(server, bytes)).entity.id;
  }
  // Both sides won some of the races, so they did meet.
  expect(ends.size).toBeGreaterThan(1);
});

/** Lets something happen between an upload's look at the library and its own transaction. */
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

/** Until its row is gone; its file goes when the upload that holds the file lets go of it. */
async function destroy(id: string) {
  void server.run(HARD_DELETE, { id });
  await expect.poll(async () => (await server.run(ENTITY, { id })).entity).toBeNull();
}

const uploadMany = (files: readonly Uint8Array[]) =>
  server.run(
    UPLOAD_MANY,
    { inputs: files.map(() => ({ file: null })) },
    files.map((bytes, index) => ({ at: `inputs.${index}.file`, bytes })),
  );

test("a twin that was destroyed at the last moment makes the file a new one", async () => {
  const twin = await makeJpeg();
  const { entity } = await upload(server, twin);
  beforeNextTransaction(() => destroy(entity.id));
  const again = await upload(server, twin);
  expect(again.status).toBe("CREATED");
  expect((await expectConsistent(server)).map(({ id }) => id)).toEqual([again.entity.id]);
});

// The batch had published its other files; when it looked at all of them once more, their staged bytes
// were gone, and the answer was a 500.
test("a twin of one file that was destroyed at the last moment costs the batch nothing", async () => {
  const twin = await makeJpeg();
  const { entity } = await upload(server, twin);
  const files = [await makeJpeg(), twin, await makeJpeg()];
  beforeNextTransaction(() => destroy(entity.id));
  const { uploadEntities } = await uploadMany(files);
  expect(uploadEntities.results.map(({ status }) => status)).toEqual(["CREATED", "CREATED", "CREATED"]);
  expect((await expectConsistent(server)).map(({ md5 }) => md5)).toEqual(files.map(md5Of));
});

// The bytes lie there already, so they are adopted; but they lie there to be removed. Whoever removes them
// before the new row is committed finds nobody who needs them.
test("a file whose removal is overdue is not removed while it is being uploaded again", async () => {
  const bytes = await makeJpeg();
  const [old, other] = [await upload(server, bytes), await upload(server, await makeJpeg())];
  const filePath = old.entity.filePath!;
  await server.run(HARD_DELETE, { id: old.entity.id });
  await writeFile(join(server.mediaDir, filePath), bytes);
  await server.app.deps.db.prisma.fileRemoval.create({ data: { filePath } });

  beforeNextTransaction(async () => {
    // Any deletion removes all that is overdue.
    await destroy(other.entity.id);
    // Time in which a removal that did not wait for the upload would have happened.
    await later(200);
  });
  expect((await upload(server, bytes)).entity.filePath).toBe(filePath);
  await expect.poll(() => server.listFiles()).toEqual([filePath]);
  expect(await expectConsistent(server)).toHaveLength(1);
});

test("a transaction that fails leaves no file, and says nothing of why", async () => {
  beforeNextTransaction(() => Promise.reject(new Error("secret: disk /dev/vda is on fire")));
  const { status, outcome, message } = await tryUpload(server, await makeJpeg());
  expect({ status, outcome, message }).toEqual({
    ...{ status: 500, outcome: "INTERNAL_SERVER_ERROR", message: "Unexpected error." },
  });
  expect(await expectConsistent(server)).toEqual([]);
});

// A COMMIT whose answer is lost may have happened: removing its file would leave a row without one.
test("a commit that is reported as failed and has happened keeps its file", async () => {
  const { db } = server.app.deps;
  const transaction: typeof db.transaction = async (opening, work) => {
    Object.assign(server.app.deps, { db });
    await db.transaction(opening, work);
    throw new Error("the answer was lost");
  };
  Object.assign(server.app.deps, { db: { ...db, transaction } });
  const bytes = await makeJpeg();
  expect((await tryUpload(server, bytes)).status).toBe(500);
  expect(await expectConsistent(server)).toHaveLength(1);
  expect((await tryUpload(server, bytes)).outcome).toBe("DUPLICATE_FILE");
});
