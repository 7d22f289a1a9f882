import { readdirSync, readlinkSync } from "node:fs";

/** Files below a folder that this process holds open (proc(5)), removed ones included; Linux only. */
export function listOpenFiles(dir: string): string[] {
  return readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`);
      return path.startsWith(`${dir}/`) ? [path.slice(dir.length + 1)] : [];
    } catch {
      // Closed since it was listed, as the listing's own one.
      return [];
    }
  });
}
