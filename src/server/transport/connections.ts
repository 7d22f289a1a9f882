import type { IncomingMessage, Server } from "node:http";
import type { Socket } from "node:net";
import { RequestRefusedError } from "../errors.ts";
import { lastMessageMs } from "./back-pressure.ts";

/** Connections past the limit that are accepted to be refused with a status; the kernel resets any others. */
const excessMax = 256;
/** How long one of these may take to ask. */
const excessMs = 2_000;
/** Looking for idle connections looks at all. */
const roomEveryMs = 100;

/** Bytes a second at which large answers are taken at least; what the kernel holds counts as taken. */
const takenPerSecondMin = 50_000;

/** Bytes taken of all that was written to a connection, and when that last changed. */
interface Taking {
  taken: number;
  since: number;
}

interface Limits {
  /** How many are served at once. */
  readonly connectionsMax: number;
  /** How long a client may take nothing of its answer, in milliseconds. */
  readonly downloadIdleTimeoutMs: number;
}

/** Every open connection, WebSockets included. */
export class Connections {
  readonly #open = new Map<Socket, Taking>();
  readonly #excess = new WeakSet<Socket>();
  readonly #server: Server;
  readonly #max: number;
  #madeRoomAt = -Infinity;

  constructor(server: Server, { connectionsMax, downloadIdleTimeoutMs }: Limits) {
    this.#server = server;
    this.#max = connectionsMax;
    server.maxConnections = connectionsMax + excessMax;
    server.on("connection", (socket) => {
      this.#take(socket);
    });
    const timer = setInterval(() => {
      // Streams watch for themselves, and want to say why.
      this.#endStalled(downloadIdleTimeoutMs + lastMessageMs(downloadIdleTimeoutMs));
    }, downloadIdleTimeoutMs / 4);
    // One that never comes to listen never closes either.
    timer.unref();
    server.once("close", () => {
      clearInterval(timer);
    });
  }

  /** How many are open. */
  get count(): number {
    return this.#open.size;
  }

  /** @throws {RequestRefusedError} RATE_LIMITED, 503, on a connection past the limit. */
  check({ socket }: Pick<IncomingMessage, "socket">): void {
    if (!this.#excess.has(socket)) return;
    if (this.#open.size <= this.#max) {
      this.#excess.delete(socket);
      return;
    }
    // 503 (RFC 9110 section 15.6.4) and not 429: it is not this client that asks too much, and a proxy may ask elsewhere.
    throw new RequestRefusedError("RATE_LIMITED", "Too many connections are open; try again later", {
      status: 503,
      headers: { "retry-after": "1", connection: "close" },
    });
  }

  /**
   * Ends those over which nothing was asked yet, as browsers open them in advance: the server counts them as busy, and
   * would wait for them.
   */
  endUnused(): void {
    for (const socket of this.#open.keys()) if (socket.bytesRead === 0) socket.destroy();
  }

  /** Breaks off all of them; WebSockets too, which Node's server no longer knows. */
  endAll(): void {
    for (const socket of this.#open.keys()) socket.destroy();
  }

  #take(socket: Socket): void {
    this.#open.set(socket, { taken: 0, since: performance.now() });
    socket.once("close", () => this.#open.delete(socket));
    if (this.#open.size <= this.#max) return;
    this.#excess.add(socket);
    const timer = setTimeout(() => {
      if (this.#excess.has(socket)) socket.destroy();
    }, excessMs);
    socket.once("close", () => {
      clearTimeout(timer);
    });
    this.#makeRoom();
  }

  /**
   * A client that requests and does not read holds a response in memory forever. A single buffer of it counts as read
   * only when it has been read whole, so a large one has longer.
   */
  #endStalled(timeoutMs: number): void {
    const now = performance.now();
    for (const [socket, taking] of this.#open) {
      const waiting = socket.writableLength;
      const taken = socket.bytesWritten - waiting;
      if (waiting === 0 || taken !== taking.taken) Object.assign(taking, { taken, since: now });
      else if (now - taking.since > timeoutMs + (1000 * waiting) / takenPerSecondMin) socket.destroy();
    }
  }

  /** A connection kept alive for a request that may never come gives way to one that has something to ask. */
  #makeRoom(): void {
    const now = performance.now();
    if (now - this.#madeRoomAt < roomEveryMs) return;
    this.#madeRoomAt = now;
    this.#server.closeIdleConnections();
  }
}
