import { execFileSync } from "node:child_process";
import { createServer } from "node:net";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, realpath, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { buffer, text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openLocalStorage } from "../../src/storage/local/local.ts";
import type { ObjectStore } from "../../src/storage/object-store.ts";
import { listOpenFiles } from "../support/open-files.ts";

const dirs: string[] = [];
afterEach(async () => {
  for (const dir of dirs.splice(0)) await rm(dir, { recursive: true, force: true });
});

async function makeDir() {
  const dir = await realpath(await mkdtemp(join(tmpdir(), "colan-")));
  dirs.push(dir);
  return dir;
}

describe("planted objects in the media directory", () => {
  const filePath = "2026/01/02/0123456789abcdef0123456789abcdef.jpg";
  let dir: string;
  let path: string;
  let outside: string;
  let storage: ObjectStore;
  beforeEach(async () => {
    dir = await makeDir();
    path = join(dir, filePath);
    outside = join(await makeDir(), "secret.jpg");
    await writeFile(outside, "secret");
    await mkdir(dirname(path), { recursive: true });
    storage = await openLocalStorage(dir, 1000);
  });
  afterEach(() => {
    expect(listOpenFiles(dir)).toEqual([]);
  });

  test.each(["outside", "inside"])("is not opened when it is a link to a file %s", async (where) => {
    const target = where === "outside" ? outside : join(dir, "2026/target.jpg");
    await writeFile(target, "secret");
    await symlink(target, path);
    expect(await storage.open(filePath)).toBeUndefined();
  });

  test("is not opened when it is a link that leads nowhere, or in a circle", async () => {
    await symlink(join(dir, "nowhere"), path);
    expect(await storage.open(filePath)).toBeUndefined();
    await rm(path);
    await symlink(path, path);
    expect(await storage.open(filePath)).toBeUndefined();
  });

  test.each(["2026", "2026/01", "2026/01/02"])("is not opened through the link %s", async (folder) => {
    await writeFile(path, "ours");
    const elsewhere = join(await makeDir(), "moved");
    await rename(join(dir, folder), elsewhere);
    await symlink(elsewhere, join(dir, folder));
    expect(await readFile(path, "utf8")).toBe("ours");
    expect(await storage.open(filePath)).toBeUndefined();
  });

  // Opened as files are, a FIFO without a writer blocks one of four threads until the server ends.
  test("is not waited for when it is a FIFO", async () => {
    execFileSync("mkfifo", [path]);
    const opened = await Promise.all(Array.from({ length: 20 }, () => storage.open(filePath)));
    expect(opened).toEqual(Array(20).fill(undefined));
  });

  test("is not opened when it is a socket", async () => {
    const server = createServer().listen(path);
    await once(server, "listening");
    expect(await storage.open(filePath)).toBeUndefined();
    server.close();
  });

  test.skipIf(process.getuid?.() !== 0)("is not opened when it is a device", async () => {
    execFileSync("mknod", [path, "c", "1", "5"]);
    expect(await storage.open(filePath)).toBeUndefined();
  });

  test("is not opened when it is a folder", async () => {
    await mkdir(path);
    expect(await storage.open(filePath)).toBeUndefined();
  });

  test("may be the media directory itself, as a link to another disk", async () => {
    const link = join(await makeDir(), "link");
    await symlink(dir, link);
    await writeFile(path, "ours");
    const linked = await openLocalStorage(link, 1000);
    expect(await text((await linked.open(filePath))!.read())).toBe("ours");
  });
});

describe("a file that is read", () => {
  let dir: string;
  let path: string;
  let storage: ObjectStore;
  beforeEach(async () => {
    dir = await makeDir();
    path = join(dir, "file");
    storage = await openLocalStorage(dir, 1000);
  });
  const open = async (bytes: Buffer) => {
    await writeFile(path, bytes);
    return (await storage.open("file"))!;
  };

  test("is closed when its stream has ended or is destroyed", async () => {
    const ended = await open(Buffer.alloc(1_000_000));
    const broken = (await storage.open("file"))!;
    const unread = (await storage.open("file"))!;
    expect(listOpenFiles(dir)).toHaveLength(3);
    await buffer(ended.read());
    await expect.poll(() => listOpenFiles(dir)).toHaveLength(2);
    const stream = broken.read();
    await once(stream, "readable");
    stream.destroy();
    await expect.poll(() => listOpenFiles(dir)).toHaveLength(1);
    await unread.close();
    expect(listOpenFiles(dir)).toEqual([]);
  });

  test("is closed when it has no bytes", async () => {
    const file = await open(Buffer.alloc(0));
    expect(file.size).toBe(0);
    expect(await buffer(file.read())).toEqual(Buffer.alloc(0));
    await expect.poll(() => listOpenFiles(dir)).toEqual([]);
  });

  test("has no more bytes than when it was opened", async () => {
    const file = await open(Buffer.alloc(10));
    await writeFile(path, "more", { flag: "a" });
    expect(await file.readBytes()).toHaveLength(10);
    expect(await buffer(file.read())).toHaveLength(10);
  });

  test("is read once only, and not when it is closed", async () => {
    const file = await open(Buffer.alloc(10));
    expect(await file.readBytes()).toHaveLength(10);
    file.read();
    expect(() => file.read()).toThrow("has been read or closed already");
    await expect(file.readBytes()).rejects.toThrow("has been read or closed already");
    await file.close();
    // By then its number may be another file's.
    const closed = await open(Buffer.alloc(10));
    await closed.close();
    await expect(closed.readBytes()).rejects.toThrow("has been read or closed already");
    expect(() => closed.read()).toThrow("has been read or closed already");
  });

  test("keeps its bytes when another one takes its name", async () => {
    const file = await open(Buffer.from("old"));
    await writeFile(`${path}.new`, "new");
    await rename(`${path}.new`, path);
    expect(await text(file.read())).toBe("old");
  });
});
