import type { IncomingMessage, ServerResponse } from "node:http";
import type { Readable } from "node:stream";
import type { GraphQLSchema } from "graphql";
import type { Logger } from "pino";
import { errorAnswer, send } from "./answer.ts";
import { RequestRefusedError } from "./errors.ts";
import { answerFile } from "./files.ts";
import { createGraphiQL, wantsPage } from "./graphiql.ts";
import { openMultipart } from "./multipart.ts";
import { answerOperation, type OperationNeeds } from "./operation.ts";
import { checkHeaders, isMultipart, readParams } from "./request.ts";
import { createResponseCache } from "./response-cache.ts";
import { createKnownQueries } from "./known-queries.ts";
import { cachedCharsMax, createGraphQL, type Call } from "./yoga.ts";
import { anonymous, type Viewer } from "../auth/viewer.ts";
import type { Config } from "../config.ts";
import type { FailedRequest } from "../graphql/errors.ts";
import type { StagedFile } from "../graphql/upload.ts";
import type { FindDownload } from "../originals/download.ts";

export interface HandlerNeeds {
  readonly config: Config;
  readonly log: Logger;
  readonly schema: GraphQLSchema;
  /** What resolvers get; made once an operation is about to be executed. */
  readonly context: (request: FailedRequest & { viewer: Viewer }) => object;
  /** Another number after every commit. */
  readonly revision: () => number;
  /** Enforces the limit of bytes; takes the whole stream or destroys it, and leaves nothing behind when it rejects. */
  readonly stage: (bytes: Readable) => Promise<StagedFile>;
  /** Who knows the files below a path's first segment, such as `files`. */
  readonly downloads: Readonly<Record<string, FindDownload>>;
  /** Names beside its own address that a server on loopback answers to, such as a proxy's. */
  readonly hosts?: readonly string[];
}

/** One request on its way through. */
export interface Exchange extends FailedRequest {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /** Aborted when the client goes before it has its answer. */
  readonly signal: AbortSignal;
  /** For the log; undefined until it is known. */
  operationName?: string | undefined;
}

interface Handlers extends HandlerNeeds, OperationNeeds {
  readonly checkHost: (req: IncomingMessage) => void;
  readonly showGraphiQL: (res: ServerResponse) => Promise<void>;
}

/** Turns HTTP requests into GraphQL calls and refuses the others; the promise settles when the answer is sent. */
export function createHandler(
  needs: HandlerNeeds,
  server: Pick<Handlers, "checkHost" | "answers" | "closing">,
) {
  const calls = new WeakMap<object, Call>();
  const { schema, config, context } = needs;
  const queries = createKnownQueries({ schema, context, limits: config }, cachedCharsMax);
  const graphql = createGraphQL({
    ...{ schema, context, queries },
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
    showGraphiQL: createGraphiQL(),
  };

  return async (exchange: Exchange) => {
    try {
      await route(handlers, exchange);
    } catch (error) {
      await send(exchange, errorAnswer(exchange, error));
    }
  };
}

async function route(handlers: Handlers, exchange: Exchange) {
  const { req, res } = exchange;
  handlers.checkHost(req);
  const url = req.url ?? "/";
  const question = url.indexOf("?");
  const path = question === -1 ? url : url.slice(0, question);
  const search = question === -1 ? "" : url.slice(question);
  const find = findDownloads(handlers, path);
  if (path === "/graphql") {
    await answerGraphQL(handlers, exchange, search);
  } else if (find != null) {
    const query = new URLSearchParams(search);
    await answerFile(exchange, { find, path, query, idleTimeoutMs: handlers.config.downloadIdleTimeoutMs });
  } else if (path === "/health" && (req.method === "GET" || req.method === "HEAD")) {
    await handlers.graphql(req, res);
  } else if (path === "/" && wantsPage(req)) {
    res.writeHead(303, { location: "/graphql" }).end();
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
  const { req, res } = exchange;
  if (handlers.config.graphiql && wantsPage(req)) {
    await handlers.showGraphiQL(res);
    return;
  }
  checkHeaders(req);
  if (isMultipart(req)) {
    await answerUpload(handlers, exchange);
    return;
  }
  const params = await readParams(req, search, handlers.config);
  exchange.operationName = params.operationName;
  await answerOperation(handlers, exchange, params, anonymous);
}

async function answerUpload({ config, stage, calls, graphql }: Handlers, exchange: Exchange) {
  const { req, res, signal, requestId, log } = exchange;
  const form = await openMultipart(req, { config, stage, log });
  try {
    exchange.operationName = form.params.operationName;
    const { params } = form;
    calls.set(req, { requestId, log, params, signal, viewer: anonymous, isRepeatable: false });
    const response = await graphql.handleNodeRequestAndResponse(req, res, { req, res });
    const body = await response.text();
    // Before the answer: whoever has read it finds nothing left in staging.
    await form.close();
    await send(exchange, { status: response.status, headers: Object.fromEntries(response.headers), body });
  } finally {
    await form.close();
  }
}
