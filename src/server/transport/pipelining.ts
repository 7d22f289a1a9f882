import type { ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

/** Requests of one connection that may wait behind another; browsers send none, and programs a handful. */
const waitingMax = 100;

interface Line {
  /** The answer begun last. */
  last: ServerResponse;
  isBusy: boolean;
  /** Begun and not finished. */
  readonly open: Set<ServerResponse>;
  readonly waiting: (() => void)[];
}

/**
 * Requests that come over one connection without waiting for their answers (RFC 9112 section 9.3.2) are worked on one
 * after the other. All at once, a packet of a thousand requests would be a thousand clients, and one who reads no
 * answer would have them all made.
 */
export class Pipelining {
  readonly #lines = new WeakMap<Duplex, Line>();

  /** The last answer begun on a connection, finished or not. */
  lastAnswer(socket: Duplex): ServerResponse | undefined {
    return this.#lines.get(socket)?.last;
  }

  /**
   * @returns what to wait for before the request is worked on; undefined when it is its turn. When the connection has
   * gone, it need not be worked on at all.
   */
  turn(socket: Duplex, res: ServerResponse): Promise<void> | undefined {
    const line = this.#lineOf(socket, res);
    line.open.add(res);
    res.once("close", () => {
      line.open.delete(res);
      this.#handOn(line);
    });
    if (!line.isBusy) {
      line.isBusy = true;
      return undefined;
    }
    if (line.waiting.length >= waitingMax) socket.destroy();
    return new Promise((resolve) => line.waiting.push(resolve));
  }

  #lineOf(socket: Duplex, res: ServerResponse): Line {
    const known = this.#lines.get(socket);
    if (known != null) {
      known.last = res;
      return known;
    }
    const line: Line = { last: res, isBusy: false, open: new Set(), waiting: [] };
    this.#lines.set(socket, line);
    // Answers that have not had their turn hear nothing of it.
    socket.once("close", () => {
      // After a request to upgrade, Node does not report to a response that its client has gone.
      for (const answer of line.open) answer.destroy();
      while (line.isBusy) this.#handOn(line);
    });
    return line;
  }

  #handOn(line: Line): void {
    const next = line.waiting.shift();
    if (next == null) line.isBusy = false;
    else next();
  }
}
