import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { link, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import Libsql from "libsql";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { startApp } from "../../../src/app/app.ts";
import { anonymous } from "../../../src/auth/viewer.ts";
import { hardDeleteEntities } from "../../../src/library/purge/service.ts";
import { removeForgottenFiles } from "../../../src/library/originals/service.ts";
import { HARD_DELETE } from "../../support/documents.ts";
import { makeJpeg } from "../../support/pictures.ts";
import { startServer, type TestServer } from "../../support/server.ts";
import { spawnServer } from "../../support/process.ts";
import { expectConsistent, listRows, md5Of, tryUpload, upload } from "../../support/uploading.ts";

const today = "2026/07/14";
const clock = { now: () => Date.parse("2026-07-14T09:00:00Z") };

let server: TestServer;
let bytes: Buffer;
/** Where `bytes` go when they arrive today. */
let filePath: string;
beforeEach(async () => {
  server = await startServer({ clock });
  bytes = await makeJpeg();
  filePath = `${today}/${md5Of(bytes)}.jpg`;
});

async function plant(path: string, content: Uint8Array | string) {
  await mkdir(dirname(join(server.mediaDir, path)), { recursive: true });
  await writeFile(join(server.mediaDir, path), content);
}

/** The name a staged file has while it is being published. */
const intentOf = (path: string) => `.staging/${randomUUID()}~${path.replaceAll("/", "~")}`;

async function plantIntent(path: string) {
  const intent = intentOf(path);
  await link(join(server.mediaDir, path), join(server.mediaDir, intent));
  return intent;
}

const inDatabase = (work: (database: Libsql.Database) => void) => {
  const database = new Libsql(server.databasePath);
  work(database);
  database.close();
};
const removals = () => {
  let rows: unknown[] = [];
  inDatabase((database) => (rows = database.prepare(`SELECT "filePath" FROM "FileRemoval"`).all()));
  return rows;
};

describe("the next start after a crash", () => {
  test("removes what was staged", async () => {
    await plant(`.staging/${randomUUID()}`, bytes);
    server = await server.restart();
    expect(await server.listFiles()).toEqual([]);
    expect(server.log.join("")).toContain("removed what an interrupted upload or deletion had left");
  });

  test("removes what was published without a row", async () => {
    await plant(filePath, bytes);
    await plantIntent(filePath);
    server = await server.restart();
    expect(await server.listFiles()).toEqual([]);
    expect((await tryUpload(server, bytes)).outcome).toBe("CREATED");
    await expectConsistent(server);
  });

  test("keeps what was published and has its row", async () => {
    await upload(server, bytes);
    await plantIntent(filePath);
    server = await server.restart();
    expect(await readFile(join(server.mediaDir, filePath))).toEqual(bytes);
    expect(await expectConsistent(server)).toHaveLength(1);
  });

  test("does not remove a file it did not publish, though it has the name", async () => {
    await plant(filePath, bytes);
    await plant(intentOf(filePath), bytes);
    server = await server.restart();
    expect(await server.listFiles()).toEqual([filePath]);
  });

  test("finishes a hard delete whose file was still there", async () => {
    await plant(filePath, bytes);
    inDatabase((database) => database.prepare(`INSERT INTO "FileRemoval" VALUES (?)`).run(filePath));
    server = await server.restart();
    expect(await server.listFiles()).toEqual([]);
    expect(removals()).toEqual([]);
  });

  test("does not finish one whose file has come back in the meantime", async () => {
    await upload(server, bytes);
    inDatabase((database) => database.prepare(`INSERT INTO "FileRemoval" VALUES (?)`).run(filePath));
    server = await server.restart();
    expect(await expectConsistent(server)).toHaveLength(1);
    expect(removals()).toEqual([]);
  });

  // Seen: a kill at this moment left the file forever.
  test("still knows what to remove when the bytes came back and went again during a reading", async () => {
    const { entity } = await upload(server, bytes);
    inDatabase((database) => database.prepare(`INSERT INTO "FileRemoval" VALUES (?)`).run(filePath));
    const { deps } = server.app;
    let go: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (go = resolve));
    // One behind the other: the destruction commits after the look, and before what comes of it.
    const holding = deps.db.transaction({ operation: "hold", actor: null, reason: null }, () => gate);
    const destroying = hardDeleteEntities(deps, anonymous, "hardDeleteEntity", [entity.id], false);
    const removing = removeForgottenFiles(deps);
    go();
    await Promise.all([holding, removing]);
    expect(removals()).toEqual([{ filePath }]);
    await destroying;
    expect(removals()).toEqual([]);
    expect(await server.listFiles()).toEqual([]);
  });

  test("is not led astray by odd names in staging", async () => {
    const precious = join(server.dir, "precious.txt");
    await writeFile(precious, "mine");
    const names = ["a~", "a~..~..~precious.txt", "a~..~precious.txt", "~", "a~media~b", "a~.lock"];
    for (const name of names) await plant(`.staging/${name}`, "x");
    await link(precious, join(server.mediaDir, ".staging/b~..~precious.txt"));
    await symlink("/nowhere", join(server.mediaDir, `.staging/c~${filePath.replaceAll("/", "~")}`));
    await plant(".staging/folder/inside.txt", "x");
    server = await server.restart();
    expect(await server.listFiles()).toEqual([]);
    expect(await readFile(precious, "utf8")).toBe("mine");
    expect((await tryUpload(server, bytes)).outcome).toBe("CREATED");
  });

  test("leaves everything alone when nothing was half done", async () => {
    await upload(server, bytes);
    const gone = await upload(server, await makeJpeg());
    await server.run(HARD_DELETE, { id: gone.entity.id });
    server = await server.restart();
    expect(await expectConsistent(server)).toHaveLength(1);
    expect(server.log.join("")).not.toContain("interrupted");
  });
});

describe("an existing file at the path of an upload", () => {
  test("is adopted when it has the very bytes", async () => {
    await plant(filePath, bytes);
    const { status, entity } = await upload(server, bytes);
    expect({ status, filePath: entity.filePath }).toEqual({ status: "CREATED", filePath });
    expect(await expectConsistent(server)).toHaveLength(1);
  });

  test.each([
    ["shorter", (content: Buffer) => content.subarray(1)],
    ["of the same length", (content: Buffer) => Buffer.alloc(content.length, 7)],
  ])("is a HASH_COLLISION when it is %s, and stays as it is", async (_how, change) => {
    const foreign = change(bytes);
    await plant(filePath, foreign);
    const { status, outcome } = await tryUpload(server, bytes);
    expect({ status, outcome }).toEqual({ status: 409, outcome: "HASH_COLLISION" });
    expect(await readFile(join(server.mediaDir, filePath))).toEqual(foreign);
    expect(await server.listFiles()).toEqual([filePath]);
    expect(await listRows(server)).toEqual([]);
  });

  test("is never followed when it is a symbolic link, even to the very bytes", async () => {
    const elsewhere = join(server.dir, "elsewhere.jpg");
    await writeFile(elsewhere, bytes);
    await mkdir(join(server.mediaDir, today), { recursive: true });
    await symlink(elsewhere, join(server.mediaDir, filePath));
    expect((await tryUpload(server, bytes)).outcome).toBe("HASH_COLLISION");
    expect(await listRows(server)).toEqual([]);
  });
});

describe("a second server on the same media directory", () => {
  test("refuses to start, and the first one works on", async () => {
    const { config, log } = server.app.deps;
    const databaseUrl = `file:${join(server.dir, "other.db")}`;
    await expect(startApp({ config: { ...config, databaseUrl }, log })).rejects.toThrow(
      /media directory .* is in use by another process; stop that one first/,
    );
    expect((await tryUpload(server, bytes)).outcome).toBe("CREATED");
  });

  test("refuses in a process of its own too, and takes nothing from staging", async () => {
    await plant(`.staging/${randomUUID()}`, "the first one's upload under way");
    const env = { DATABASE_URL: `file:${join(server.dir, "other.db")}` };
    const { child, stderr } = spawnServer(server.dir, env);
    onTestFinished(() => void child.kill("SIGKILL"));
    const [code] = (await once(child, "close")) as [number];
    expect({ code, said: stderr() }).toEqual({
      ...{ code: 69, said: expect.stringContaining("is in use by") as string },
    });
    expect(await server.listFiles()).toHaveLength(1);
  });
});
