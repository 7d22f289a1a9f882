import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { graphql } from "../../generated/index.ts";
import { tryReplace } from "../../support/going-back.ts";
import { makeJpeg } from "../../support/pictures.ts";
import { readSeed } from "../../support/seed.ts";
import { spawnServer, type SpawnedServer } from "../../support/spawned-server.ts";
import { md5Of, upload } from "../../support/uploading.ts";

const rounds = 8;
const clients = 4;
const seed = readSeed();

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

const HISTORY = graphql(`
  query ReplacedHistory($id: ID!, $offset: Int!) {
    entity(id: $id) {
      version
      md5
      versions(offset: $offset, limit: 100) {
        items {
          version
          md5
          filePath
        }
        pagination {
          hasNext
        }
      }
    }
  }
`);

/** One entity and what its client knows of it. */
interface Replaced {
  readonly id: string;
  /** Checksums of the versions that the client was told of, the first one's first. */
  readonly told: string[];
  /** What it sent last without having been told what became of it. */
  sent: string | undefined;
}

/** Gives an entity one file after another until the server is gone. */
async function work(server: SpawnedServer, replaced: Replaced, onAnswer: () => void) {
  for (;;) {
    const bytes = await makeJpeg();
    replaced.sent = md5Of(bytes);
    try {
      const { outcome, entity } = await tryReplace(server, replaced.id, bytes);
      expect({ outcome, md5: entity?.md5 }).toEqual({ outcome: "REPLACED", md5: replaced.sent });
      replaced.told.push(replaced.sent);
      replaced.sent = undefined;
      onAnswer();
    } catch (error) {
      // fetch's own error: the connection is gone. A failed expectation is an error of another kind.
      if (error instanceof TypeError || error instanceof SyntaxError) return;
      throw error;
    }
  }
}

async function listVersions(server: SpawnedServer, id: string) {
  const versions: { md5: string; filePath: string }[] = [];
  for (;;) {
    const { entity } = await server.run(HISTORY, { id, offset: versions.length });
    const { items, pagination } = entity!.versions;
    versions.push(...items.map(({ md5, filePath }) => ({ md5: md5!, filePath: filePath! })));
    if (!pagination.hasNext) return { current: entity!, versions: versions.reverse() };
  }
}

/** Every version that was told of is there in its order, and at most the one that was on its way; each with its bytes. */
async function checkAll(server: SpawnedServer, library: readonly Replaced[]) {
  const paths: string[] = [];
  for (const replaced of library) {
    const { current, versions } = await listVersions(server, replaced.id);
    const found = versions.map(({ md5 }) => md5);
    const { told, sent } = replaced;
    // What was neither told nor found was never written, and is not tried again.
    if (sent != null && found.length > told.length) told.push(sent);
    replaced.sent = undefined;
    expect(found).toEqual(told);
    expect(current).toMatchObject({ md5: told.at(-1), version: told.length });
    for (const { md5, filePath } of versions) {
      expect(md5Of(await readFile(join(server.mediaDir, filePath)))).toBe(md5);
      paths.push(filePath);
    }
  }
  // Nothing else lies there, in staging neither.
  expect(await server.listFiles()).toEqual(paths.sort());
}

test(`${rounds} kills while files are replaced leave the old or the new one, and every version's bytes (seed ${seed})`, async () => {
  const random = randomOf(seed);
  const library: Replaced[] = [];
  for (let round = 0; round < rounds; round++) {
    const server = await spawnServer(dir);
    try {
      while (library.length < clients) {
        const bytes = await makeJpeg();
        const { entity } = await upload(server, bytes);
        library.push({ id: entity.id, told: [md5Of(bytes)], sent: undefined });
      }
      await checkAll(server, library);
      let begin: () => void = () => undefined;
      const hasBegun = new Promise<void>((resolve) => (begin = resolve));
      const working = Promise.all(library.map((replaced) => work(server, replaced, begin)));
      await Promise.race([hasBegun, working]);
      await new Promise((resolve) => setTimeout(resolve, random() * 400));
      await server.end("SIGKILL");
      await working;
    } finally {
      await server.end("SIGKILL");
    }
  }
  expect(library.flatMap(({ told }) => told).length).toBeGreaterThan(rounds);
  const server = await spawnServer(dir);
  await checkAll(server, library).finally(() => server.end("SIGTERM"));
});
