import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { connect, type Socket } from "node:net";
import type { TestServer } from "../../support/server.ts";

/** The server's ends of the connections that are opened during `work`, in order. */
export async function acceptedDuring(work: () => Promise<void>): Promise<Socket[]> {
  const sockets: Socket[] = [];
  // Node tells of every connection that a server of this process accepts.
  const note = (message: unknown) => sockets.push((message as { socket: Socket }).socket);
  subscribe("net.server.socket", note);
  await work().finally(() => unsubscribe("net.server.socket", note));
  return sockets;
}

/** A subscription over server-sent events whose client reads only when it is told to. */
export class RawStream {
  readonly socket: Socket;
  readonly closed: Promise<void>;
  #text = "";

  constructor({ url }: TestServer, query: string) {
    const { hostname, port } = new URL(url);
    this.socket = connect(Number(port), hostname);
    const body = JSON.stringify({ query });
    this.socket.write(
      `POST /graphql HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\n` +
        `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
    this.socket.on("data", (chunk: Buffer) => (this.#text += chunk.toString("latin1")));
    this.socket.on("error", () => undefined);
    this.closed = new Promise((resolve) =>
      this.socket.once("close", () => {
        resolve();
      }),
    );
  }

  /** Resolves when the answer has begun. */
  async begun(): Promise<void> {
    while (!this.#text.includes("\r\n\r\n"))
      await new Promise((resolve) => this.socket.once("data", resolve));
  }

  /** Everything that came, with its chunks (RFC 9112 section 7.1) joined. */
  get events(): string {
    const body = this.#text.slice(this.#text.indexOf("\r\n\r\n") + 4);
    let text = "";
    for (let at = 0; at < body.length;) {
      const lineEnd = body.indexOf("\r\n", at);
      const length = Number.parseInt(body.slice(at, lineEnd), 16);
      text += body.slice(lineEnd + 2, lineEnd + 2 + length);
      at = lineEnd + 2 + length + 2;
    }
    return text;
  }
}
