import { monitorEventLoopDelay } from "node:perf_hooks";

export interface EventLoop {
  /** Delay of the loop in seconds, since the last reading of the maximum. */
  percentile(percent: number): number;
  /** Begins again after it. */
  max(): number;
  close(): void;
}

const resolutionMs = 20;
/** The histogram counts the whole time between two ticks of its timer. */
const secondsOf = (ns: number) => Math.max(0, ns / 1e9 - resolutionMs / 1000) || 0;

/** Costs a timer that ticks fifty times a second. */
export function watchEventLoop(): EventLoop {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();
  return {
    percentile: (percent) => secondsOf(delay.percentile(percent)),
    max: () => {
      const seconds = secondsOf(delay.max);
      delay.reset();
      return seconds;
    },
    close: () => {
      delay.disable();
    },
  };
}
