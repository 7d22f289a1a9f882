import type { IncomingMessage } from "node:http";

/**
 * Tells when a client has sent nothing of its body for so long although we wanted its bytes; while we are
 * busy and do not read, its silence is our doing. Returns what ends the watch.
 * A timer of our own: the socket's timeout also runs, and destroys the connection, once the body is complete.
 */
export function watchIdle(req: IncomingMessage, timeoutMs: number, onIdle: () => void): () => void {
  const timer = setTimeout(() => {
    if (req.complete) return;
    if (req.readableFlowing === true) onIdle();
    else timer.refresh();
  }, timeoutMs);
  const refresh = () => {
    timer.refresh();
  };
  req.on("data", refresh).on("resume", refresh);
  return () => {
    clearTimeout(timer);
    req.off("data", refresh).off("resume", refresh);
  };
}
