import { execFile } from "node:child_process";
import { mkdtemp, rm, statfs, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A small disk of its own, such as `size=8m`; takes root. */
export async function mount(options: string): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "colan-disk-"));
  await run("mount", ["-t", "tmpfs", "-o", options, "tmpfs", dir]);
  return dir;
}

export async function unmount(dir: string): Promise<void> {
  // Lazily: libsql lets go of a closed file only when its statements are collected.
  await run("umount", ["-l", dir]);
  await rm(dir, { recursive: true });
}

export const canMount = await mount("size=64k")
  .then(unmount)
  .then(
    () => true,
    () => false,
  );
if (!canMount) console.warn("A full disk is not tested: mounting a small one takes root");

/** Fills the disk up to this many free bytes, with a file named filler. */
export async function fillBut(disk: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(disk);
  await writeFile(join(disk, "filler"), Buffer.alloc(bavail * bsize - bytes));
}
