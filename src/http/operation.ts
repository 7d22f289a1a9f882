import type { IncomingMessage } from "node:http";
import {
  getOperationAST,
  GraphQLError,
  OperationTypeNode,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLSchema,
} from "graphql";
import type { GraphQLParams } from "graphql-yoga";
import type { Viewer } from "../auth/viewer.ts";
import { toClientError, type FailedRequest } from "../graphql/errors.ts";
import { mediaTypeFor, send, whenEnded } from "./answer.ts";
import { isKnown } from "./conditions.ts";
import { checkCost, type CostLimits } from "./cost.ts";
import type { Documents } from "./documents.ts";
import { RequestRefusedError } from "./errors.ts";
import { EventStream } from "./event-stream.ts";
import { atExpiry } from "./expiry.ts";
import type { Exchange, HandlerNeeds } from "./handler.ts";
import type { KnownQueries } from "./known-queries.ts";
import { outcomeOf } from "./measures.ts";
import { isPlain } from "./params.ts";
import { wantsEvents } from "./request.ts";
import type { CachedAnswer, ResponseCache } from "./response-cache.ts";
import type { SharedAnswers } from "./shared-answers.ts";
import { findSubscription, justOne, operationKey, subscribe } from "./subscribe.ts";
import type { Call, GraphQLHandler } from "./yoga.ts";

export interface OperationNeeds {
  readonly schema: GraphQLSchema;
  readonly context: HandlerNeeds["context"];
  readonly graphql: GraphQLHandler;
  readonly queries: KnownQueries;
  readonly documents: Documents;
  readonly limits: CostLimits;
  readonly answers: SharedAnswers;
  readonly calls: WeakMap<object, Call>;
  readonly cache: ResponseCache;
  /** Alike for viewers who are answered the same, as long as URLs are the same. */
  readonly scopeOf: (viewer: Viewer, query?: string) => string;
  /** Whether who asked is still believed: a key may have been revoked. @throws {UnauthenticatedError} */
  readonly readmit: (req: IncomingMessage) => Viewer | Promise<Viewer>;
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
  const { req, res, signal } = exchange;
  const mediaType = mediaTypeFor(req.headers.accept, false) ?? "";
  const asked = needs.cache.open({ params, scope: needs.scopeOf(viewer, params.query), mediaType });
  // What nobody reads in a request that is right, such as its extensions, is no part of the key.
  const known = isPlain(params) ? asked.find() : undefined;
  if (known != null) {
    exchange.operation = "query";
    await sendCached(exchange, known);
    return;
  }
  const call: Call = { ...asking(exchange), params, viewer, signal, isRepeatable: false };
  needs.calls.set(req, call);
  if (wantsEvents(req)) {
    await sendEvents(needs, exchange, call);
    return;
  }
  const text = await needs.queries.answer(call);
  if (text != null) {
    exchange.operation = "query";
    const headers = { "content-type": `${mediaType}; charset=utf-8` };
    await sendCached(exchange, asked.keep({ headers, body: Buffer.from(text) }));
    return;
  }
  refuseMutationByGet(req, needs.documents, params);
  const response = await needs.graphql.handleNodeRequestAndResponse(req, res, { req, res });
  const body = Buffer.from(await response.text());
  Object.assign(exchange, outcomeOf(call));
  const { status } = response;
  const headers = Object.fromEntries(response.headers);
  if (call.isRepeatable && status === 200) await sendCached(exchange, asked.keep({ headers, body }));
  else await send(exchange, { status, headers, body });
}

/** Whose request it is, without the request. */
export const asking = ({
  requestId,
  log,
  address,
  hidesSuggestions = false,
}: FailedRequest & { readonly address: string }) => ({ requestId, log, address, hidesSuggestions });

/** A GET may be kept by the client, and asked about again each time (RFC 9111 section 5.2.2.4). */
async function sendCached(exchange: Exchange, answer: CachedAnswer): Promise<void> {
  const { headers, body } = answer;
  if (exchange.req.method !== "GET") {
    await send(exchange, { status: 200, headers, body });
    return;
  }
  const { etag } = answer;
  const told = { etag, "cache-control": "private, no-cache" };
  exchange.res.appendHeader("vary", "accept");
  if (isKnown(exchange.req.headers, etag)) exchange.res.writeHead(304, told).end();
  else await send(exchange, { status: 200, headers: { ...headers, ...told }, body });
}

function costRefusal(
  { schema, limits }: OperationNeeds,
  document: DocumentNode,
  { operationName, variables }: GraphQLParams,
  request: FailedRequest,
): ExecutionResult | undefined {
  try {
    checkCost(schema, { document, operationName, variables }, limits);
    return undefined;
  } catch (error) {
    return { errors: [toClientError(error, request)] };
  }
}

function isMutation(documents: Documents, { query = "", operationName }: GraphQLParams): boolean {
  try {
    return getOperationAST(documents.parse(query), operationName)?.operation === OperationTypeNode.MUTATION;
  } catch (error) {
    // Yoga says what is wrong with it.
    if (error instanceof GraphQLError) return false;
    throw error;
  }
}

/**
 * A method is HTTP's business: 405 whatever the client accepts. Yoga would answer 200 to clients of application/json, and
 * tell it in an event of a stream that has begun with 200.
 * @throws {RequestRefusedError} 405
 */
function refuseMutationByGet({ method }: IncomingMessage, documents: Documents, params: GraphQLParams): void {
  if (method !== "GET" || !isMutation(documents, params)) return;
  const message = "A GET request cannot run a mutation; send it by POST";
  throw new RequestRefusedError("BAD_USER_INPUT", message, { status: 405, headers: { allow: "POST" } });
}

/** Answers that come as they happen, or what keeps them from it, which a stream tells as well. */
async function sendEvents(needs: OperationNeeds, exchange: Exchange, { params, viewer }: Call) {
  const { schema, context, answers } = needs;
  const { req, res } = exchange;
  const document = findSubscription(needs.documents, params);
  // A query, or something that is wrong with the request; both end at once.
  if (document == null) {
    refuseMutationByGet(req, needs.documents, params);
    await needs.graphql(req, res);
    // Yoga streams on after it has returned.
    await whenEnded(res);
    return;
  }
  exchange.operation = "subscription";
  // Each event gets a context of its own: what loaders have read would else be believed for ever.
  const newContext = () => context({ ...asking(exchange), viewer });
  const { operationName, variables } = params;
  const args = { schema, document, operationName, variableValues: variables };
  const key = operationKey(params, needs.scopeOf(viewer));
  const from = { request: exchange, answers, key, newContext, readmit: () => needs.readmit(req) };
  const refusal = costRefusal(needs, document, params, exchange);
  const opened = refusal ?? (await subscribe(args, from));
  const forget = atExpiry(viewer, () => res.destroy());
  try {
    await new EventStream(res, exchange).send("next" in opened ? opened : justOne(opened), needs);
  } finally {
    forget();
  }
}
