import { mkdir, open, unlink } from "node:fs/promises";
import { dirname } from "node:path";

/** Forces a file's bytes, or a directory's names, onto the disk (POSIX fsync). */
export async function sync(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code;

/**
 * Makes a directory and the ones above it, each name durable in its parent unless that is not wanted.
 * Not mkdir's own `recursive`: on a full disk it fails with ENOENT, which hides why.
 */
export async function makeDirectory(path: string, { isDurable = true } = {}): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (codeOf(error) === "EEXIST") return;
    if (codeOf(error) !== "ENOENT" || dirname(path) === path) throw error;
    await makeDirectory(dirname(path), { isDurable });
    await mkdir(path).catch((second: unknown) => {
      // Created by another caller in the meantime.
      if (codeOf(second) !== "EEXIST") throw second;
    });
  }
  if (isDurable) await sync(dirname(path));
}

/** Removing what is already gone succeeds; one system call, where `rm` looks at the file first. */
export async function removeFile(path: string): Promise<void> {
  await unlink(path).catch((error: unknown) => {
    if (codeOf(error) !== "ENOENT") throw error;
  });
}
