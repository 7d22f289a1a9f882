import type { IncomingMessage } from "node:http";

export interface Pace {
  /** 0 admits any. */
  readonly bytesPerSecondMin: number;
  /** Over which it is averaged. */
  readonly windowMs: number;
}

/**
 * Calls back when a client sends its body more slowly than that: a client that sends a byte now and then is never idle,
 * and would hold a slot, a file and memory for days. While the server does not read, the pace is its own. Returns the
 * function that ends the watch.
 */
export function watchPace(
  req: IncomingMessage,
  { bytesPerSecondMin, windowMs }: Pace,
  onSlow: () => void,
): () => void {
  if (bytesPerSecondMin === 0) return () => undefined;
  const tickMs = windowMs / 10;
  let bytes = 0;
  let wantedMs = 0;
  const count = (chunk: Buffer) => {
    bytes += chunk.length;
  };
  const timer = setInterval(() => {
    if (req.complete || req.readableFlowing !== true) return;
    wantedMs += tickMs;
    if (wantedMs < windowMs) return;
    if (bytes * 1000 < bytesPerSecondMin * wantedMs) {
      clearInterval(timer);
      onSlow();
    }
    bytes = wantedMs = 0;
  }, tickMs);
  req.on("data", count);
  return () => {
    clearInterval(timer);
    req.off("data", count);
  };
}
