import type { IncomingMessage } from "node:http";

/**
 * Tells when a client has sent nothing of its body for so long although we wanted its bytes; while we are
 * busy and do not read, its silence is our doing. Returns what ends the watch.
 */
export function watchIdle(req: IncomingMessage, timeoutMs: number, onIdle: () => void): () => void {
  const check = () => {
    if (req.complete) return;
    if (req.readableFlowing === true) onIdle();
    // A socket's timeout fires once, and is set anew only by bytes that come.
    else req.socket.setTimeout(timeoutMs);
  };
  // Through the request, since a "timeout" that nobody there listens for destroys the connection.
  req.setTimeout(timeoutMs).on("timeout", check);
  return () => {
    req.off("timeout", check).setTimeout(0);
  };
}
