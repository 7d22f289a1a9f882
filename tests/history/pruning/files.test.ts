import { cp, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { pruneHistory, surveyHistory } from "../../../src/history/pruning/service.ts";
import { graphql } from "../../generated/index.ts";
import { HARD_DELETE } from "../../support/documents.ts";
import { replace } from "../../support/going-back.ts";
import { makeJpeg } from "../../support/pictures.ts";
import { startServer, type TestServer } from "../../support/server.ts";
import { spawnServer } from "../../support/spawned-server.ts";
import { md5Of, tryUpload, upload } from "../../support/uploading.ts";
import { keptOf, limited, prune, rename } from "./pruning.ts";

const STATS = graphql(`
  query FileStats {
    stats {
      bytes
      versions
    }
  }
`);

let server: TestServer;
/** An entity whose first file, `old`, only its first version has. */
let id: string;
let [old, current]: Buffer[] = [];
let oldPath: string;
let currentPath: string;
beforeEach(async () => {
  server = await startServer();
  [old, current] = [await makeJpeg(), await makeJpeg()];
  const { entity } = await upload(server, old);
  [id, oldPath] = [entity.id, entity.filePath!];
  currentPath = (await replace(server, id, current)).entity.filePath!;
});

const newest = { historyVersionsMax: 1 };
const removals = (of = server) => of.app.deps.db.prisma.fileRemoval.count();
const bytesOf = async () => (await server.run(STATS)).stats.bytes;

describe("the file of a version that goes", () => {
  test("goes with it, and nothing else does", async () => {
    expect(await prune(server, newest)).toEqual({ versions: 1, originals: 1, bytes: old!.length });
    expect(await server.listFiles()).toEqual([currentPath]);
    expect(await readFile(join(server.mediaDir, currentPath))).toEqual(current);
    expect(await bytesOf()).toBe(current!.length);
    expect(await removals()).toBe(0);
  });

  test("stays while a later version of the entity has it as well", async () => {
    await replace(server, id, old!);
    await rename(server, id, 1);
    // Versions 1 and 3 have the old file, and 4 is current with it; version 2 has the other one.
    expect(await prune(server, newest)).toEqual({ versions: 3, originals: 1, bytes: current!.length });
    expect(await server.listFiles()).toEqual([oldPath]);
  });

  test("stays while another entity has it, now or in a version of its own", async () => {
    const { entity } = await upload(server, old!);
    expect(await prune(server, newest)).toEqual({ versions: 1, originals: 0, bytes: 0 });
    const third = await makeJpeg();
    await replace(server, entity.id, third);
    expect(await server.listFiles()).toContain(oldPath);
    expect(await prune(server, { historyVersionsMax: 2 })).toEqual({ versions: 0, originals: 0, bytes: 0 });
    expect(await readFile(join(server.mediaDir, oldPath))).toEqual(old);
    expect(await prune(server, newest)).toMatchObject({ versions: 1, originals: 1 });
    expect(await server.listFiles()).not.toContain(oldPath);
    expect(await bytesOf()).toBe(current!.length + third.length);
  });

  test("may be uploaded again, and is new then", async () => {
    await prune(server, newest);
    const { outcome, entity } = await tryUpload(server, old!);
    expect(outcome).toBe("CREATED");
    expect(entity!.id).not.toBe(id);
    expect(await readFile(join(server.mediaDir, entity!.filePath!))).toEqual(old);
  });

  test("takes what was made from it along, and is 404 afterwards", async () => {
    const DERIVED = graphql(`
      query Derived($id: ID!) {
        entity(id: $id) {
          versionAt(version: 1) {
            fileUrl
            thumbnail {
              url
            }
          }
        }
      }
    `);
    const { entity } = await server.run(DERIVED, { id });
    const { fileUrl, thumbnail } = entity!.versionAt!;
    const statuses = async () => {
      const answers = await Promise.all(
        [fileUrl!, thumbnail!.url].map((url) => fetch(new URL(url, server.url))),
      );
      await Promise.all(answers.map((answer) => answer.arrayBuffer()));
      return answers.map(({ status }) => status);
    };
    expect(await statuses()).toEqual([200, 200]);
    const derivatives = async () =>
      (await readdir(join(server.mediaDir, ".derivatives"), { recursive: true })).join("\n");
    expect(await derivatives()).toContain(md5Of(old!));
    await prune(server, newest);
    expect(await statuses()).toEqual([404, 404]);
    expect(await derivatives()).not.toContain(md5Of(old!));
  });
});

test("a dry run reports exactly what pruning destroys, and changes nothing", async () => {
  await upload(server, await makeJpeg());
  await rename(server, id, 2);
  const foretold = await surveyHistory(limited(server, { historyVersionsMax: 2 }));
  expect(foretold).toEqual({ versions: 2, originals: 1, bytes: old!.length });
  expect(await keptOf(server, id)).toEqual([4, 3, 2, 1]);
  expect(await server.listFiles()).toContain(oldPath);
  expect(await prune(server, { historyVersionsMax: 2 })).toEqual(foretold);
  expect(await surveyHistory(limited(server, { historyVersionsMax: 2 }))).toEqual({
    versions: 0,
    originals: 0,
    bytes: 0,
  });
});

/** Prunes as far as the commit, and stands still before the first of these files is unlinked, until `go` is called. */
async function pruneUpToCommit(md5s = [md5Of(old!)]) {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const { fileLocks, db } = server.app.deps;
  const holding = fileLocks.hold(md5s, () => held);
  const stopping = new AbortController();
  const committed = db.nextCommit(AbortSignal.timeout(10_000));
  const pruning = pruneHistory(limited(server, newest), { signal: stopping.signal, restFactor: 0 });
  await committed;
  expect(await removals()).toBeGreaterThan(0);
  expect(await server.listFiles()).toContain(oldPath);
  const go = () => {
    release();
    return holding;
  };
  return { stopping, pruning, go };
}

describe("between the commit and the unlinking", () => {
  test("a power cut leaves a file that the next start removes", async () => {
    const { pruning, go } = await pruneUpToCommit();
    const dir = await mkdtemp(join(tmpdir(), "colan-cut-"));
    onTestFinished(() => rm(dir, { recursive: true, force: true }));
    // The disk as it is at this moment, which is all that a power cut leaves.
    await cp(server.dir, dir, { recursive: true });
    await go();
    await pruning;
    const next = await spawnServer(dir);
    try {
      expect(await next.listFiles()).toEqual([currentPath]);
    } finally {
      await next.end("SIGTERM");
    }
  });

  test("the same bytes may come back, and stay", async () => {
    const { pruning, go } = await pruneUpToCommit();
    // The upload waits for the lock of its checksum like the removal, and behind it.
    const uploading = tryUpload(server, old!);
    await go();
    await pruning;
    const { outcome, entity } = await uploading;
    expect(outcome).toBe("CREATED");
    expect(await readFile(join(server.mediaDir, entity!.filePath!))).toEqual(old);
    expect(await removals()).toBe(0);
  });

  test("being stopped leaves the rest noted, for the next start", async () => {
    const more = await Promise.all([makeJpeg(), makeJpeg(), makeJpeg()]);
    for (const bytes of more) await replace(server, id, bytes);
    const { stopping, pruning, go } = await pruneUpToCommit([old!, current!, ...more].map(md5Of));
    stopping.abort();
    await go();
    expect(await pruning).toMatchObject({ versions: 4, originals: 4 });
    expect(await removals()).toBe(3);
    server = await server.restart();
    expect(await removals()).toBe(0);
    expect(await server.listFiles()).toHaveLength(1);
  });
});

test("a hard delete in the middle of it is no trouble", async () => {
  const { pruning, go } = await pruneUpToCommit();
  const deleting = server.run(HARD_DELETE, { id });
  await go();
  await Promise.all([pruning, deleting]);
  expect(await server.listFiles()).toEqual([]);
  expect(await removals()).toBe(0);
});
