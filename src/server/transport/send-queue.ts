import type { Socket } from "node:net";
import type { WebSocket } from "ws";
import { lastMessageMs, pingMs, watchTaking } from "./back-pressure.ts";

/** Bytes waiting for a client past which no more are produced; more than a socket's own buffer, which reports when it is empty. */
const waitingBytesMax = 64 * 1024;

/** Try again later (https://www.iana.org/assignments/websocket/websocket.xhtml). */
const tryAgainLater = 1013;

/**
 * Sends to a WebSocket's client: no faster than it reads, and not forever to a client that reads nothing or is
 * gone.
 */
export class SendQueue {
  readonly #client: WebSocket;
  readonly #waiting: (() => void)[] = [];

  /**
   * @param socket below the client.
   * @param sayWhy queues the last messages of a client that has taken nothing for so long, in milliseconds.
   */
  constructor(client: WebSocket, socket: Socket, idleTimeoutMs: number, sayWhy: () => void) {
    this.#client = client;
    // Pongs wait for the client like everything else, and a client can ask for any number of them.
    const throttle = () => {
      if (this.#isFull) client.pause();
    };
    client.on("message", throttle).on("ping", throttle);
    const resume = () => {
      client.resume();
      this.#release();
    };
    socket.on("drain", resume);

    let dying: NodeJS.Timeout | undefined;
    const drop = () => {
      if (dying != null) return;
      dying = setTimeout(() => {
        client.terminate();
      }, lastMessageMs(idleTimeoutMs));
      sayWhy();
      client.close(tryAgainLater, "nothing was taken");
    };
    const unwatch = watchTaking(socket, idleTimeoutMs, drop);
    let heardAt = performance.now();
    client.on("pong", () => (heardAt = performance.now()));
    const pinging = setInterval(() => {
      // Then it cannot be heard.
      if (client.isPaused) heardAt = performance.now();
      // A client that was cut off, or has stopped reading, still seems to read as much as the kernels' buffers hold.
      if (performance.now() - heardAt > 2 * idleTimeoutMs) drop();
      else if (client.readyState === client.OPEN && !this.#isFull) client.ping();
    }, pingMs(idleTimeoutMs));
    client.once("close", () => {
      clearInterval(pinging);
      clearTimeout(dying);
      unwatch();
      socket.off("drain", resume);
      for (const go of this.#waiting.splice(0)) go();
    });
  }

  get #isFull(): boolean {
    return this.#client.bufferedAmount > waitingBytesMax;
  }

  /** Resolves when the client has taken enough for another message, or is gone. */
  async room(): Promise<void> {
    if (!this.#isFull && this.#waiting.length === 0) return;
    if (this.#client.readyState !== this.#client.OPEN) return;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** One after another: each may fill it up again. */
  #release(): void {
    if (this.#isFull) return;
    this.#waiting.shift()?.();
    if (this.#waiting.length > 0)
      setImmediate(() => {
        this.#release();
      });
  }
}
