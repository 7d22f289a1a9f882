import type { IncomingMessage, ServerResponse } from "node:http";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { ExecutionResult } from "graphql";
import { LRUCache } from "lru-cache";
import { RequestRefusedError } from "../errors.ts";
import { toClientError, type FailedRequest } from "../../graphql/errors.ts";
import { AppError, httpStatusOf } from "../../errors.ts";

export const json = "application/json";
export const graphqlJson = "application/graphql-response+json";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

interface Request extends FailedRequest {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
}

/** How long, and for how many bytes, a client may go on sending a body that is not needed. */
const lingerMs = 5_000;
const lingerBytesMax = 64 * 1024 * 1024;

const mediaRanges = (accept: string) =>
  accept
    .toLowerCase()
    .split(",")
    .map((range) => range.split(";", 1)[0]?.trim() ?? "");

/** Media types of answers with data and with errors. */
interface Taken {
  readonly data: string | undefined;
  readonly errors: string | undefined;
}

function takenBy(accept: string): Taken {
  const ranges = mediaRanges(accept);
  const isWild = ranges.includes("*/*") || ranges.includes("application/*");
  const isNamed = ranges.includes(graphqlJson);
  const isFirst = isNamed && !(ranges.includes(json) && ranges.indexOf(json) < ranges.indexOf(graphqlJson));
  const plain = isWild || isNamed || ranges.includes(json) ? json : undefined;
  const data = isFirst ? graphqlJson : plain;
  return { data, errors: isNamed || isWild ? graphqlJson : data };
}

/** Clients have few headers among them; each is read once. */
const taken = new LRUCache<string, Taken>({ max: 100 });
const acceptCharsMax = 1000;

/**
 * The media type of an answer, undefined when the client wants none we have. Errors go out as
 * `application/graphql-response+json` wherever that is acceptable, since only there may the HTTP status
 * speak too (GraphQL over HTTP, section 6.4); data goes out as plain JSON unless the client names the new type.
 */
export function mediaTypeFor(accept = "*/*", hasErrors: boolean): string | undefined {
  let types = taken.get(accept);
  if (types == null) {
    types = takenBy(accept);
    if (accept.length <= acceptCharsMax) taken.set(accept, types);
  }
  return hasErrors ? types.errors : types.data;
}

/** The answer to a request that never reached GraphQL, in GraphQL's shape. */
export function errorAnswer(exchange: Request, error: unknown): Answer {
  const shown = toClientError(error, exchange);
  const extensions = { ...shown.extensions, http: undefined };
  const refusal = error instanceof RequestRefusedError ? error : undefined;
  const status = refusal?.status ?? (error instanceof AppError ? httpStatusOf[error.code] : 500);
  const retryAfter = error instanceof AppError ? error.retryAfterSeconds : undefined;
  return {
    status,
    headers: {
      ...refusal?.headers,
      // RFC 9110 section 11.6.1.
      ...(status === 401 ? { "www-authenticate": "Bearer" } : {}),
      ...(retryAfter == null ? {} : { "retry-after": String(retryAfter) }),
      "content-type": `${mediaTypeFor(exchange.req.headers.accept, true) ?? json}; charset=utf-8`,
    },
    body: JSON.stringify({ errors: [{ message: shown.message, extensions }] }),
  };
}

/** A result as JSON; what its errors say to HTTP is for HTTP alone. */
export function jsonOf(result: ExecutionResult): string {
  const errors = result.errors?.map((error) => {
    const { extensions, ...rest } = error.toJSON();
    return { ...rest, extensions: { ...extensions, http: undefined } };
  });
  return JSON.stringify(errors == null ? result : { ...result, errors });
}

interface HttpHint {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether a client of application/json gets 200 all the same (GraphQL over HTTP, section 6.4.1). */
  readonly spec?: boolean;
}

/** The answer to an operation: its status is the highest that one of its errors names, 200 without any. */
/** The transaction that a client has seen, in its requests; the one of the moment that was read, in the answers. */
export const seenHeader = "colan-seen-transaction";

const momentOf = ({ extensions }: ExecutionResult): Record<string, string> => {
  const id = extensions?.["transactionId"];
  return typeof id === "string" ? { [seenHeader]: id } : {};
};

export function resultAnswer(req: Pick<IncomingMessage, "headers">, result: ExecutionResult): Answer {
  const mediaType = mediaTypeFor(req.headers.accept, result.errors != null) ?? json;
  if (result.errors == null) {
    const headers = { ...momentOf(result), "content-type": `${mediaType}; charset=utf-8` };
    return { status: 200, headers, body: JSON.stringify(result) };
  }
  // `toClientError` made them.
  const hints = result.errors.map(({ extensions }) => (extensions["http"] ?? {}) as HttpHint);
  const statuses = hints.map(({ status = 200, spec }) =>
    spec === true && mediaType === json ? 200 : status,
  );
  return {
    status: Math.max(200, ...statuses),
    headers: {
      ...(Object.assign({}, ...hints.map(({ headers }) => headers)) as object),
      ...momentOf(result),
      "content-type": `${mediaType}; charset=utf-8`,
    },
    body: jsonOf(result),
  };
}

/** Reads and drops what the client still sends; false when it did not come to an end within the limits. */
function drain(req: IncomingMessage): Promise<boolean> {
  return new Promise((resolve) => {
    let bytes = 0;
    const finish = (isDrained: boolean) => {
      clearTimeout(timer);
      req.off("data", count).pause();
      resolve(isDrained);
    };
    const count = (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > lingerBytesMax) finish(false);
    };
    const timer = setTimeout(finish, lingerMs, false);
    req.on("error", () => undefined);
    req.once("close", () => {
      finish(req.complete);
    });
    req.once("end", () => {
      finish(true);
    });
    req.on("data", count).resume();
  });
}

/** Resolves when the last byte of a response, written elsewhere, has been handed over, or its client has gone. */
export function whenEnded(res: ServerResponse): Promise<void> {
  if (res.writableEnded || res.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    res.once("finish", resolve).once("close", resolve);
  });
}

/**
 * Sends the answer, also while the client is still sending its request: then the connection is closed
 * afterwards, since what is left of the request would be read as the next one. Closing at once would make
 * the kernel answer the client's next packet with a reset, which can destroy the answer before it was
 * read; so the answer goes out whole, and the connection lingers for a bounded time.
 */
export async function send({ req, res }: Pick<Request, "req" | "res">, { status, headers, body }: Answer) {
  // A small body has often arrived in the same packet as its header, but is parsed only after it.
  if (!req.complete) await nextTurn();
  if (res.destroyed || res.headersSent) {
    res.destroy();
    return;
  }
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  const head = { ...headers, "content-length": bytes.length };
  if (req.complete) {
    res.writeHead(status, head).end(bytes);
    return;
  }
  res.writeHead(status, { ...head, connection: "close" }).write(bytes);
  if (await drain(req)) res.end();
  else res.destroy();
}
