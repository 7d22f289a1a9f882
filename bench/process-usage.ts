import { readFile, writeFile } from "node:fs/promises";

/** Bytes of a process's memory in RAM: now, and at most since `resetPeak`. Linux only (proc(5)). */
async function statusOf(pid: number, name: "VmRSS" | "VmHWM"): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1];
  if (kibibytes == null) throw new Error(`/proc/${pid}/status tells no ${name}`);
  return Number(kibibytes) * 1024;
}

/** Milliseconds of CPU a process has used since it began, all its threads together. Linux only (proc(5)). */
export async function cpuMsOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  // The second field is the name in brackets and may hold anything; utime and stime are the 14th and 15th.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // Linux counts in hundredths of a second towards programs, whatever its own clock (time(7)).
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/**
 * Starts to watch how far a process's memory grows. The kernel keeps the peak, so that nothing between two looks is
 * missed. @returns what tells the growth so far, in bytes.
 */
export async function watchGrowth(pid: number): Promise<() => Promise<number>> {
  // proc(5), clear_refs: 5 resets the peak to the present size.
  await writeFile(`/proc/${pid}/clear_refs`, "5");
  const before = await statusOf(pid, "VmRSS");
  return async () => (await statusOf(pid, "VmHWM")) - before;
}
