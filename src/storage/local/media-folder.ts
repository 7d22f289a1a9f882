import { open, readdir, rm, statfs } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { join, resolve } from "node:path";
import type { CheckPresence } from "./presence.ts";

/** What can be told of the media directory without looking at what lies in it. */
export interface MediaFolder {
  /** Makes and removes an empty file where uploads arrive. @throws {UnavailableError} @throws what the file system throws. */
  checkWritable(): Promise<void>;
  /** Bytes that this process may still write, on the directory's disk. */
  freeBytes(): Promise<number>;
  /** Uploads that are being received, or have no row yet. */
  countStaged(): Promise<number>;
}

/** Begins the names of the files that it makes; should one be left, the next start removes it. */
const trial = "trial-";

export function openMediaFolder(dir: string, checkPresence: CheckPresence): MediaFolder {
  const staging = join(resolve(dir), ".staging");
  return {
    async checkWritable() {
      await checkPresence();
      const path = join(staging, trial + randomUUID());
      const file = await open(path, "wx");
      await file.close();
      await rm(path);
    },
    async freeBytes() {
      const { bavail, bsize } = await statfs(staging);
      return bavail * bsize;
    },
    async countStaged() {
      const names = await readdir(staging);
      return names.filter((name) => !name.startsWith(trial)).length;
    },
  };
}
