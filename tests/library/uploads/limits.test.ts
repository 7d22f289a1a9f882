import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { once } from "node:events";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { json } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { UPLOAD } from "../../support/documents.ts";
import { makeJpeg } from "../../support/pictures.ts";
import { startSharedServer, type TestServer } from "../../support/server.ts";
import { spawnServer } from "../../support/spawned-server.ts";
import { expectConsistent, listRows, tryUpload, upload } from "../../support/uploading.ts";
import { file, map, multipart, operations } from "../../server/raw.ts";

const bytesMax = 300_000;
const MiB = 1024 * 1024;

let server: TestServer;
beforeAll(async () => {
  server = await startSharedServer({ env: { UPLOAD_BYTES_MAX: String(bytesMax) } });
});
afterAll(() => server.stop());

/** A picture followed by zeros, so that it has exactly this length. */
async function makeFile(bytes: number): Promise<Buffer> {
  const whole = Buffer.alloc(bytes);
  (await makeJpeg()).copy(whole);
  return whole;
}

test.each([bytesMax - 1, bytesMax])("takes a file of %i bytes", async (bytes) => {
  const { entity } = await upload(server, await makeFile(bytes));
  expect(entity.fileSize).toBe(bytes);
  await expectConsistent(server);
});

test.each([bytesMax + 1, 20 * bytesMax])(
  "refuses a file of %i bytes and keeps nothing of it",
  async (bytes) => {
    const before = await listRows(server);
    const { status, outcome, extensions } = await tryUpload(server, await makeFile(bytes));
    expect({ status, outcome }).toEqual({ status: 413, outcome: "FILE_TOO_LARGE" });
    expect(extensions).toMatchObject({ bytesMax });
    expect(await expectConsistent(server)).toEqual(before);
  },
);

/** Most memory the process has held since `resetPeak`, and what it holds now, in bytes. */
async function memoryOf(pid: number) {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const read = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024;
  return { now: read("VmRSS"), peak: read("VmHWM") };
}
// proc(5): "5" to clear_refs resets the peak resident set size.
const resetPeak = (pid: number) => writeFile(`/proc/${pid}/clear_refs`, "5");

/** Streams a picture followed by so many MiB of zeros, as fast as the server takes them. */
async function stream(url: string, mebibytes: number) {
  const head = multipart(
    [
      operations(String(UPLOAD), { input: { file: null } }),
      map({ 0: ["variables.input.file"] }),
      file("0", await makeJpeg()),
    ],
    "b",
    true,
  );
  const zeros = Buffer.alloc(MiB);
  const body = Readable.from(
    (function* () {
      yield head;
      for (let count = 0; count < mebibytes; count++) yield zeros;
      yield "\r\n--b--\r\n";
    })(),
  );
  const request = http.request(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "multipart/form-data; boundary=b", "apollo-require-preflight": "1" },
  });
  const answered = once(request, "response") as Promise<[http.IncomingMessage]>;
  await pipeline(body, request);
  const [answer] = await answered;
  expect(await json(answer)).toMatchObject({ data: { uploadEntity: { status: "CREATED" } } });
}

test.skipIf(process.platform !== "linux")("takes 200 MB without holding them in memory", async () => {
  const dir = await mkdtemp(join(tmpdir(), "colan-"));
  const spawned = await spawnServer(dir);
  try {
    // The first large one fills pools and warms up the compiler; what counts is that a larger one adds nothing.
    await stream(spawned.url, 40);
    await resetPeak(spawned.pid);
    const before = await memoryOf(spawned.pid);
    await stream(spawned.url, 200);
    const { peak } = await memoryOf(spawned.pid);
    expect((peak - before.now) / MiB).toBeLessThan(64);
    expect(await expectConsistent(spawned)).toHaveLength(2);
  } finally {
    await spawned.end("SIGTERM");
    await rm(dir, { recursive: true, force: true });
  }
});
