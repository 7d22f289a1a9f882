import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, realpath, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { StorageFullError } from "../../src/errors.ts";
import type { DerivativeStore } from "../../src/storage/derivative-store.ts";
import { openDerivativeStore } from "../../src/storage/local/derivatives.ts";
import { derivativeStoreContract } from "../contracts/derivative-store.ts";
import { canMount, fillBut, mount, unmount } from "../support/disk.ts";
import { listOpenFiles } from "../support/open-files.ts";
import { listFiles } from "../support/server.ts";

const dirs: string[] = [];
afterEach(async () => {
  for (const dir of dirs.splice(0)) await rm(dir, { recursive: true, force: true });
});

async function makeDir() {
  const dir = await realpath(await mkdtemp(join(tmpdir(), "colan-")));
  dirs.push(dir);
  return dir;
}

describe("derivatives in the media directory", () => {
  derivativeStoreContract(async () => {
    const dir = await makeDir();
    return {
      store: await openDerivativeStore(dir),
      countFiles: async () => (await listFiles(dir)).length,
      empty: () => rm(join(dir, ".derivatives"), { recursive: true, force: true }),
      reopen: () => openDerivativeStore(dir),
    };
  });
});

const key = { md5: "0123456789abcdef0123456789abcdef", sha256: "a".repeat(64), name: "thumbnail.webp" };

async function put(store: DerivativeStore, bytes: string | Buffer) {
  const draft = await store.draft();
  try {
    await draft.withLocalFile((path) => writeFile(path, bytes));
    await draft.publish(key);
  } finally {
    await draft.discard();
  }
}

describe("a derivative's path", () => {
  let dir: string;
  let path: string;
  let store: DerivativeStore;
  beforeEach(async () => {
    dir = await makeDir();
    store = await openDerivativeStore(dir);
    path = join(dir, ".derivatives/01", key.md5, key.sha256, key.name);
  });
  afterEach(() => {
    expect(listOpenFiles(dir)).toEqual([]);
  });

  test("is made of the original's checksums and the derivative's name", async () => {
    await put(store, "x");
    expect(existsSync(path)).toBe(true);
    expect(await readdir(join(dir, ".derivatives"))).toEqual([".drafts", "01"]);
  });

  test("that is a link is not followed, and is replaced by the derivative when that is made", async () => {
    const secret = join(await makeDir(), "secret");
    await writeFile(secret, "secret");
    await mkdir(dirname(path), { recursive: true });
    await symlink(secret, path);
    expect(await store.open(key)).toBeUndefined();
    await put(store, "picture");
    expect(await text((await store.open(key))!.read())).toBe("picture");
  });

  test("through a link is neither read nor written", async () => {
    await put(store, "x");
    const elsewhere = join(await makeDir(), "elsewhere");
    await rename(dirname(path), elsewhere);
    await symlink(elsewhere, dirname(path));
    expect(await store.open(key)).toBeUndefined();
    await rm(join(elsewhere, key.name));
    await expect(put(store, "y")).rejects.toThrow("a link leads away");
    expect(await readdir(elsewhere)).toEqual([]);
  });

  test("may be on another disk, when the folder of all is a link", async () => {
    const disk = await makeDir();
    await symlink(disk, join(dir, ".derivatives"));
    store = await openDerivativeStore(dir);
    await put(store, "x");
    expect(await text((await store.open(key))!.read())).toBe("x");
    await store.remove(key.md5);
    expect(await store.open(key)).toBeUndefined();
  });
});

// The folders could vanish between their making and the rename into them; each rename was tried once only.
test("a store that is emptied over and over publishes or says that the draft is gone", async () => {
  const dir = await makeDir();
  const store = await openDerivativeStore(dir);
  await put(store, "x");
  const state = { isOver: false };
  const emptying = (async () => {
    while (!state.isOver) {
      for (const name of await readdir(join(dir, ".derivatives"))) {
        const path = join(dir, ".derivatives", name);
        if (name !== ".drafts") await rename(path, join(dir, "gone"));
        await rm(join(dir, "gone"), { recursive: true, force: true });
      }
    }
  })();
  for (let round = 0; round < 100; round++) await put(store, "x");
  state.isOver = true;
  await emptying;
});

describe.skipIf(!canMount)("a full disk", () => {
  let disk: string;
  let store: DerivativeStore;
  afterEach(() => unmount(disk));

  test("of names fails with StorageFullError, wherever the names run out, and works once there is room", async () => {
    // The disk itself, the two folders and the draft take four, its publication three folders more.
    disk = await mount("size=1m,nr_inodes=6");
    store = await openDerivativeStore(disk);
    await expect(put(store, "x")).rejects.toThrow(StorageFullError);
    expect(await listFiles(disk)).toEqual([]);
    await unmount(disk);
    disk = await mount("size=1m,nr_inodes=7");
    store = await openDerivativeStore(disk);
    await put(store, "x");
  });

  test("of names fails with StorageFullError when there is none for the folder of drafts", async () => {
    disk = await mount("size=1m,nr_inodes=4");
    for (const name of ["1", "2", "3"]) await writeFile(join(disk, name), "");
    store = await openDerivativeStore(disk);
    await expect(store.draft()).rejects.toThrow(StorageFullError);
  });

  test("of bytes can still be removed from", async () => {
    disk = await mount("size=1m");
    store = await openDerivativeStore(disk);
    await put(store, Buffer.alloc(100_000));
    await fillBut(disk, 0);
    await expect(put(store, Buffer.alloc(100_000))).rejects.toThrow("ENOSPC");
    await store.remove(key.md5);
    await put(store, Buffer.alloc(50_000));
  });
});
