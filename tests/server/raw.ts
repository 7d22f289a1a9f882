import { connect, type Socket } from "node:net";

export interface RawAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** A connection that sends exactly the bytes it is told to, as no HTTP library would. */
export class RawClient {
  readonly socket: Socket;
  #received = Buffer.alloc(0);
  #wake: () => void = () => undefined;
  hasEnded = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake();
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      this.hasEnded = true;
      this.#wake();
    });
  }

  static open(url: string): Promise<RawClient> {
    const { hostname, port } = new URL(url);
    return new Promise((resolve, reject) => {
      const socket = connect(Number(port), hostname, () => {
        resolve(new RawClient(socket));
      });
      socket.once("error", reject);
    });
  }

  /** Resolves when the bytes have been handed to the kernel; false when the connection was gone before. */
  send(bytes: Buffer | string): Promise<boolean> {
    return new Promise((resolve) => {
      if (this.hasEnded) resolve(false);
      else
        this.socket.write(bytes, (error) => {
          resolve(!error);
        });
    });
  }

  /** The next answer, undefined when the connection closes without one. */
  async answer(): Promise<RawAnswer | undefined> {
    for (;;) {
      const end = this.#received.indexOf("\r\n\r\n");
      if (end !== -1) {
        const [statusLine = "", ...lines] = this.#received.subarray(0, end).toString("latin1").split("\r\n");
        const headers = new Map(
          lines.map((line) => {
            const colon = line.indexOf(":");
            return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
          }),
        );
        const length = Number(headers.get("content-length") ?? 0);
        const body = this.#received.subarray(end + 4, end + 4 + length);
        if (body.length === length) {
          this.#received = this.#received.subarray(end + 4 + length);
          return { status: Number(statusLine.split(" ")[1]), headers, body: body.toString() };
        }
      }
      if (this.hasEnded) return undefined;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** Resolves when the server has closed the connection. */
  async closed() {
    while (!this.hasEnded) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  close() {
    this.socket.destroy();
  }
}

export interface RawPart {
  readonly head: string | Buffer;
  readonly body: string | Buffer;
}

export const field = (name: string, body: string): RawPart => ({
  head: `Content-Disposition: form-data; name="${name}"`,
  body,
});

export const file = (name: string, body: string | Buffer, filename = "a.jpg"): RawPart => ({
  head: `Content-Disposition: form-data; name="${name}"; filename="${filename}"\r\nContent-Type: image/jpeg`,
  body,
});

export const operations = (query: string, variables: unknown) =>
  field("operations", JSON.stringify({ query, variables }));

export const map = (value: unknown) => field("map", JSON.stringify(value));

/** A multipart body; without `isCut` it ends as it should. */
export function multipart(parts: readonly RawPart[], boundary = "b", isCut = false): Buffer {
  const chunks = parts.flatMap(({ head, body }) => [
    Buffer.from(`--${boundary}\r\n`),
    Buffer.from(head),
    Buffer.from("\r\n\r\n"),
    Buffer.from(body),
    Buffer.from("\r\n"),
  ]);
  return Buffer.concat(isCut ? chunks.slice(0, -1) : [...chunks, Buffer.from(`--${boundary}--\r\n`)]);
}

/** The bytes of a POST to /graphql; headers may override the usual ones, null leaves one out. */
export function post(body: Buffer, headers: Readonly<Record<string, string | null>> = {}): Buffer {
  const all: Record<string, string | null> = {
    Host: "localhost",
    "Content-Type": "multipart/form-data; boundary=b",
    "Content-Length": String(body.length),
    "x-graphql-yoga-csrf": "1",
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}`]));
  return Buffer.concat([
    Buffer.from(`POST /graphql HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`, "latin1"),
    body,
  ]);
}

export const uploadOne = "mutation($file: Upload!) { upload(file: $file) }";

/** An upload of one file as any client would send it. */
export const normalUpload = (content: string | Buffer = "hello") =>
  post(
    multipart([operations(uploadOne, { file: null }), map({ 0: ["variables.file"] }), file("0", content)]),
  );
