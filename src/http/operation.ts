import { once } from "node:events";
import type { GraphQLParams } from "graphql-yoga";
import type { Viewer } from "../auth/viewer.ts";
import { mediaTypeFor, send } from "./answer.ts";
import { isKnown } from "./conditions.ts";
import type { Exchange } from "./handler.ts";
import { wantsEvents } from "./request.ts";
import type { CachedAnswer, ResponseCache } from "./response-cache.ts";
import type { Call, GraphQLHandler } from "./yoga.ts";

export interface OperationNeeds {
  readonly graphql: GraphQLHandler;
  readonly calls: WeakMap<object, Call>;
  readonly cache: ResponseCache;
  /** A client that takes nothing for so long loses its connection, in milliseconds. */
  readonly idleTimeoutMs: number;
  /** Aborted when the server stops. */
  readonly closing: AbortSignal;
}

/** Executes an operation without files, or repeats an answer that is still true. */
export async function answerOperation(
  needs: OperationNeeds,
  exchange: Exchange,
  params: GraphQLParams,
  viewer: Viewer,
): Promise<void> {
  const { req, res, requestId, log, signal } = exchange;
  const mediaType = mediaTypeFor(req.headers.accept, false) ?? "";
  const asked = needs.cache.open({ params, viewer, mediaType });
  const known = asked.find();
  if (known != null) {
    await sendCached(exchange, known);
    return;
  }
  const call: Call = { requestId, log, params, viewer, signal, isRepeatable: false };
  needs.calls.set(req, call);
  if (wantsEvents(req)) {
    await sendEvents(needs, exchange);
    return;
  }
  const response = await needs.graphql.handleNodeRequestAndResponse(req, res, { req, res });
  const body = Buffer.from(await response.text());
  const { status } = response;
  const headers = Object.fromEntries(response.headers);
  if (call.isRepeatable && status === 200) await sendCached(exchange, asked.keep({ headers, body }));
  else await send(exchange, { status, headers, body });
}

/** A GET may be kept by the client, and asked about again each time (RFC 9111 section 5.2.2.4). */
async function sendCached(exchange: Exchange, { headers, body, etag }: CachedAnswer): Promise<void> {
  if (exchange.req.method !== "GET") {
    await send(exchange, { status: 200, headers, body });
    return;
  }
  const told = { etag, "cache-control": "private, no-cache", vary: "accept" };
  if (isKnown(exchange.req.headers, etag)) exchange.res.writeHead(304, told).end();
  else await send(exchange, { status: 200, headers: { ...headers, ...told }, body });
}

/**
 * Server-sent events, as fast as the client takes them: what it does not take is not produced.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
async function sendEvents({ graphql, idleTimeoutMs, closing }: OperationNeeds, { req, res }: Exchange) {
  const end = () => res.destroy();
  closing.addEventListener("abort", end, { once: true });
  // Pings come far more often than this; a client that takes not even them is gone, or hostile.
  res.setTimeout(idleTimeoutMs, end);
  const closed = once(res, "close");
  try {
    // Done when the stream has begun; what keeps it going is Yoga's.
    await graphql(req, res);
    await closed;
  } finally {
    closing.removeEventListener("abort", end);
  }
}
