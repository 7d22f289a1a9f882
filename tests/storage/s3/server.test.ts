import { EventEmitter, once } from "node:events";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { describe, expect, test } from "vitest";
import { openConnection } from "../../../src/database/sqlite/connection.ts";
import { colan } from "../../support/colan.ts";
import { closers } from "../../support/closers.ts";
import { graphql } from "../../generated/index.ts";
import { HARD_DELETE } from "../../support/documents.ts";
import { replace } from "../../support/going-back.ts";
import { makeJpeg } from "../../support/pictures.ts";
import { makeTestBucket, s3Endpoint } from "../../support/s3.ts";
import { startFaultyStore } from "../../support/s3-proxy.ts";
import { spawnServer } from "../../support/spawned-server.ts";
import { md5Of } from "../../support/uploading.ts";
import { envOf, start, upload, UPLOAD } from "./serving.ts";

const PICTURES = graphql(`
  query PicturesInBucket($id: ID!) {
    entity(id: $id) {
      small: thumbnail(width: 16) {
        url
      }
      middle: thumbnail(width: 32) {
        url
      }
      large: thumbnail(width: 64) {
        url
      }
    }
  }
`);

const keysFor = (keys: readonly string[], bytes: Buffer) => keys.filter((key) => key.includes(md5Of(bytes)));

describe.skipIf(s3Endpoint == null)("a server with its originals in a bucket", () => {
  test("stores, finds again, sends, replaces and destroys files as with a folder", async () => {
    const bucket = await makeTestBucket();
    const { server } = await start(bucket);
    const [bytes, other] = [await makeJpeg(), await makeJpeg()];
    const entity = await upload(server, bytes);
    expect(await bucket.listKeys()).toEqual([entity.filePath]);
    expect(await server.fail(UPLOAD, { input: { file: null } }, [{ at: "input.file", bytes }])).toMatchObject(
      {
        extensions: { code: "DUPLICATE_FILE" },
      },
    );

    const whole = await fetch(entity.fileUrl);
    expect(Buffer.from(await whole.arrayBuffer()).equals(bytes)).toBe(true);
    const part = await fetch(entity.fileUrl, { headers: { range: "bytes=10-19" } });
    expect([part.status, part.headers.get("content-range")]).toEqual([206, `bytes 10-19/${bytes.length}`]);
    expect(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(10, 20))).toBe(true);
    expect((await fetch(server.url + entity.pictureUrl)).status).toBe(200);

    await replace(server, entity.id, other);
    expect(await bucket.listKeys()).toHaveLength(2);
    await server.run(HARD_DELETE, { id: entity.id });
    expect(await bucket.listKeys()).toEqual([]);
    expect((await fetch(entity.fileUrl)).status).toBe(404);
    expect(await readdir(join(server.mediaDir, ".staging"))).toEqual([]);
  });

  test("makes pictures of originals that it has to fetch first", async () => {
    const bucket = await makeTestBucket();
    const { server } = await start(bucket);
    const { pictureUrl } = await upload(server, await makeJpeg());
    const next = await server.restart();
    expect((await fetch(next.url + pictureUrl)).status).toBe(200);
    expect(await readdir(join(next.mediaDir, ".copies"))).toHaveLength(1);
  });

  test("fetches an original once however many pictures of it are asked for, and keeps no more than it may", async () => {
    const bucket = await makeTestBucket();
    const proxy = await startFaultyStore(s3Endpoint!, bucket.access.client, null);
    const { server } = await start(bucket, proxy.endpoint);
    const pictures = await Promise.all([makeJpeg(), makeJpeg(), makeJpeg()]);
    const entities = [];
    for (const bytes of pictures) entities.push(await upload(server, bytes));
    const room = Math.max(...pictures.map(({ length }) => length)) + 1;
    const next = await server.restart({ S3_COPIES_BYTES_MAX: String(room) });
    const fetched: string[] = [];
    proxy.onCall = ({ method, url = "" }) => {
      if (method === "GET" && /[0-9a-f]{32}\.jpg/.test(url)) fetched.push(url);
      return Promise.resolve();
    };
    for (const [index, { id }] of entities.entries()) {
      const { entity } = await next.run(PICTURES, { id });
      const urls = [entity!.small!.url, entity!.middle!.url, entity!.large!.url];
      const answers = await Promise.all(urls.map((url) => fetch(next.url + url)));
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
      expect(fetched).toHaveLength(index + 1);
    }
    const copies = join(next.mediaDir, ".copies");
    const names = await readdir(copies);
    const sizes = await Promise.all(names.map(async (name) => (await stat(join(copies, name))).size));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(room);
  });

  test("sends a large file in parts, and ranges of it", async () => {
    const bucket = await makeTestBucket();
    const { server } = await start(bucket);
    // Zeros after the picture's end: as large as nine parts have to be, and quickly made.
    const bytes = Buffer.concat([await makeJpeg(), Buffer.alloc(70 * 1024 * 1024, "film")]);
    const { fileUrl } = await upload(server, bytes);
    const range = "bytes=50000000-59999999";
    const part = await fetch(fileUrl, { headers: { range } });
    expect(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(50_000_000, 60_000_000))).toBe(true);
    const whole = await fetch(fileUrl);
    expect(Buffer.from(await whole.arrayBuffer()).equals(bytes)).toBe(true);
  });

  test("refuses a bucket of another library, and one that is empty where there should be files", async () => {
    const [one, other] = [await makeTestBucket(), await makeTestBucket()];
    const { server } = await start(one);
    await upload(server, await makeJpeg());
    await (await start(other)).server.stop();
    await server.stop();
    const env = { ...envOf(one), MEDIA_URL: other.mediaUrl };
    const refused = await colan(server, ["serve"], { ...env, PORT: "0" });
    expect(refused.code).toBe(69);
    expect(refused.stderr).toContain(`The bucket ${other.mediaUrl} belongs to another library`);
    await one.clear();
    const empty = await colan(server, ["serve"], { ...envOf(one), PORT: "0" });
    expect(empty.code).toBe(69);
    expect(empty.stderr).toContain(`The bucket ${one.mediaUrl} is not the one of the library`);
  });

  test("says 503 with Retry-After while the store is away, and goes on when it is back", async () => {
    const bucket = await makeTestBucket();
    const proxy = await startFaultyStore(s3Endpoint!, bucket.access.client, null);
    const { server } = await start(bucket, proxy.endpoint);
    const entity = await upload(server, await makeJpeg());
    const bytes = await makeJpeg();
    proxy.become("is away");
    const away = await fetch(entity.fileUrl);
    expect([away.status, away.headers.get("retry-after")]).toEqual([503, "5"]);
    expect(await server.fail(UPLOAD, { input: { file: null } }, [{ at: "input.file", bytes }])).toMatchObject(
      {
        extensions: { code: "UNAVAILABLE" },
      },
    );
    proxy.become(null);
    await upload(server, bytes);
    expect((await fetch(entity.fileUrl)).status).toBe(200);
  });
});

/** Rows that say what is being stored. */
function countIntents(path: string): number {
  const connection = openConnection(path, { readOnly: true });
  try {
    const [row] = connection.all<{ count: number }>({
      ...{ sql: `SELECT COUNT(*) AS "count" FROM "ObjectIntent"`, values: [] },
    });
    return row?.count ?? 0;
  } finally {
    connection.close();
  }
}

describe.skipIf(s3Endpoint == null)("a server that is killed while an object is on its way", () => {
  test.each([
    ["before it is there when the next one starts", true],
    ["and it arrives after the next one has started", false],
  ])("leaves neither a row without object nor an object without row, %s", async (_when, isEarly) => {
    const bucket = await makeTestBucket();
    const proxy = await startFaultyStore(s3Endpoint!, bucket.access.client, null);
    const dir = await mkdtemp(join(tmpdir(), "colan-"));
    closers.push(() => rm(dir, { recursive: true }));
    const env = envOf(bucket, proxy.endpoint);
    const server = await spawnServer(dir, { env });
    closers.push(() => server.end("SIGKILL").then(() => undefined));
    const kept = await makeJpeg();
    await upload(server, kept);

    const bytes = await makeJpeg();
    const steps = new EventEmitter();
    const [killed, started, arrived] = [
      once(steps, "killed"),
      once(steps, "started"),
      once(steps, "arrived"),
    ];
    proxy.onCall = async ({ method, url = "" }) => {
      if (method !== "PUT" || !url.includes(md5Of(bytes))) return;
      proxy.onCall = undefined;
      await server.end("SIGKILL");
      steps.emit("killed");
      // The store has the request, and no connection that could tell it of the end.
      if (!isEarly) await started;
      setImmediate(() => steps.emit("arrived"));
    };
    await upload(server, bytes).catch(() => undefined);
    await killed;
    const databasePath = join(dir, "media_store.db");
    expect(countIntents(databasePath)).toBe(1);
    const next = await spawnServer(dir, { env });
    closers.push(() => next.end("SIGKILL").then(() => undefined));
    steps.emit("started");
    await arrived;
    await expect.poll(() => countIntents(databasePath)).toBe(0);
    expect(keysFor(await bucket.listKeys(), bytes)).toEqual([]);
    expect(keysFor(await bucket.listKeys(), kept)).toHaveLength(1);
    await upload(next, bytes);
    expect(keysFor(await bucket.listKeys(), bytes)).toHaveLength(1);
  });
});

describe.skipIf(s3Endpoint == null)("the commands on a bucket", () => {
  test("verify finds nothing wrong in a sound library, and --deep reads every byte", async () => {
    const bucket = await makeTestBucket();
    const { server, env } = await start(bucket);
    const bytes = await makeJpeg();
    await upload(server, bytes);
    const { code, stdout } = await colan(server, ["verify", "--deep"], env);
    expect(stdout).toContain("1 files looked at");
    expect(stdout).toContain("nothing is wrong");
    expect(code).toBe(0);
  });

  test("verify names what is missing, cut, exchanged and strange, and --repair puts strangers aside", async () => {
    const bucket = await makeTestBucket();
    const { server, env } = await start(bucket);
    const entities = [];
    for (let index = 0; index < 3; index++) entities.push(await upload(server, await makeJpeg()));
    const [missing = "", cut = "", changed = ""] = entities.map(({ filePath }) => filePath ?? "");
    const { client, bucket: Bucket, prefix } = bucket.access;
    const put = (key: string, Body: Buffer) =>
      client.send(new PutObjectCommand({ Bucket, Key: prefix + key, Body }));
    await bucket.remove(missing);
    await put(cut, Buffer.from("cut"));
    await put(changed, Buffer.alloc(Number(entities[2]!.fileSize)));
    await put("notes/stranger.txt", Buffer.from("not ours"));
    const { code, stdout } = await colan(server, ["verify", "--deep"], env);
    expect(
      stdout
        .split("\n")
        .filter((line) => /^[A-Z_]+ /.test(line))
        .sort(),
    ).toEqual([
      expect.stringContaining(`FILE_BYTES ${changed}`),
      expect.stringContaining(`FILE_MISSING ${missing}`),
      expect.stringContaining(`FILE_SIZE ${cut}`),
      expect.stringContaining("STRANGER notes/stranger.txt"),
    ]);
    expect(code).toBe(1);
    await server.stop();
    await colan(server, ["verify", "--repair"], env);
    expect(await bucket.listKeys()).toEqual([".quarantine/notes/stranger.txt", cut, changed].sort());
  });

  test("gc removes derivatives, and leaves the objects that rows name", async () => {
    const bucket = await makeTestBucket();
    const { server, env } = await start(bucket);
    await upload(server, await makeJpeg());
    await server.stop();
    expect((await colan(server, ["gc", "--derivatives"], env)).code).toBe(0);
    expect(await bucket.listKeys()).toHaveLength(1);
  });
});
