import { openSync, readSync } from "node:fs";
import { performance } from "node:perf_hooks";

const schedstatBytes = 96;
const nsPerMs = 1e6;

/**
 * Milliseconds of processor that this thread, the event loop's, has used. Where the system does not tell: how long the
 * loop was at work, which on a busy machine is more, as it waits for a processor as well.
 */
export const loopCpuMs: () => number = (() => {
  try {
    // Linux, Documentation/scheduler/sched-stats.rst: nanoseconds on a processor come first. Kept open, since a look
    // before and after each query is to cost next to nothing.
    const file = openSync("/proc/thread-self/schedstat", "r");
    const buffer = Buffer.alloc(schedstatBytes);
    const read = () => {
      // The file is as old as the last tick or switch of threads; this brings it up to date (getrusage(2)).
      process.cpuUsage();
      const length = readSync(file, buffer, 0, schedstatBytes, 0);
      return Number(buffer.toString("latin1", 0, length).split(" ")[0]) / nsPerMs;
    };
    if (read() > 0) return read;
  } catch {
    // Another system than Linux, or a kernel built without it.
  }
  return () => performance.eventLoopUtilization().active;
})();
