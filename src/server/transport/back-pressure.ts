import type { Socket } from "node:net";
import { AppError } from "../../errors.ts";

/** A subscriber that takes nothing of what is there for it. */
export class SlowSubscriberError extends AppError {
  readonly code = "RATE_LIMITED";

  constructor(timeoutMs: number) {
    super(
      `Nothing was taken for ${timeoutMs} ms, so the subscription has ended; follow on after the last transaction seen`,
    );
  }
}

/** Longest wait, after the last message was queued, for a client to begin to read again. */
export const lastMessageMs = (timeoutMs: number) => Math.min(timeoutMs, 5_000);

/** Milliseconds between signs of life: far less than proxies and our own timeout wait. */
export const pingMs = (timeoutMs: number) => Math.min(12_000, timeoutMs / 3);

/**
 * Calls back, once, when bytes have waited for the client for the time-out and none was read. Returns the function
 * that ends the watch. Not the socket's own timeout, which begins again when the client sends something.
 */
export function watchTaking(socket: Socket, timeoutMs: number, onStalled: () => void): () => void {
  let taken = 0;
  let since = performance.now();
  const timer = setInterval(() => {
    // `bytesWritten` counts what waits, too.
    const takenNow = socket.bytesWritten - socket.writableLength;
    if (socket.writableLength === 0 || takenNow !== taken) {
      taken = takenNow;
      since = performance.now();
    } else if (performance.now() - since >= timeoutMs) {
      clearInterval(timer);
      onStalled();
    }
  }, timeoutMs / 4);
  return () => {
    clearInterval(timer);
  };
}
