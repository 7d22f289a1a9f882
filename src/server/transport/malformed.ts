import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { ErrorCode } from "../../errors.ts";
import { json } from "./response.ts";
import { badRequest, RequestRefusedError } from "../errors.ts";
import type { CommonHeaders } from "./security-headers.ts";

type Refusal = readonly [status: string, code: ErrorCode, message: string];

const malformed: Refusal = ["400 Bad Request", "BAD_USER_INPUT", "This is not HTTP as RFC 9112 has it"];

/** By the codes of Node's parser. */
const refusals: Readonly<Partial<Record<string, Refusal>>> = {
  HPE_HEADER_OVERFLOW: [
    "431 Request Header Fields Too Large",
    "BAD_USER_INPUT",
    "The request's header is too large",
  ],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [
    "413 Content Too Large",
    "BAD_USER_INPUT",
    "The chunks' extensions are too large",
  ],
  ERR_HTTP_REQUEST_TIMEOUT: [
    "408 Request Timeout",
    "UPLOAD_ABORTED",
    "The request's header took too long to arrive",
  ],
};

/**
 * Refuses what Node's parser lets through, or would answer without a code.
 * @throws {RequestRefusedError} 400 or 417
 */
export function checkFraming({ headers, httpVersion, rawHeaders }: IncomingMessage): void {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) if (isHost(rawHeaders[at])) hosts++;
  // RFC 9112 section 3.2; of two, a proxy may have looked at the other one.
  if (hosts > 1 || (hosts === 0 && httpVersion === "1.1")) throw badRequest("A request must name one host");
  // RFC 9110 section 10.1.1.
  if (headers.expect != null && headers.expect.toLowerCase() !== "100-continue")
    throw new RequestRefusedError("BAD_USER_INPUT", "Nothing but 100-continue can be expected", {
      status: 417,
    });
}

const isHost = (name = "") => name.length === 4 && name.toLowerCase() === "host";

/** How long a client may take to read why. */
const lingerMs = 1_000;

/** Sends the last bytes of a connection and ends it, also when the client keeps its side open. */
export function endSoon(socket: Duplex, bytes: string): void {
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  socket.once("close", () => {
    clearTimeout(timer);
  });
  // Unread bytes would make the kernel send a reset, which can destroy the answer before it was read.
  socket.resume();
  socket.end(bytes);
}

function bytesOf([status, code, message]: Refusal, headers: CommonHeaders): string {
  const body = JSON.stringify({ errors: [{ message, extensions: { code } }] });
  const lines = Object.entries({
    ...headers,
    "content-type": `${json}; charset=utf-8`,
    "content-length": String(Buffer.byteLength(body)),
    connection: "close",
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status}\r\n${lines.join("")}\r\n${body}`;
}

/**
 * Answers bytes that are no request, as Node would, but with a code; then the connection ends, since it is unknown
 * where the next request begins (RFC 9112 section 9.6; request smuggling).
 * @param lastAnswer the last one begun on this connection, finished or not.
 */
export function refuseMalformed(
  server: Server,
  headers: CommonHeaders,
  lastAnswer: (socket: Duplex) => ServerResponse | undefined,
): void {
  const refused = new WeakSet<Duplex>();
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    // Further bytes are no better.
    if (refused.has(socket)) return;
    refused.add(socket);
    const refuse = () => {
      endSoon(socket, bytesOf(refusals[error.code ?? ""] ?? malformed, headers));
    };
    const res = lastAnswer(socket);
    const isPending = res != null && !res.writableFinished;
    // A whole request came before, and is owed its own answer.
    if (isPending && res.req.complete) res.once("finish", refuse);
    // In the middle of an answer another one would be taken for its rest.
    else if (error.code === "ECONNRESET" || !socket.writable || (isPending && res.headersSent))
      socket.destroy();
    else refuse();
  });
}
