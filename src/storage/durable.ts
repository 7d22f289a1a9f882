import { mkdir, open } from "node:fs/promises";
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

/** Makes a directory and the ones above it, each name durable in its parent. */
export async function makeDirectory(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true });
  if (first == null) return;
  // `first` is the topmost one that was missing; every name from there down is new in its parent.
  for (let made = path; made.length >= first.length; made = dirname(made)) await sync(dirname(made));
}
