import { connect } from "node:net";
import type { Random } from "../../../bench/random.ts";
import type { Outcome } from "../verdict.ts";

/** Bytes of a whole HTTP request, and whether they may be left without an answer because they are none. */
export interface Wire {
  readonly bytes: Buffer;
  /** Bytes after which the client goes away. */
  readonly cutAt: number;
  readonly isSoundHttp: boolean;
}

const boundaries = ["x", "----colan", "a".repeat(70), "'()+_,-./:=?", "b b", "0"];
const oddBoundaries = ["", "a".repeat(71), "a".repeat(252), "a".repeat(5_000), '"', "é", "\0", "--"];

export const makeBoundary = (random: Random) =>
  random.pick(random.below(15) === 0 ? oddBoundaries : boundaries);

function contentType(boundary: string, random: Random): string {
  const quoted = /^[\w'+,./:=?()-]*$/.test(boundary) && random.below(2) === 0 ? boundary : `"${boundary}"`;
  const usual = `multipart/form-data; boundary=${quoted}`;
  if (random.below(25) > 0) return usual;
  return random.pick([
    "multipart/form-data",
    `multipart/form-data; boundary=${quoted}; boundary=other`,
    `multipart/mixed; boundary=${quoted}`,
    `MULTIPART/FORM-DATA ;BOUNDARY=${quoted};charset=utf-7`,
    `multipart/form-data; boundary*=utf-8''x`,
    `multipart/form-data; boundary`,
    `multipart/form-data;${";".repeat(4_000)}boundary=x`,
  ]);
}

/** In pieces, as `Transfer-Encoding: chunked` has them (RFC 9112 section 7.1). */
function inChunks(body: Buffer, random: Random, isSound: boolean): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; at < body.length;) {
    const piece = body.subarray(at, (at += 1 + random.below(20_000)));
    const size =
      isSound || random.below(4) > 0
        ? piece.length.toString(16)
        : random.pick(["-1", "zz", "ffffffffffffffff", ""]);
    pieces.push(Buffer.from(`${size}\r\n`), piece, Buffer.from("\r\n"));
  }
  return Buffer.concat([...pieces, Buffer.from("0\r\n\r\n")]);
}

/** How the body's length is announced: rightly, or as smugglers do (U3). */
function framing(body: Buffer, random: Random): { headers: string[]; body: Buffer; isSound: boolean } {
  const length = body.length;
  const sound = (headers: string[], bytes = body) => ({ headers, body: bytes, isSound: true });
  const unsound = (headers: string[], bytes = body) => ({ headers, body: bytes, isSound: false });
  if (random.below(12) > 0) return sound([`Content-Length: ${length}`]);
  const chunked = "Transfer-Encoding: chunked";
  return random.pick([
    () => sound([chunked], inChunks(body, random, true)),
    () => sound([`Content-Length: ${length}`, "Expect: 100-continue"]),
    () => unsound([chunked], inChunks(body, random, false)),
    () => unsound([`Content-Length: ${length}`, chunked], inChunks(body, random, true)),
    () => unsound([`Content-Length: ${Math.max(0, length - 10)}`]),
    () => unsound([`Content-Length: ${length + 10}`]),
    () => unsound([`Content-Length: -1`]),
    () => unsound([`Content-Length: ${length}`, `Content-Length: ${length + 1}`]),
    () => unsound([`Content-Length: 1e3`]),
    () => unsound(["Transfer-Encoding: gzip, chunked"], inChunks(body, random, true)),
    () => unsound([`Content-Length: ${length}`, "Content-Encoding: gzip"]),
    () => unsound([`Content-Length: ${length}`, "Expect: something"]),
    () => unsound([`Content-Length: ${length}`, "X\0: nul"]),
    () => unsound([]),
  ])();
}

/** A POST of the body, mostly whole. */
export function makeWire(body: Buffer, boundary: string, random: Random): Wire {
  const framed = framing(body, random);
  const preflight = random.below(40) === 0 ? [] : ["apollo-require-preflight: 1"];
  const head = [
    "POST /graphql HTTP/1.1",
    "Host: localhost",
    "Connection: close",
    `Content-Type: ${contentType(boundary, random)}`,
    ...preflight,
    ...framed.headers,
  ];
  const bytes = Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`, "latin1"), framed.body]);
  const isCut = random.below(6) === 0;
  const cutAt = isCut ? random.below(bytes.length) : bytes.length;
  const isPlain = /^[\t\x20-\x7e]*$/.test(boundary);
  return { bytes, cutAt, isSoundHttp: framed.isSound && !isCut && isPlain };
}

/** The last response in what came; 100 Continue may come before it. */
function parse(text: string): Outcome | undefined {
  const last = text.slice(Math.max(0, text.lastIndexOf("HTTP/1.1 ")));
  const status = /^HTTP\/1\.1 (\d{3})/.exec(last)?.[1];
  const bodyAt = last.indexOf("\r\n\r\n");
  if (status == null || bodyAt < 0) return undefined;
  const body = last.slice(bodyAt + 4);
  const isChunked = /^transfer-encoding: chunked/im.test(last.slice(0, bodyAt));
  // Answers are short: one chunk, or a few.
  return {
    status: Number(status),
    body: isChunked ? body.replace(/(^|\r\n)[0-9a-f]+\r\n/gi, "").trimEnd() : body,
  };
}

/** Writes the bytes to a socket of their own. @returns undefined when the connection ended without an answer. */
export function send(url: string, { bytes, cutAt }: Wire, signal: AbortSignal): Promise<Outcome | undefined> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port) });
    const chunks: Buffer[] = [];
    const isCut = cutAt < bytes.length;
    signal.addEventListener("abort", () => {
      socket.destroy();
      reject(new Error("the connection stayed open without an answer"));
    });
    // A server that has answered may close while more is being sent.
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("close", () => {
      resolve(parse(Buffer.concat(chunks).toString()));
    });
    socket.write(bytes.subarray(0, cutAt), () => {
      if (isCut) socket.end(() => setImmediate(() => socket.destroy()));
    });
  });
}
