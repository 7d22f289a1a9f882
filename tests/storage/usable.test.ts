import { mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkWritable } from "../../src/storage/local/check-writable.ts";
import { canMount, mount, unmount } from "../support/disk.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "colan-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

test("makes the folder, and leaves nothing in it", async () => {
  const folder = join(dir, "a", "b");
  await checkWritable("The folder", folder);
  await checkWritable("The folder", folder);
  expect(await readdir(folder)).toEqual([]);
});

test("says in one line which folder cannot be used and why", async () => {
  await writeFile(join(dir, "file"), "");
  await symlink("loop", join(dir, "loop"));
  for (const [path, code] of [
    [join(dir, "file"), "ENOTDIR"],
    [join(dir, "file", "below"), "ENOTDIR"],
    [join(dir, "loop"), "ELOOP"],
    [join(dir, "x".repeat(300)), "ENAMETOOLONG"],
  ] as const) {
    const error = await checkWritable("The media directory", path).catch((thrown: unknown) => thrown);
    expect(String(error)).toMatch(
      /^UnusableFolderError: The media directory \/[^\n]+ cannot be used: [^\n]+$/,
    );
    expect(String(error)).toContain(`(${code})`);
  }
});

test.skipIf(!canMount)("refuses a disk that is mounted read-only, and takes one that is full", async () => {
  const readOnly = await mount("size=64k,ro");
  const full = await mount("size=64k,nr_inodes=1");
  try {
    await expect(checkWritable("The folder", readOnly)).rejects.toThrow("mounted read-only (EROFS)");
    await checkWritable("The folder", full);
  } finally {
    await unmount(readOnly);
    await unmount(full);
  }
});
