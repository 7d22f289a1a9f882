import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { HARD_DELETE } from "../support/documents.ts";
import { makeJpeg } from "../support/pictures.ts";
import { spawnServer, type SpawnedServer } from "../support/spawned-server.ts";
import { expectConsistent, md5Of, tryUpload } from "../support/uploading.ts";

const rounds = 10;
const clients = 6;
const seed = Date.now() % 1_000_000;

/** Mulberry32: the moments of the kills can be had again from the seed. */
function randomOf(start: number) {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "colan-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

/** What the clients were told: nothing of it may be lost, whatever happens afterwards. */
const acknowledged = new Map<string, Buffer>();
const destroyed = new Set<string>();

/** Uploads and sometimes destroys, until the server is gone. */
async function work(server: SpawnedServer, random: () => number, onAnswer: () => void) {
  for (;;) {
    const bytes = await makeJpeg();
    const md5 = md5Of(bytes);
    try {
      const { status, outcome, entity } = await tryUpload(server, bytes);
      expect({ status, outcome }).toEqual({ status: 200, outcome: "CREATED" });
      acknowledged.set(md5, bytes);
      onAnswer();
      if (random() < 0.75) continue;
      // From the moment it is asked for until it is answered, either end is right.
      acknowledged.delete(md5);
      await server.run(HARD_DELETE, { id: entity!.id });
      destroyed.add(md5);
    } catch (error) {
      // fetch's own error: the connection is gone. A failed expectation is an error of another kind.
      if (error instanceof TypeError || error instanceof SyntaxError) return;
      throw error;
    }
  }
}

async function checkAll(server: SpawnedServer) {
  const rows = await expectConsistent(server);
  const paths = new Map(rows.map(({ md5, filePath }) => [md5, filePath]));
  for (const [md5, bytes] of acknowledged)
    expect(await readFile(join(server.mediaDir, paths.get(md5) ?? `lost: ${md5}`))).toEqual(bytes);
  for (const md5 of destroyed) expect(paths.has(md5)).toBe(false);
  expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
}

test(`${rounds} kills at random moments lose nothing acknowledged and leave nothing half done (seed ${seed})`, async () => {
  const random = randomOf(seed);
  for (let round = 0; round < rounds; round++) {
    const server = await spawnServer(dir);
    try {
      await checkAll(server);
      let begin: () => void = () => undefined;
      const hasBegun = new Promise<void>((resolve) => (begin = resolve));
      const working = Promise.all(Array.from({ length: clients }, () => work(server, random, begin)));
      await Promise.race([hasBegun, working]);
      await new Promise((resolve) => setTimeout(resolve, random() * 400));
      await server.end("SIGKILL");
      await working;
    } finally {
      await server.end("SIGKILL");
    }
  }
  expect(acknowledged.size).toBeGreaterThan(rounds);
  const server = await spawnServer(dir);
  await checkAll(server).finally(() => server.end("SIGTERM"));
}, 120_000);
