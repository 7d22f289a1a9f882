import { readFileSync } from "node:fs";

/** USER_HZ, which is 100 on every Linux that Node.js runs on (proc(5), sysconf(3)). */
const tickMs = 10;

const pollMs = 200;

/**
 * Milliseconds of computing that a process has used, with the children it has waited for; or a thread, without them.
 * @param path below /proc: a process id, or `1234/task/1240`.
 * @returns null where there is no /proc, and when it has ended.
 */
export function cpuMsOf(path: string | number): number | null {
  try {
    const stat = readFileSync(`/proc/${path}/stat`, "latin1");
    // Behind the name, which may hold anything: utime, stime, cutime and cstime are the fields 14 to 17 of proc(5).
    const times = stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .slice(11, 15)
      .map(Number);
    const own = typeof path === "string" ? times.slice(0, 2) : times;
    return own.reduce((sum, ticks) => sum + ticks, 0) * tickMs;
  } catch {
    return null;
  }
}

/** Which clock has run out: its own computing, which says something of the file, or the time on the wall, which does not. */
export type Over = "cpu" | "wall";

/** How long something may take. */
export interface Allowance {
  /** Milliseconds of its own computing. */
  readonly cpuMs: number;
  /** Milliseconds on the wall: generous, since others' work passes on it too. */
  readonly wallMs: number;
}

/**
 * Calls `onOver` once, unless stopped before. Without /proc only the time on the wall counts.
 * @param path as {@link cpuMsOf} takes it; what was used before now does not count.
 * @returns stops the clock.
 */
export function startClock(
  path: string | number | undefined,
  { cpuMs, wallMs }: Allowance,
  onOver: (over: Over) => void,
): () => void {
  const began = path == null ? null : cpuMsOf(path);
  const end = (over: Over) => {
    stop();
    onOver(over);
  };
  const wall = setTimeout(() => {
    end("wall");
  }, wallMs);
  const poll =
    path == null || began == null
      ? undefined
      : setInterval(() => {
          const used = cpuMsOf(path);
          if (used != null && used - began >= cpuMs) end("cpu");
        }, pollMs);
  const stop = () => {
    clearTimeout(wall);
    clearInterval(poll);
  };
  return stop;
}

/** Whether a person waits for it. */
export type Lane = "interactive" | "background";

/** The elapsed time that work may take, as a multiple of its computing time. A waiting person is better asked to retry. */
const wallFactors: Readonly<Record<Lane, number>> = { interactive: 2, background: 12 };

/** @param cpuMs milliseconds of computing. */
export const allowanceOf = (cpuMs: number, lane: Lane): Allowance => ({
  cpuMs,
  wallMs: cpuMs * wallFactors[lane],
});
