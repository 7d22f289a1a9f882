import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import type { GraphQLSchema } from "graphql";
import type { GraphQLParams } from "graphql-yoga";
import type { Logger } from "pino";
import type { Admission } from "./admission/admission.ts";
import { errorAnswer, send } from "./transport/response.ts";
import type { Call } from "./graphql/call.ts";
import { RequestRefusedError } from "./errors.ts";
import type { Exchange } from "./transport/exchange.ts";
import { answerFile } from "./files/send-file.ts";
import { codeOf, traced } from "./transport/request-metrics.ts";
import { openMultipart } from "./uploads/multipart.ts";
import {
  answerOperation,
  callOf,
  refuseSubscription,
  resultOf,
  type OperationNeeds,
} from "./graphql/operation.ts";
import { answerAsset, answerNothingHere, answerPage, takesPage, wantsPage } from "./files/web-app.ts";
import { answerProbe } from "./transport/probes.ts";
import { isMultipart } from "./admission/cross-site.ts";
import { checkHeaders, readParams, seenBy } from "./graphql/request.ts";
import { filesShownTo } from "./transport/security-headers.ts";
import { UploadSlots } from "./uploads/upload-slots.ts";
import { createResponseCache } from "./graphql/response-cache.ts";
import { checkFraming } from "./transport/malformed.ts";
import type { Viewers } from "./admission/authentication.ts";
import type { Authenticate } from "../auth/authenticator.ts";
import type { UrlSignature } from "../auth/url-signature.ts";
import { checkPermission, type Viewer } from "../auth/viewer.ts";
import type { Config } from "../config/config.ts";
import type { Metered } from "../graphql/budget.ts";
import type { StagedFile } from "../graphql/upload.ts";
import type { Monitor } from "../observability/monitor.ts";
import type { Gate } from "../observability/readiness.ts";
import type { FindDownload } from "../library/originals/download.ts";
import type { Pages } from "./files/built-pages.ts";

export interface HandlerNeeds {
  readonly config: Config;
  readonly log: Logger;
  readonly schema: GraphQLSchema;
  /** Makes the context of resolvers, once an operation is about to be executed. */
  readonly context: (call: Call) => Metered;
  /** Another number after every commit. */
  readonly revision: () => number;
  /** Resolves when this server has seen a transaction; where it is left out, all are seen at once. */
  readonly catchUp?: (transactionId: number) => Promise<void>;
  /** Enforces the limit of bytes; takes the whole stream or destroys it, and leaves nothing behind when it rejects. */
  readonly stage: (bytes: Readable) => Promise<StagedFile>;
  /** Finders of files by a path's first segment, such as `files`. */
  readonly downloads: Readonly<Record<string, FindDownload>>;
  readonly authenticate: Authenticate;
  /** Null where files need no permission. */
  readonly urlSignature: UrlSignature | null;
  /** Where originals come from beside this server; undefined where from nowhere. */
  readonly filesOrigin?: string | undefined;
  /** Undefined where they have not been built. */
  readonly pages?: Pages | undefined;
  /** Without it requests only get an id. */
  readonly monitor?: Monitor;
  /** Computes /readyz; without it there is no such path. */
  readonly gate?: Gate;
}

interface Handlers extends HandlerNeeds, OperationNeeds {
  readonly monitor: Monitor;
  readonly admission: Admission;
  readonly viewers: Viewers;
  readonly checkConnection: (req: IncomingMessage) => void;
  readonly turns: UploadSlots;
}

/** Turns HTTP requests into GraphQL operations and refuses the others; the promise settles when the answer is sent. */
export function createHandler(
  needs: HandlerNeeds,
  server: Pick<
    Handlers,
    "admission" | "viewers" | "checkConnection" | "closing" | "monitor" | "graphql" | "documents"
  >,
) {
  const { config } = needs;
  const handlers: Handlers = {
    ...needs,
    ...server,
    idleTimeoutMs: config.downloadIdleTimeoutMs,
    cache: createResponseCache(needs.revision, config.responseCacheBytesMax),
    turns: new UploadSlots(config),
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

function route(handlers: Handlers, exchange: Exchange): Promise<void> | void {
  const { req, res } = exchange;
  // First of all, so that a page may read also why its request was refused.
  if (handlers.admission.cors.answer(req, res)) return undefined;
  handlers.checkConnection(req);
  checkFraming(req);
  handlers.admission.checkHost(req);
  const url = req.url ?? "/";
  const question = url.indexOf("?");
  const path = question === -1 ? url : url.slice(0, question);
  const search = question === -1 ? "" : url.slice(question);
  return path === "/graphql"
    ? answerGraphQL(handlers, exchange, search)
    : answerOther(handlers, exchange, path, search);
}

async function answerOther(handlers: Handlers, exchange: Exchange, path: string, search: string) {
  const { req, res } = exchange;
  const find = findDownloads(handlers, path);
  if (find != null) {
    const query = new URLSearchParams(search);
    const { downloadIdleTimeoutMs: idleTimeoutMs } = handlers.config;
    const cacheControl = await handlers.viewers.admitToFile(req, path, query);
    const shownTo = filesShownTo(handlers.config);
    await answerFile(exchange, { find, path, query, idleTimeoutMs, shownTo, cacheControl });
  } else if (path.startsWith("/assets/")) {
    await answerAsset(exchange, handlers.pages, path);
  } else if (path === "/health" && (req.method === "GET" || req.method === "HEAD")) {
    res.writeHead(200).end();
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

/** The finder of the path's first segment; none for `/constructor/…`, which every object inherits. */
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
  const seen = seenBy(req);
  if (seen != null) await handlers.catchUp?.(seen);
  const found = handlers.viewers.of(req);
  const viewer = found instanceof Promise ? await found : found;
  if (isMultipart(req)) {
    // Before the first byte of a file is read.
    checkPermission(viewer, "write");
    await traced(handlers.monitor, exchange, () => answerUpload(handlers, exchange, viewer));
    return;
  }
  const params = await readParams(req, search, handlers.config);
  exchange.operationName = params.operationName;
  if (handlers.admission.rate != null) await countOperations(handlers, exchange, params, viewer);
  await traced(handlers.monitor, exchange, () => answerOperation(handlers, exchange, params, viewer));
}

/** @throws {TooOftenError} */
async function countOperations(
  { admission: { rate }, documents }: Handlers,
  { address }: Exchange,
  params: GraphQLParams,
  { actor }: Viewer,
) {
  await rate?.count({ actor, address }, documents.rootFieldsOf(params));
}

async function answerUpload(handlers: Handlers, exchange: Exchange, viewer: Viewer) {
  const endTurn = await handlers.turns.begin(exchange.gone.signal);
  try {
    await answerForm(handlers, exchange, viewer);
  } finally {
    endTurn();
  }
}

async function answerForm(handlers: Handlers, exchange: Exchange, viewer: Viewer) {
  const { config, stage } = handlers;
  const { req, log } = exchange;
  const form = await openMultipart(req, { config, stage, log });
  try {
    exchange.operationName = form.params.operationName;
    const { params } = form;
    await countOperations(handlers, exchange, params, viewer);
    refuseSubscription(handlers.documents, params);
    const answer = await resultOf(handlers.graphql, exchange, callOf(handlers, exchange, params, viewer));
    // Before the answer: a client that has read it finds nothing left in staging.
    await form.close();
    await send(exchange, answer);
  } finally {
    await form.close();
  }
}
