import type { IncomingMessage } from "node:http";

/**
 * Calls back when a client has sent nothing of its body for the time-out although the server was reading; while the
 * server does not read, it is the cause of the silence. Returns the function that ends the watch.
 * A separate timer: the socket's timeout also runs, and destroys the connection, once the body is complete.
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
