import { existsSync, readFileSync } from "node:fs";

/** CPU milliseconds of this process that work takes. Other processes do not count, however busy the machine is. */
export async function cpuMsOf(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

const sample = Array.from({ length: 20_000 }, (_, id) => ({ id, name: `item ${id}`, tags: ["a", "b"] }));

/**
 * A floor for `cpuMsOf`: what a fixed piece of work takes here and now, some 30 ms on a desktop computer. A limit is a
 * multiple of it, so that it holds on slow machines and under coverage, too.
 */
export const cpuFloorMs = (): Promise<number> => cpuMsOf(() => JSON.parse(JSON.stringify(sample)) as unknown);

/** CPU milliseconds that another process has used so far, to 10 ms; 0 where Linux does not say it. */
export function cpuMsOfProcess(pid: number): number {
  if (!existsSync("/proc/self/stat")) return 0;
  // Behind the name, which may have spaces: utime and stime are the 12th and 13th, in ticks of 10 ms (proc(5)).
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
