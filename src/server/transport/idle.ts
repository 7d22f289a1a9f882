import type { IncomingMessage } from "node:http";

/**
 * Calls `onIdle` when the client has sent nothing of its body for the time-out. Time in which the server has paused
 * reading does not count: the client is then not the cause.
 * The socket's own timeout would not do: it also runs once the body is complete, and destroys the connection.
 * @returns the function that ends the watch.
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
