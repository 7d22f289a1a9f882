import type { IncomingMessage } from "node:http";
import { OperationTypeNode } from "graphql";
import type { GraphQLParams } from "graphql-yoga";
import type { Viewer } from "../../auth/viewer.ts";
import { mediaTypeFor, resultAnswer, send } from "../transport/response.ts";
import type { Call } from "./call.ts";
import { isKnown } from "../transport/preconditions.ts";
import type { Documents } from "./documents.ts";
import { RequestRefusedError } from "../errors.ts";
import { EventStream } from "./event-stream.ts";
import type { Exchange } from "../transport/exchange.ts";
import { atExpiry } from "../admission/expiry.ts";
import { isSubscription, type GraphQLService } from "./service.ts";
import { outcomeOf } from "../transport/request-metrics.ts";
import { wantsEvents } from "./request.ts";
import type { CachedAnswer, ResponseCache } from "./response-cache.ts";
import { justOne } from "./subscribe.ts";
import type { Viewers } from "../admission/authentication.ts";

export interface OperationNeeds {
  readonly graphql: GraphQLService;
  readonly documents: Documents;
  readonly cache: ResponseCache;
  readonly viewers: Pick<Viewers, "of" | "scopeOf">;
  /** A client that takes nothing for so long loses its connection, in milliseconds. */
  readonly idleTimeoutMs: number;
  /** Aborted when the server stops. */
  readonly closing: AbortSignal;
}

/** An operation over HTTP. */
class HttpCall implements Call {
  readonly params: GraphQLParams;
  readonly viewer: Viewer;
  operation: Call["operation"];
  code: Call["code"];
  transactionId: Call["transactionId"];
  readonly #exchange: Exchange;
  readonly #viewers: OperationNeeds["viewers"];

  constructor(viewers: OperationNeeds["viewers"], exchange: Exchange, params: GraphQLParams, viewer: Viewer) {
    this.params = params;
    this.viewer = viewer;
    this.#exchange = exchange;
    this.#viewers = viewers;
  }

  get requestId() {
    return this.#exchange.requestId;
  }

  get log() {
    return this.#exchange.log;
  }

  get address() {
    return this.#exchange.address;
  }

  get hidesSuggestions() {
    return this.#exchange.hidesSuggestions;
  }

  get gone() {
    return this.#exchange.gone;
  }

  get scope() {
    return this.#viewers.scopeOf(this.viewer, this.params.query);
  }

  readmit() {
    return this.#viewers.of(this.#exchange.req);
  }
}

export const callOf = (
  { viewers }: Pick<OperationNeeds, "viewers">,
  exchange: Exchange,
  params: GraphQLParams,
  viewer: Viewer,
): Call => new HttpCall(viewers, exchange, params, viewer);

/** Executes an operation without files, or repeats an answer that is still true. */
export async function answerOperation(
  needs: OperationNeeds,
  exchange: Exchange,
  params: GraphQLParams,
  viewer: Viewer,
): Promise<void> {
  const { req } = exchange;
  const call = callOf(needs, exchange, params, viewer);
  if (wantsEvents(req)) {
    refuseMutationByGet(req, needs.documents, params);
    await sendEvents(needs, exchange, call);
    return;
  }
  const mediaType = mediaTypeFor(req.headers.accept, false) ?? "";
  const cached = needs.cache.open({ params, scope: call.scope, mediaType });
  const known = cached.find();
  if (known != null) {
    exchange.operation = "query";
    await sendCached(exchange, known);
    return;
  }
  refuseMutationByGet(req, needs.documents, params);
  refuseSubscription(needs.documents, params);
  const answer = await resultOf(needs.graphql, exchange, call);
  const isRepeatable = call.operation === OperationTypeNode.QUERY && call.code == null;
  if (isRepeatable)
    await sendCached(exchange, cached.keep({ headers: answer.headers, body: Buffer.from(answer.body) }));
  else await send(exchange, answer);
}

/** Of a query or mutation. */
export async function resultOf(graphql: GraphQLService, exchange: Exchange, call: Call) {
  const result = await graphql.answer(call);
  exchange.operation = call.operation;
  exchange.code = call.code;
  if (isSubscription(result)) throw new Error("a subscription was answered as an operation of one result");
  return resultAnswer(exchange.req, result);
}

/** A GET may be kept by the client, and asked about again each time (RFC 9111 section 5.2.2.4). */
async function sendCached(exchange: Exchange, answer: CachedAnswer): Promise<void> {
  const { headers, body } = answer;
  if (exchange.req.method !== "GET") {
    await send(exchange, { status: 200, headers, body });
    return;
  }
  const { etag } = answer;
  const validators = { etag, "cache-control": "private, no-cache" };
  exchange.res.appendHeader("vary", "accept");
  if (isKnown(exchange.req.headers, etag)) exchange.res.writeHead(304, validators).end();
  else await send(exchange, { status: 200, headers: { ...headers, ...validators }, body });
}

/** @throws {RequestRefusedError} 405 (GraphQL over HTTP, section 5.2: a GET must not change anything) */
function refuseMutationByGet({ method }: IncomingMessage, documents: Documents, params: GraphQLParams): void {
  if (method !== "GET" || documents.typeOf(params) !== OperationTypeNode.MUTATION) return;
  const message = "A GET request cannot run a mutation; send it by POST";
  throw new RequestRefusedError("BAD_USER_INPUT", message, { status: 405, headers: { allow: "POST" } });
}

/** @throws {RequestRefusedError} 406 */
export function refuseSubscription(documents: Documents, params: GraphQLParams): void {
  if (documents.typeOf(params) !== OperationTypeNode.SUBSCRIPTION) return;
  const message = "A subscription is answered with text/event-stream, or over WebSocket";
  throw new RequestRefusedError("BAD_USER_INPUT", message, { status: 406 });
}

/** A subscription's events as they happen; a stream of one result for any other operation. */
async function sendEvents({ graphql, ...options }: OperationNeeds, exchange: Exchange, call: Call) {
  const { res } = exchange;
  const answer = await graphql.answer(call);
  Object.assign(exchange, outcomeOf(call));
  const forget = atExpiry(call.viewer, () => res.destroy());
  try {
    await new EventStream(res, exchange).send(isSubscription(answer) ? answer : justOne(answer), options);
  } finally {
    forget();
  }
}
