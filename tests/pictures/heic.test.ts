import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { expect, test, vi } from "vitest";
import { corpusDir } from "../support/corpus.ts";
import { startServer } from "../support/server.ts";
import { looksOf, thumbnailUrl } from "./looks.ts";
import { addOriginal } from "./originals.ts";

const folder = join(corpusDir, "exif-samples/heic");
const hasCorpus = existsSync(folder);
if (!hasCorpus) console.warn(`HEIC is not tested: there is no ${folder}`);

// Nothing here writes HEVC: phones' own files are needed.
test.skipIf(!hasCorpus)("a phone's HEIC is shown upright, in the colours of its profile", async () => {
  const server = await startServer({ env: { DERIVATIVES_AHEAD: "true" } });
  const { id, original } = await addOriginal(server, await readFile(join(folder, "samplefilehub.heif")));
  expect(original).toMatchObject({ source: "DECODED", width: 640, height: 426 });
  const { problems } = await looksOf(server, id);
  expect(problems).toEqual([]);
  const response = await fetch(await thumbnailUrl(server, id, { width: 320, format: "JPEG" }));
  expect(response.status).toBe(200);
  const picture = sharp(Buffer.from(await response.arrayBuffer()));
  expect(await picture.metadata()).toMatchObject({ width: 320, height: 213, space: "srgb" });
  const { channels } = await picture.stats();
  // A picture and not a grey area: what a decoder leaves that gave up.
  for (const { stdev } of channels) expect(stdev).toBeGreaterThan(20);
  await vi.waitFor(
    async () => {
      expect((await looksOf(server, id)).placeholder).toMatch(/^[\w+/]+=*$/);
    },
    { timeout: 100_000, interval: 100 },
  );
});

test.skipIf(!hasCorpus)("a broken HEIC is kept, and says why it cannot be shown", async () => {
  const server = await startServer();
  const bytes = await readFile(join(folder, "samplefilehub.heif"));
  bytes.fill(0x55, bytes.length >> 1);
  const { id } = await addOriginal(server, bytes);
  const response = await fetch(await thumbnailUrl(server, id));
  // libheif shows what it can of damaged pictures.
  expect([200, 415]).toContain(response.status);
  if (response.status === 415) expect((await looksOf(server, id)).problems[0]?.code).toBe("UNDECODABLE");
});
