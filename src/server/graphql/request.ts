import type { IncomingMessage } from "node:http";
import type { GraphQLParams } from "graphql-yoga";
import { readBody } from "../transport/body.ts";
import { badRequest, RequestRefusedError, type Refusal } from "../errors.ts";
import { mediaTypeFor, seenHeader } from "../transport/response.ts";
import { parseTransactionId } from "../../database/model/ids.ts";
import { mediaTypeOf, requirePreflight } from "../admission/cross-site.ts";
import { paramsFromForm, paramsFromJson } from "./params.ts";
import type { Config } from "../../config/config.ts";

const refuse = (status: number, message: string, headers: Refusal["headers"] = {}) =>
  new RequestRefusedError("BAD_USER_INPUT", message, { status, headers });

/** JSON is UTF-8 (RFC 8259 section 8.1); other charsets have smuggled bodies past checks like ours. */
function checkEncoding({ headers }: IncomingMessage) {
  const charset = /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(headers["content-type"] ?? "")?.[1];
  if (charset != null && !/^utf-?8$/i.test(charset)) throw refuse(415, "The request body must be UTF-8");
  const encoding = headers["content-encoding"];
  // A few kilobytes can inflate to gigabytes.
  if (encoding != null && encoding !== "identity") {
    throw refuse(415, "Compressed request bodies are not accepted", { "accept-encoding": "identity" });
  }
}

/**
 * Whether the headers admit the request at all.
 * @throws {RequestRefusedError} 403, 405, 406 or 415.
 */
export function checkHeaders(req: IncomingMessage) {
  requirePreflight(req);
  if (req.method !== "GET" && req.method !== "POST") {
    throw refuse(405, "GraphQL takes GET and POST requests", { allow: "GET, POST" });
  }
  if (mediaTypeFor(req.headers.accept, false) == null && !wantsEvents(req)) {
    throw refuse(406, "Answers are application/graphql-response+json or application/json");
  }
  checkEncoding(req);
}

/**
 * The transaction that the client has seen, on whichever server; undefined where it says none.
 * @throws {RequestRefusedError} 400
 */
export function seenBy({ headers }: IncomingMessage): number | undefined {
  const text = headers[seenHeader];
  if (text == null) return undefined;
  const id = typeof text === "string" ? parseTransactionId(text) : undefined;
  if (id != null) return id;
  throw badRequest(
    "Colan-Seen-Transaction must be the id of a transaction, such as T17, as extensions.transactionId has it",
  );
}

/** Whether the client takes server-sent events, the answer to a subscription. */
export const wantsEvents = ({ headers }: IncomingMessage) =>
  /\btext\/event-stream\b/i.test(headers.accept ?? "");

/**
 * The operation of a request without files; `search` is the part of the URL after the path.
 * @throws {RequestRefusedError} 400, 408, 413 or 415, {QueryTooComplexError}, {UploadAbortedError}
 */
export async function readParams(
  req: IncomingMessage,
  search: string,
  config: Config,
): Promise<GraphQLParams> {
  if (req.method === "GET") return paramsFromForm(new URLSearchParams(search), config);
  const type = mediaTypeOf(req.headers["content-type"]);
  const isForm = type === "application/x-www-form-urlencoded";
  if (!isForm && type !== "application/json" && type !== "application/graphql+json") {
    throw refuse(415, "Send application/json, or multipart/form-data for uploads");
  }
  const body = await readBody(req, {
    bytesMax: config.requestBytesMax,
    timeoutMs: config.bodyTimeoutMs,
  });
  return isForm ? paramsFromForm(new URLSearchParams(body), config) : paramsFromJson(body, config);
}
