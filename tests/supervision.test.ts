import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { file, map, multipart, operations, post, RawClient } from "./server/raw.ts";
import { clientOf } from "./support/client.ts";
import { UPLOAD } from "./support/documents.ts";
import { makeJpeg } from "./support/pictures.ts";
import { startProcess, type ServerProcess } from "./support/process.ts";
import { listFiles } from "./support/server.ts";
import { expectConsistent } from "./support/uploading.ts";

let dir: string;
let mediaDir: string;
let server: ServerProcess | undefined;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "colan-"));
  mediaDir = join(dir, "media_files");
});
afterEach(async () => {
  await server?.end("SIGKILL");
  server = undefined;
  await rm(dir, { recursive: true, force: true });
});

const staged = () => readdir(join(mediaDir, ".staging"));

/** An upload whose second half is still to be sent. */
async function beginUpload(url: string) {
  const request = post(
    multipart([
      operations(String(UPLOAD), { input: { file: null } }),
      map({ 0: ["variables.input.file"] }),
      file("0", Buffer.concat([await makeJpeg(), Buffer.alloc(200_000)])),
    ]),
  );
  const client = await RawClient.open(url);
  const half = request.length / 2;
  await client.send(request.subarray(0, half));
  return {
    finish: async () => {
      await client.send(request.subarray(half));
      return client.answer();
    },
    answer: () => client.answer(),
  };
}

async function beginUploads(url: string, count: number) {
  const uploads = await Promise.all(Array.from({ length: count }, () => beginUpload(url)));
  await expect.poll(async () => (await staged()).length, { interval: 10 }).toBe(count);
  return uploads;
}

describe("the end of the server process", () => {
  test("SIGTERM with 20 uploads at 50 %: those that go on are stored, the others leave nothing, exit 0", async () => {
    server = await startProcess(dir, { STOP_TIMEOUT_MS: "4000", DERIVATIVES_AHEAD: "false" });
    const { url } = server;
    const uploads = await beginUploads(url, 20);
    const ended = server.end("SIGTERM");
    await expect
      .poll(
        () =>
          RawClient.open(url).then(
            (client) => {
              client.close();
              return "taken";
            },
            () => "refused",
          ),
        { interval: 10 },
      )
      .toBe("refused");
    const finished = await Promise.all(uploads.slice(0, 10).map((upload) => upload.finish()));
    expect(finished.map((answer) => answer?.status)).toEqual(Array.from({ length: 10 }, () => 200));
    expect(await ended).toBe(0);
    // Broken off: an error that says so, or no answer at all.
    for (const upload of uploads.slice(10)) expect((await upload.answer())?.status).not.toBe(200);
    expect(await staged()).toEqual([]);
    expect(await listFiles(mediaDir)).toHaveLength(10);
    expect((await stat(join(dir, "media_store.db-wal")).catch(() => ({ size: 0 }))).size).toBe(0);

    server = await startProcess(dir, { DERIVATIVES_AHEAD: "false" });
    const again = { ...clientOf(server.url), mediaDir, listFiles: () => listFiles(mediaDir) };
    expect(await expectConsistent(again)).toHaveLength(10);
    expect(server.stdout()).not.toContain("removed what an interrupted upload");
  });

  test.each(["setTimeout(() => { throw new Error('planted'); })", "Promise.reject(new Error('planted'))"])(
    "an uncaught exception ends it in order, with 70: %s",
    async (fault) => {
      const plant = join(dir, "plant.mjs");
      await writeFile(plant, `process.once("SIGUSR2", () => { ${fault} });`);
      const env = { NODE_OPTIONS: `--import=${pathToFileURL(plant).href}`, STOP_TIMEOUT_MS: "500" };
      server = await startProcess(dir, env);
      const [upload] = await beginUploads(server.url, 1);
      expect(await server.end("SIGUSR2")).toBe(70);
      expect((await upload!.answer())?.status).not.toBe(200);
      expect(await staged()).toEqual([]);
      expect((await stat(join(dir, "media_store.db-wal")).catch(() => ({ size: 0 }))).size).toBe(0);
      const lines = server.stdout().trim().split("\n");
      const fatal = lines.map((line) => JSON.parse(line) as { level: number; err?: { message: string } });
      expect(fatal.find(({ level }) => level === 60)?.err?.message).toBe("planted");
    },
  );

  test("asked twice it ends at once", async () => {
    server = await startProcess(dir, { STOP_TIMEOUT_MS: "60000" });
    await beginUploads(server.url, 1);
    server.child.kill("SIGTERM");
    await expect.poll(() => server?.stdout()).toContain('"stopping"');
    expect(await server.end("SIGTERM")).toBe(1);
  });
});
