import { open, readdir, rm, statfs } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { StoreHealth } from "../object-store.ts";
import type { CheckPresence } from "./presence.ts";

/** Begins the names of the files that it makes; should one be left, the next start removes it. */
const trial = "trial-";

/** @param staging the folder where uploads arrive. */
export function openMediaFolder(staging: string, checkPresence: CheckPresence): StoreHealth {
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
