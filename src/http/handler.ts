import type { IncomingMessage, ServerResponse } from "node:http";
import type { Readable } from "node:stream";
import type { GraphQLSchema } from "graphql";
import type { GraphQLParams } from "graphql-yoga";
import type { Logger } from "pino";
import type { Admission } from "./admission.ts";
import { errorAnswer, send, whenEnded } from "./answer.ts";
import { createDocuments } from "./documents.ts";
import { RequestRefusedError } from "./errors.ts";
import { answerFile } from "./files.ts";
import { codeOf, outcomeOf, traced, type Outcome } from "./measures.ts";
import { openMultipart } from "./multipart.ts";
import { answerOperation, asking, type OperationNeeds } from "./operation.ts";
import { createOperationCount } from "./operation-count.ts";
import { answerAsset, answerNothingHere, answerPage, takesPage, wantsPage } from "./pages.ts";
import { answerProbe } from "./probes.ts";
import { checkHeaders, isMultipart, readParams } from "./request.ts";
import { filesShownTo } from "./security-headers.ts";
import { UploadTurns } from "./upload-turns.ts";
import { createResponseCache } from "./response-cache.ts";
import { checkFraming } from "./malformed.ts";
import { createKnownQueries } from "./known-queries.ts";
import type { Viewers } from "./viewers.ts";
import { cachedCharsMax, createGraphQL, type Call } from "./yoga.ts";
import type { Authenticate } from "../auth/authenticator.ts";
import type { UrlSignature } from "../auth/url-signature.ts";
import { checkPermission, type Viewer } from "../auth/viewer.ts";
import type { Config } from "../config.ts";
import type { Asking } from "../deps.ts";
import type { Metered } from "../graphql/budget.ts";
import type { FailedRequest } from "../graphql/errors.ts";
import type { StagedFile } from "../graphql/upload.ts";
import type { Monitor } from "../monitoring/monitor.ts";
import type { Gate } from "../monitoring/readiness.ts";
import type { FindDownload } from "../originals/download.ts";
import type { Pages } from "../pages/pages.ts";

export interface HandlerNeeds {
  readonly config: Config;
  readonly log: Logger;
  readonly schema: GraphQLSchema;
  /** What resolvers get; made once an operation is about to be executed. */
  readonly context: (request: FailedRequest & Asking & { viewer: Viewer; address: string }) => Metered;
  /** Another number after every commit. */
  readonly revision: () => number;
  /** Enforces the limit of bytes; takes the whole stream or destroys it, and leaves nothing behind when it rejects. */
  readonly stage: (bytes: Readable) => Promise<StagedFile>;
  /** Who knows the files below a path's first segment, such as `files`. */
  readonly downloads: Readonly<Record<string, FindDownload>>;
  readonly authenticate: Authenticate;
  /** Null where files need no permission. */
  readonly urlSignature: UrlSignature | null;
  /** Undefined where they have not been built. */
  readonly pages?: Pages | undefined;
  /** Without it requests are only told apart. */
  readonly monitor?: Monitor;
  /** What /readyz says; without it there is no such path. */
  readonly gate?: Gate;
}

/** One request on its way through. */
export interface Exchange extends FailedRequest, Outcome {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /** The client's, behind the proxies that are trusted. */
  readonly address: string;
  /** Aborted when the client goes before it has its answer. */
  readonly signal: AbortSignal;
  /** For the log; undefined until it is known. */
  operationName?: string | undefined;
}

interface Handlers extends HandlerNeeds, OperationNeeds {
  readonly monitor: Monitor;
  readonly admission: Admission;
  readonly viewers: Viewers;
  readonly checkConnection: (req: IncomingMessage) => void;
  readonly turns: UploadTurns;
  readonly countIn: (params: GraphQLParams) => number;
}

/** Turns HTTP requests into GraphQL calls and refuses the others; the promise settles when the answer is sent. */
export function createHandler(
  needs: HandlerNeeds,
  server: Pick<Handlers, "admission" | "viewers" | "checkConnection" | "answers" | "closing" | "monitor">,
) {
  const calls = new WeakMap<object, Call>();
  const { schema, config, context } = needs;
  const documents = createDocuments(schema, config);
  const queries = createKnownQueries({ schema, context, limits: config }, cachedCharsMax);
  const graphql = createGraphQL({
    ...{ schema, context, queries, documents },
    limits: config,
    callOf: (req) => {
      const call = calls.get(req);
      if (!call) throw new Error("a request reached GraphQL without having been checked");
      return call;
    },
  });
  const handlers: Handlers = {
    ...needs,
    ...server,
    ...{ calls, graphql, queries, limits: config },
    idleTimeoutMs: config.downloadIdleTimeoutMs,
    cache: createResponseCache(needs.revision, config.responseCacheBytesMax),
    turns: new UploadTurns(config),
    documents,
    countIn: createOperationCount(documents),
    scopeOf: (viewer, query) => server.viewers.scopeOf(viewer, query),
    readmit: (req) => server.viewers.of(req),
  };

  return async (exchange: Exchange) => {
    try {
      if (needs.gate != null && (await answerProbe(exchange.req, exchange.res, needs.gate))) return;
      await route(handlers, exchange);
    } catch (error) {
      exchange.code = codeOf(error);
      // How long a file may be kept is nothing to say of a failure.
      if (!exchange.res.headersSent) exchange.res.removeHeader("cache-control");
      await send(exchange, errorAnswer(exchange, error));
    }
  };
}

async function route(handlers: Handlers, exchange: Exchange) {
  const { req, res } = exchange;
  // First of all, so that a page may read also why its request was refused.
  if (handlers.admission.cors.answer(req, res)) return;
  handlers.checkConnection(req);
  checkFraming(req);
  handlers.admission.checkHost(req);
  const url = req.url ?? "/";
  const question = url.indexOf("?");
  const path = question === -1 ? url : url.slice(0, question);
  const search = question === -1 ? "" : url.slice(question);
  const find = findDownloads(handlers, path);
  if (path === "/graphql") {
    await answerGraphQL(handlers, exchange, search);
  } else if (find != null) {
    const query = new URLSearchParams(search);
    const { downloadIdleTimeoutMs: idleTimeoutMs } = handlers.config;
    const cacheControl = await handlers.viewers.admitToFile(req, path, query);
    const shownTo = filesShownTo(handlers.config);
    await answerFile(exchange, { find, path, query, idleTimeoutMs, shownTo, cacheControl });
  } else if (path.startsWith("/assets/")) {
    await answerAsset(exchange, handlers.pages, path);
  } else if (path === "/health" && (req.method === "GET" || req.method === "HEAD")) {
    await handlers.graphql(req, res);
    await whenEnded(res);
  } else if (path === "/" && takesPage(req) && handlers.config.webApp) {
    await answerPage(exchange, handlers, "app");
  } else if (path === "/" && wantsPage(req)) {
    res.writeHead(303, { location: "/graphql" }).end();
  } else if (wantsPage(req)) {
    answerNothingHere({ req, res });
  } else {
    throw new RequestRefusedError("NOT_FOUND", "There is nothing here; the API is at /graphql");
  }
}

/** Whose the path's first segment is; nobody's is `/constructor/…`, which every object knows. */
function findDownloads({ downloads }: HandlerNeeds, path: string): FindDownload | undefined {
  const [, room = ""] = path.split("/", 2);
  return Object.hasOwn(downloads, room) ? downloads[room] : undefined;
}

async function answerGraphQL(handlers: Handlers, exchange: Exchange, search: string) {
  const { req } = exchange;
  if (handlers.config.graphiql && wantsPage(req)) {
    await answerPage(exchange, handlers, "graphiql");
    return;
  }
  checkHeaders(req);
  const viewer = await handlers.viewers.of(req);
  if (isMultipart(req)) {
    // Before the first byte of a file is read.
    checkPermission(viewer, "write");
    await traced(handlers.monitor, exchange, () => answerUpload(handlers, exchange, viewer));
    return;
  }
  const params = await readParams(req, search, handlers.config);
  exchange.operationName = params.operationName;
  await countOperations(handlers, exchange, params, viewer);
  await traced(handlers.monitor, exchange, () => answerOperation(handlers, exchange, params, viewer));
}

/** @throws {TooOftenError} */
async function countOperations(
  { admission: { rate }, countIn }: Handlers,
  { address }: Exchange,
  params: GraphQLParams,
  { actor }: Viewer,
) {
  await rate?.count({ actor, address }, countIn(params));
}

async function answerUpload(handlers: Handlers, exchange: Exchange, viewer: Viewer) {
  const endTurn = await handlers.turns.begin(exchange.signal);
  try {
    await answerForm(handlers, exchange, viewer);
  } finally {
    endTurn();
  }
}

async function answerForm(handlers: Handlers, exchange: Exchange, viewer: Viewer) {
  const { config, stage, calls, graphql } = handlers;
  const { req, res, signal, log } = exchange;
  const form = await openMultipart(req, { config, stage, log });
  try {
    exchange.operationName = form.params.operationName;
    const { params } = form;
    await countOperations(handlers, exchange, params, viewer);
    const call: Call = { ...asking(exchange), params, signal, viewer, isRepeatable: false };
    calls.set(req, call);
    const response = await graphql.handleNodeRequestAndResponse(req, res, { req, res });
    const body = await response.text();
    Object.assign(exchange, outcomeOf(call));
    // Before the answer: whoever has read it finds nothing left in staging.
    await form.close();
    await send(exchange, { status: response.status, headers: Object.fromEntries(response.headers), body });
  } finally {
    await form.close();
  }
}
