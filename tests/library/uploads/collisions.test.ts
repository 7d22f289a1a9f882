import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { HARD_DELETE, SOFT_DELETE, UPLOAD_MANY } from "../../support/documents.ts";
import { corpusDir } from "../../support/corpus.ts";
import { makeJpeg } from "../../support/pictures.ts";
import { startSharedServer, type TestServer } from "../../support/server.ts";
import { expectConsistent, listRows, md5Of, sha256Of, tryUpload, upload } from "../../support/uploading.ts";

const folder = join(corpusDir, "md5-collisions");
const isAbsent = !existsSync(folder);
if (isAbsent) console.warn(`MD5 collisions are not tested: there is no ${folder} (set CORPUS_DIR)`);

/** Two files of one kind with equal MD5 and different bytes, made by corkami. */
const pair = (extension: string) =>
  Promise.all([1, 2].map((number) => readFile(join(folder, `md5-${number}.${extension}`))));

let server: TestServer;
beforeAll(async () => {
  server = await startSharedServer();
});
afterAll(() => server.stop());

// MD5 names the files, but anybody can make two files of one MD5. Answering "duplicate" would lose the
// second silently, storing it would destroy the first.
describe.skipIf(isAbsent)("a file with the MD5 of another one", () => {
  afterEach(async () => {
    for (const { id } of await listRows(server)) await server.run(HARD_DELETE, { id });
    expect(await server.listFiles()).toEqual([]);
  });

  test.each(["jpg", "png", "gif", "mp4"])("is refused as HASH_COLLISION (%s)", async (extension) => {
    const [one, two] = await pair(extension);
    expect(md5Of(one!)).toBe(md5Of(two!));
    expect(sha256Of(one!)).not.toBe(sha256Of(two!));

    const { entity } = await upload(server, one!);
    for (const onDuplicate of ["REJECT", "RETURN_EXISTING", "RESTORE_IF_TRASHED"] as const) {
      const { status, outcome } = await tryUpload(server, two!, { onDuplicate });
      expect({ status, outcome }).toEqual({ status: 409, outcome: "HASH_COLLISION" });
    }
    expect(await readFile(join(server.mediaDir, entity.filePath!))).toEqual(one);
    expect(await expectConsistent(server)).toHaveLength(1);
    // The first one is still known as itself.
    expect((await tryUpload(server, one!)).outcome).toBe("DUPLICATE_FILE");
  });

  test("is refused when the other one is in the trash, which stays there", async () => {
    const [one, two] = await pair("png");
    const { entity } = await upload(server, one!);
    await server.run(SOFT_DELETE, { id: entity.id });
    expect((await tryUpload(server, two!, { onDuplicate: "RESTORE_IF_TRASHED" })).outcome).toBe(
      "HASH_COLLISION",
    );
    expect((await listRows(server)).map(({ isDeleted }) => isDeleted)).toEqual([true]);
  });

  test("is refused within one batch, and one of the two is stored whole", async () => {
    const [one, two] = await pair("jpg");
    const files = [one!, two!, one!, await makeJpeg()];
    const { uploadEntities } = await server.run(
      UPLOAD_MANY,
      { inputs: files.map(() => ({ file: null, onDuplicate: "RETURN_EXISTING" as const })) },
      files.map((bytes, index) => ({ at: `inputs.${index}.file`, bytes })),
    );
    const outcomes = uploadEntities.results.map(({ status, code }) => code ?? status);
    // Which of the two comes first to the disk is open; that none is taken for the other is not.
    expect(outcomes[3]).toBe("CREATED");
    expect([
      ["CREATED", "HASH_COLLISION", "DUPLICATE"],
      ["HASH_COLLISION", "CREATED", "HASH_COLLISION"],
    ]).toContainEqual(outcomes.slice(0, 3));
    const rows = await listRows(server);
    expect(rows).toHaveLength(2);
    const kept = outcomes[0] === "CREATED" ? one : two;
    expect(await readFile(join(server.mediaDir, rows[0]!.filePath))).toEqual(kept);
    expect(await server.listFiles()).toHaveLength(2);
  });

  test("sent at the same time by two clients: one is stored, the other refused", async () => {
    const [one, two] = await pair("gif");
    const answers = await Promise.all([tryUpload(server, one!), tryUpload(server, two!)]);
    expect(answers.map(({ outcome }) => outcome).sort()).toEqual(["CREATED", "HASH_COLLISION"]);
    const [row] = await listRows(server);
    const kept = answers[0].outcome === "CREATED" ? one : two;
    expect(await readFile(join(server.mediaDir, row!.filePath))).toEqual(kept);
  });
});
