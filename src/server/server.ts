import { randomUUID } from "node:crypto";
import { setMaxListeners } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Logger } from "pino";
import { createAdmission } from "./admission/admission.ts";
import { json } from "./transport/response.ts";
import { Front, type Answerer } from "./transport/front.ts";
import { createDocuments } from "./graphql/documents.ts";
import { Exchange } from "./transport/exchange.ts";
import { createGraphQL } from "./graphql/service.ts";
import { createHandler, type HandlerNeeds } from "./handler.ts";
import { inRequest, isProbe, measureRequest } from "./transport/request-metrics.ts";
import { SharedAnswers } from "./graphql/shared-answers.ts";
import { Viewers } from "./admission/authentication.ts";
import { acceptWebSockets } from "./graphql/websocket.ts";
import { plainMonitor } from "../observability/monitor.ts";

export interface Server {
  /** @returns the address without a path, such as http://127.0.0.1:4000. */
  listen(): Promise<{ url: string }>;
  /** Whether requests are being answered now. */
  isBusy(): boolean;
  /** Takes no more connections, lets running requests finish for up to `stopTimeoutMs`, then breaks them off. */
  close(): Promise<void>;
}

const requestIdForm = /^[\w.:-]{1,64}$/;

/** A proxy's id for the request, where it has one that is fit for a log line and a header; else our own. */
function requestIdOf({ headers }: IncomingMessage): string {
  const given = headers["x-request-id"];
  return typeof given === "string" && requestIdForm.test(given) ? given : randomUUID();
}

/** A page of thumbnails would bury what was done under a hundred lines of what was looked at. */
const isRoutine = (req: IncomingMessage, { statusCode }: ServerResponse) =>
  isProbe(req) || (statusCode < 400 && /^\/(files|derivatives)\//.test(req.url ?? ""));

/** One line per request. No variables, headers or bodies: they carry what belongs to the library's owner. */
function logRequest(log: Logger, exchange: Exchange, ms: number) {
  const { req, res, requestId, operation, operationName, code } = exchange;
  const level = isRoutine(req, res) ? "debug" : "info";
  if (!log.isLevelEnabled(level)) return;
  const line = {
    requestId,
    method: req.method,
    path: req.url?.split("?", 1)[0]?.slice(0, 100),
    operationType: operation,
    // One that was found in the document; others may be anything.
    operationName: operation == null ? undefined : operationName?.slice(0, 100),
    status: res.statusCode,
    code,
    ms: Math.round(ms),
  };
  if (res.writableFinished) log[level](line, "request");
  else log[level]({ ...line, isAborted: true }, "request");
}

/** Answers a request that met a fault of the program: never silence. */
function answerFault(res: ServerResponse, requestId: string): void {
  if (res.headersSent || res.destroyed) {
    res.destroy();
    return;
  }
  const error = { message: "Unexpected error.", extensions: { code: "INTERNAL_SERVER_ERROR", requestId } };
  const body = JSON.stringify({ errors: [error] });
  for (const name of res.getHeaderNames()) if (name.startsWith("content-")) res.removeHeader(name);
  res.writeHead(500, {
    "content-type": json,
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    connection: "close",
  });
  res.end(body);
}

/**
 * The HTTP server around the GraphQL schema, which answers from now on.
 * @param front may listen already.
 */
export function createServer(needs: HandlerNeeds, front = new Front(needs.config)): Server {
  const { config, log, monitor = plainMonitor() } = needs;
  const ending = new AbortController();
  // Every subscription listens.
  setMaxListeners(0, ending.signal);
  const admission = createAdmission(needs);
  const common = front.headers;
  const viewers = new Viewers({ ...needs, admission });
  const documents = createDocuments(needs.schema, config);
  const { schema, context } = needs;
  const graphql = createGraphQL({ schema, limits: config, context, documents, answers: new SharedAnswers() });
  const checkConnection = (req: IncomingMessage) => {
    front.connections.check(req);
  };
  const handle = createHandler(needs, {
    ...{ admission, viewers, checkConnection, graphql, documents, monitor },
    closing: ending.signal,
  });
  const hidesSuggestions = !config.introspection;
  const running = new Map<ServerResponse, Promise<void>>();
  let isClosing = false;
  let closing: Promise<void> | undefined;

  const answer = async (req: IncomingMessage, res: ServerResponse, requestId: string) => {
    const startedAt = performance.now();
    const exchange = new Exchange({
      ...{ req, res, requestId, hidesSuggestions, log },
      address: admission.addressOf(req),
    });
    const turn = front.pipelining.turn(req.socket, res);
    res.setHeader("x-request-id", requestId);
    for (const name in common) res.setHeader(name, common[name] ?? "");
    if (isClosing) res.setHeader("connection", "close");
    res.on("close", () => {
      if (!res.writableFinished) exchange.gone.come();
      const ms = performance.now() - startedAt;
      logRequest(log, exchange, ms);
      measureRequest(monitor, exchange, ms);
      // A connection that was busy when closing began would otherwise be kept alive for its next request.
      if (isClosing)
        setImmediate(() => {
          front.endIdle();
        });
    });
    if (turn != null) await turn;
    if (req.socket.destroyed) return;
    await inRequest(monitor, exchange, () => handle(exchange));
    if (!res.writableEnded && !res.destroyed) throw new Error("a handler ended without an answer");
  };

  const request = (req: IncomingMessage, res: ServerResponse) => {
    const requestId = requestIdOf(req);
    const work = answer(req, res, requestId).catch((err: unknown) => {
      log.error({ err, requestId }, "a request could not be answered");
      answerFault(res, requestId);
    });
    running.set(res, work);
    void work.then(() => running.delete(res));
  };

  const sockets = acceptWebSockets({
    ...{ config, admission, viewers, common, monitor, graphql, documents, schema },
    checkConnection,
    requestOf: (req) => {
      const requestId = requestIdOf(req);
      return { requestId, log: log.child({ requestId }), hidesSuggestions };
    },
  });
  const answerer: Answerer = { request, upgrade: sockets.upgrade };
  front.handOver(answerer);

  return {
    async listen() {
      if (!front.isListening) await front.listen(config, answerer);
      return { url: front.url };
    },

    isBusy: () => running.size > 0,

    close() {
      isClosing = true;
      for (const res of running.keys()) if (!res.headersSent) res.setHeader("connection", "close");
      // Subscriptions would keep it waiting forever; their clients go on elsewhere, or here after the restart.
      ending.abort();
      sockets.close();
      closing ??= front
        .close(config.stopTimeoutMs)
        // Leftovers of interrupted uploads in staging are being removed.
        .then(() => Promise.all(running.values()))
        .then(() => undefined);
      return closing;
    },
  };
}
