import { once } from "node:events";
import {
  createServer as createHttpServer,
  STATUS_CODES,
  type IncomingMessage,
  type Server as HttpServer,
  type ServerResponse,
} from "node:http";
import { Server as NetServer, type AddressInfo } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Duplex } from "node:stream";
import type { Config } from "../../config/config.ts";
import { Connections } from "./connections.ts";
import { endSoon, refuseMalformed } from "./malformed.ts";
import { Pipelining } from "./pipelining.ts";
import { commonHeaders, type CommonHeaders } from "./security-headers.ts";

/** Answers all that arrives: each request and each upgrade gets an answer, or the end of its connection. */
export interface Answerer {
  request(req: IncomingMessage, res: ServerResponse): void;
  /** Called before anything reads the socket. */
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void;
}

const limits = ({ headersTimeoutMs }: Config) => ({
  maxHeaderSize: 16 * 1024,
  headersTimeout: headersTimeoutMs,
  connectionsCheckingInterval: Math.min(2_000, headersTimeoutMs / 4),
  // Off: an upload may take hours. Bodies have limits of their own: a total one, or for silence.
  requestTimeout: 0,
  // Longer than the 60 s of common proxies, so that they never reuse a connection we are closing.
  keepAliveTimeout: 65_000,
  // Checked where the refusal has a code.
  requireHostHeader: false,
});

/** How long connections without a request stay open when the server stops: a request may be on its way. */
const idleGraceMs = 200;

/**
 * Listens on the port, from the start of the program to its end. Exactly one answerer has it at every moment, and the
 * hand-over from one to the next is an assignment: while listeners are removed and added, requests could arrive
 * unheard.
 */
export class Front {
  readonly connections: Connections;
  readonly pipelining = new Pipelining();
  readonly headers: CommonHeaders;
  readonly #http: HttpServer;
  #answerer: Answerer | undefined;
  #isPastGrace = false;

  constructor(config: Config) {
    const http = createHttpServer(limits(config));
    this.#http = http;
    this.headers = commonHeaders(config);
    this.connections = new Connections(http, config);
    refuseMalformed(http, this.headers, (socket) => this.pipelining.lastAnswer(socket));
    const onRequest = (req: IncomingMessage, res: ServerResponse) => {
      // Nothing arrives before `listen` has been given one.
      this.#answerer?.request(req, res);
    };
    http.on("request", onRequest);
    http.on("checkExpectation", onRequest);
    http.on("checkContinue", (req: IncomingMessage, res: ServerResponse) => {
      // A client whose request is refused by its header keeps its body (RFC 9110 section 10.1.1).
      req.once("resume", () => {
        if (!res.headersSent) res.writeContinue();
      });
      onRequest(req, res);
    });
    http.on("upgrade", (req: IncomingMessage, socket: Duplex, head: Buffer) => {
      // A socket without this listener ends the process when its client does.
      socket.on("error", () => socket.destroy());
      const upgrade = () => this.#answerer?.upgrade(req, socket, head);
      const last = this.pipelining.lastAnswer(socket);
      // Requests before it on the connection are owed their answers first (RFC 9112 section 9.3.2).
      if (last == null || last.writableFinished) upgrade();
      else last.once("finish", upgrade);
    });
  }

  get isListening(): boolean {
    return this.#http.listening;
  }

  /** From now on, the next answerer answers; what was asked before stays with the one that was asked. */
  handOver(answerer: Answerer): void {
    this.#answerer = answerer;
  }

  /** @throws {Error} with `code` EADDRINUSE, EACCES and their like. */
  async listen({ port, host }: Pick<Config, "port" | "host">, answerer: Answerer): Promise<void> {
    this.#answerer = answerer;
    this.#http.listen(port, host);
    await once(this.#http, "listening");
  }

  /** The address without a path, such as http://127.0.0.1:4000. */
  get url(): string {
    // A server that listens on a port has an address of this kind.
    const { address, port, family } = this.#http.address() as AddressInfo;
    return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
  }

  /** Ends connections that only wait for another request, once the server is closing and its grace is over. */
  endIdle(): void {
    if (!this.#isPastGrace) return;
    this.#http.closeIdleConnections();
    this.connections.endUnused();
  }

  /**
   * Takes no more connections and waits for those that are open; after `timeoutMs` they are broken off. The answerer
   * goes on answering what still arrives.
   */
  async close(timeoutMs: number): Promise<void> {
    const http = this.#http;
    if (!http.listening) return;
    const closed = once(http, "close");
    // The kernel resets connections that it has accepted and the program has not: a turn of the event loop takes them.
    await nextTurn();
    // Node's own `close` also ends idle connections, at once: a request that is arriving on one would be lost.
    NetServer.prototype.close.call(http);
    const endGrace = async () => {
      // On a busy machine the time may be over before what has arrived is read.
      await nextTurn();
      this.#isPastGrace = true;
      this.endIdle();
    };
    const grace = setTimeout(() => void endGrace(), Math.min(idleGraceMs, timeoutMs));
    const limit = setTimeout(() => {
      this.connections.endAll();
    }, timeoutMs);
    await closed;
    clearTimeout(grace);
    clearTimeout(limit);
    // Closing stops a timer, too: the one that looks for slow headers.
    http.close();
  }
}

/** Answers a request to upgrade that is not granted, like any other (RFC 9110 section 7.8), and ends the connection. */
export function refuseUpgrade(
  socket: Duplex,
  status: number,
  message: string,
  headers: Readonly<Record<string, string>>,
): void {
  // A status line and a plain text that cannot end early.
  const body = `${message.replace(/[^ -~]/g, "?")}\n`;
  const all = {
    ...headers,
    "content-type": "text/plain",
    "content-length": String(body.length),
    connection: "close",
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  endSoon(socket, `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Refused"}\r\n${lines.join("")}\r\n${body}`);
}
