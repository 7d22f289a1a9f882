import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { beforeEach, describe, expect, test } from "vitest";
import { corpusDir } from "../../support/corpus.ts";
import { HARD_DELETE } from "../../support/documents.ts";
import { makeJpeg } from "../../support/pictures.ts";
import { startServer, type TestServer } from "../../support/server.ts";
import { tryUpload, upload } from "../../support/uploading.ts";

let server: TestServer;
let old: Buffer;
let current: Buffer;
let id: string;
let oldPath: string;
let currentPath: string;

/** What a replaced file leaves: version 1 has the old original, version 2 the current one. */
async function replaceFile() {
  const { db, storage } = server.app.deps;
  const staged = await storage.stage(Readable.from([current]));
  const { md5, sha256, size } = staged;
  currentPath = `2026/01/02/${md5}.jpg`;
  const publication = await storage.publish(staged, currentPath);
  await db.transaction({ operation: "replaceFile", actor: null, reason: null }, async ({ prisma }) => {
    const facts = { md5, sha256, fileSize: size, filePath: currentPath };
    const about = { mimeType: "image/jpeg", extension: "jpg", storedAt: new Date(), metadata: "{}" };
    const original = await prisma.original.create({ data: { ...facts, ...about } });
    await prisma.entity.update({ where: { id: Number(id) }, data: { ...facts, originalId: original.id } });
  });
  await publication.keep();
}

async function begin(first: Buffer) {
  server = await startServer();
  [old, current] = [first, await makeJpeg()];
  const { entity } = await upload(server, old);
  [id, oldPath] = [entity.id, entity.filePath!];
  await replaceFile();
}
beforeEach(async () => begin(await makeJpeg()));

const stored = (filePath: string) => readFile(join(server.mediaDir, filePath));

describe("the bytes that only an old version has", () => {
  test("stay on the disk beside the current ones", async () => {
    expect(await stored(oldPath)).toEqual(old);
    expect(await stored(currentPath)).toEqual(current);
  });

  test("may be uploaded again as a new entity, which shares the file", async () => {
    const { status, entity } = await upload(server, old);
    expect(status).toBe("CREATED");
    expect(entity.id).not.toBe(id);
    expect(entity.filePath).toBe(oldPath);
    expect(await server.listFiles()).toEqual([oldPath, currentPath].sort());
    expect((await tryUpload(server, old)).extensions?.["existing"]).toEqual({
      ...{ id: entity.id, isDeleted: false },
    });
  });

  test("outlive that new entity, since the old version still has them", async () => {
    const { entity } = await upload(server, old);
    const { hardDeleteEntity } = await server.run(HARD_DELETE, { id: entity.id });
    expect(hardDeleteEntity.freedBytes).toBe(0);
    expect(await stored(oldPath)).toEqual(old);
    await server.run(HARD_DELETE, { id });
    expect(await server.listFiles()).toEqual([]);
  });

  test("outlive the old entity, since the new one has them", async () => {
    const { entity } = await upload(server, old);
    await server.run(HARD_DELETE, { id });
    expect(await server.listFiles()).toEqual([oldPath]);
    expect(await stored(oldPath)).toEqual(old);
    await server.run(HARD_DELETE, { id: entity.id });
    expect(await server.listFiles()).toEqual([]);
  });
});

test("the bytes that came in place of others are duplicates when they come again", async () => {
  const { outcome, extensions } = await tryUpload(server, current);
  expect(outcome).toBe("DUPLICATE_FILE");
  expect(extensions?.["existing"]).toEqual({ id, isDeleted: false });
});

const [one, two] = [1, 2].map((number) => join(corpusDir, `md5-collisions/md5-${number}.jpg`));
const isAbsent = !existsSync(one!);
if (isAbsent)
  console.warn(`A collision with an old original is not tested: there is no ${one!} (set CORPUS_DIR)`);

// No entity has the old bytes as its file any more, so only the originals know of them.
test.skipIf(isAbsent)("other bytes of an old original's MD5 are a HASH_COLLISION", async () => {
  await begin(await readFile(one!));
  const { status, outcome } = await tryUpload(server, await readFile(two!));
  expect({ status, outcome }).toEqual({ status: 409, outcome: "HASH_COLLISION" });
  expect(await stored(oldPath)).toEqual(old);
  expect(await server.listFiles()).toEqual([oldPath, currentPath].sort());
});
