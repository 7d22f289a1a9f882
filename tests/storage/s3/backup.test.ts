import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { describe, expect, test } from "vitest";
import { colan, startColan } from "../../support/colan.ts";
import { closers } from "../../support/closers.ts";
import { makeJpeg } from "../../support/pictures.ts";
import { makeTestBucket, s3Endpoint } from "../../support/s3.ts";
import { startFaultyStore } from "../../support/s3-proxy.ts";
import { startServer } from "../../support/server.ts";
import { sha256Of } from "../../support/uploading.ts";
import { envOf, upload } from "./serving.ts";

const original = /\/\d\d\/\d\d\/[0-9a-f]{32}/;

async function makeFolder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "colan-"));
  closers.push(() => rm(dir, { recursive: true }));
  return dir;
}

/** A library with its originals in a bucket, seen through a proxy, and a folder for backups. */
async function openLibrary(files: number) {
  const bucket = await makeTestBucket();
  const proxy = await startFaultyStore(s3Endpoint!, bucket.access.client, null);
  const env = envOf(bucket, proxy.endpoint);
  const server = await startServer({ env, engine: "sqlite" });
  const entities = [];
  for (let index = 0; index < files; index++) entities.push(await upload(server, await makeJpeg()));
  return { bucket, proxy, env, server, entities, backups: join(await makeFolder(), "backups") };
}

const pathsIn = (dir: string) => ({
  databasePath: join(dir, "media_store.db"),
  mediaDir: join(dir, "media_files"),
});

const namesOf = async (backups: string) =>
  (await readdir(backups)).filter((name) => !name.startsWith(".")).sort();

describe.skipIf(s3Endpoint == null)("a backup of a library in a bucket", () => {
  test("has every original with its checksum, fetches only what is new, and is restored to a folder", async () => {
    const { server, env, entities, proxy, backups } = await openLibrary(3);
    const first = await colan(server, ["backup", backups], env);
    expect([first.code, first.stderr]).toEqual([0, ""]);
    const newest = await upload(server, await makeJpeg());
    const fetched: string[] = [];
    proxy.onCall = ({ method, url = "" }) => {
      if (method === "GET" && original.test(url)) fetched.push(url);
      return Promise.resolve();
    };
    const second = await colan(server, ["backup", backups], env);
    proxy.onCall = undefined;
    expect(second.stdout).toContain("4 files, 1 of them copied");
    expect(fetched).toEqual([expect.stringContaining(newest.filePath!)]);

    const [older = "", newer = ""] = await namesOf(backups);
    const manifest = JSON.parse(await readFile(join(backups, newer, "manifest.json"), "utf8")) as {
      files: { path: string; sha256: string }[];
    };
    expect(manifest.files).toHaveLength(4);
    for (const { path, sha256 } of manifest.files)
      expect(sha256Of(await readFile(join(backups, newer, "media_files", path)))).toBe(sha256);
    const pathOf = (name: string) => join(backups, name, "media_files", entities[0]!.filePath!);
    expect((await stat(pathOf(older))).ino).toBe((await stat(pathOf(newer))).ino);

    const to = await makeFolder();
    const restored = await colan(server, ["restore", backups, "--to", to], env);
    expect([restored.code, restored.stderr]).toEqual([0, ""]);
    const verified = await colan(pathsIn(to), ["verify", "--deep"]);
    expect([verified.code, verified.stdout]).toEqual([0, expect.stringContaining("4 files looked at")]);
  });

  test("is not made when an object is missing or has other bytes, and each is named", async () => {
    const { server, env, bucket, entities, backups } = await openLibrary(3);
    const [missing = "", changed = ""] = entities.map(({ filePath }) => filePath ?? "");
    const { client, bucket: Bucket, prefix } = bucket.access;
    await bucket.remove(missing);
    const Body = Buffer.alloc(Number(entities[1]!.fileSize), "x");
    await client.send(new PutObjectCommand({ Bucket, Key: prefix + changed, Body }));
    const { code, stderr } = await colan(server, ["backup", backups], env);
    expect(code).toBe(1);
    expect(stderr).toContain(`${missing} is missing`);
    expect(stderr).toContain(`${changed} has ${Body.length} bytes`);
    expect(await namesOf(backups)).toEqual([]);
  });

  test("is restored to an empty bucket, also when that is killed in the middle, and to no other", async () => {
    const { server, env, bucket, entities, backups } = await openLibrary(5);
    expect((await colan(server, ["backup", backups], env)).code).toBe(0);
    const bytes = await Promise.all(
      entities.map(async ({ fileUrl }) => sha256Of(Buffer.from(await (await fetch(fileUrl)).arrayBuffer()))),
    );
    await server.stop();
    const full = await colan(pathsIn(await makeFolder()), ["restore", backups], env);
    expect([full.code, full.stderr]).toEqual([
      1,
      expect.stringMatching(`The bucket ${bucket.mediaUrl} is not empty`),
    ]);

    const other = await makeTestBucket();
    const proxy = await startFaultyStore(s3Endpoint!, other.access.client, null);
    const otherEnv = envOf(other, proxy.endpoint);
    const place = pathsIn(await makeFolder());
    const killed = startColan(place, ["restore", backups], otherEnv);
    let puts = 0;
    proxy.onCall = async ({ method, url = "" }) => {
      if (method !== "PUT" || !original.test(url) || ++puts !== 3) return;
      killed.child.kill("SIGKILL");
      await killed.ended;
    };
    await killed.ended;
    proxy.onCall = undefined;
    expect(await other.listKeys()).toContain(".restoring");
    const again = await colan(place, ["restore", backups], otherEnv);
    expect([again.code, again.stderr]).toEqual([0, ""]);
    expect(await other.listKeys()).toEqual(entities.map(({ filePath }) => filePath).sort());
    expect((await colan(place, ["verify", "--deep"], otherEnv)).code).toBe(0);

    const next = await startServer({
      ...{ engine: "sqlite" },
      env: { ...otherEnv, DATABASE_URL: `file:${place.databasePath}`, MEDIA_DIR: place.mediaDir },
    });
    for (const [index, { fileUrl }] of entities.entries()) {
      const answer = await fetch(next.url + new URL(fileUrl).pathname);
      expect(sha256Of(Buffer.from(await answer.arrayBuffer()))).toBe(bytes[index]);
    }
  });
});
