import { readdir } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { UPLOAD } from "../../support/documents.ts";
import { makeJpeg } from "../../support/pictures.ts";
import { startSharedServer, type TestServer } from "../../support/server.ts";
import { expectConsistent, tryUpload, upload } from "../../support/uploading.ts";
import { file, map, multipart, operations, post, RawClient } from "../../server/raw.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startSharedServer({ env: { LOG_LEVEL: "info" } });
});
afterAll(() => server.stop());

const requestOf = (bytes: Buffer) =>
  post(
    multipart([
      operations(String(UPLOAD), { input: { file: null } }),
      map({ 0: ["variables.input.file"] }),
      file("0", bytes),
    ]),
  );

const requestsEnded = () => server.log.filter((line) => line.includes('"msg":"request"')).length;

/** Sends so much of an upload's file and is gone. */
async function goAwayAt(percent: number, bytes: Buffer) {
  const request = requestOf(bytes);
  const start = request.indexOf(bytes);
  const client = await RawClient.open(server.url);
  await client.send(request.subarray(0, start + Math.floor((bytes.length * percent) / 100)));
  client.close();
}

const descriptors = async () => (await readdir("/proc/self/fd")).length;

/** A thousand by `npm run test:aborts`. */
const aborts = Number(process.env["ABORTS"] ?? 60);
const percents = [0, 1, 50, 99];

test.skipIf(process.platform !== "linux")(
  `a client that goes away at 0, 1, 50 or 99 % leaves nothing behind, ${aborts} times`,
  { timeout: 180_000 + aborts * 1_000 },
  async () => {
    const { entity } = await upload(server, await makeJpeg());
    const before = { ended: requestsEnded(), descriptors: await descriptors() };
    const rounds = Math.ceil(aborts / percents.length);
    for (let round = 0; round < rounds; round++) {
      const bytes = Buffer.concat([await makeJpeg(), Buffer.alloc(400_000)]);
      await Promise.all(percents.map((percent) => goAwayAt(percent, bytes)));
    }
    const limit = { timeout: 60_000, interval: 20 };
    await expect.poll(requestsEnded, limit).toBe(before.ended + percents.length * rounds);
    await expect.poll(() => server.listFiles(), limit).toEqual([entity.filePath]);
    // The connection pool of this very process may have grown by one or two.
    await expect.poll(descriptors, limit).toBeLessThanOrEqual(before.descriptors + 2);
    expect(await expectConsistent(server)).toHaveLength(1);
    expect(server.log.filter((line) => line.includes("unexpected error"))).toEqual([]);
  },
);

test("a client that goes away before the answer finds its file there whole or not at all", async () => {
  const before = requestsEnded();
  const files = await Promise.all(Array.from({ length: 12 }, () => makeJpeg()));
  await Promise.all(
    files.map(async (bytes) => {
      const client = await RawClient.open(server.url);
      await client.send(requestOf(bytes));
      client.close();
    }),
  );
  await expect.poll(requestsEnded).toBe(before + files.length);
  // The server may still be at it; another upload of the same bytes waits for its turn and shows the end.
  const outcomes = await Promise.all(files.map(async (bytes) => (await tryUpload(server, bytes)).outcome));
  expect(outcomes.filter((outcome) => outcome !== "CREATED" && outcome !== "DUPLICATE_FILE")).toEqual([]);
  await expectConsistent(server);
});
