import { randomUUID } from "node:crypto";
import { once } from "node:events";
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server as HttpServer,
  type ServerResponse,
} from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { createHostCheck } from "./guard.ts";
import type { Logger } from "pino";
import { createHandler, type Exchange, type HandlerNeeds } from "./handler.ts";
import { SharedAnswers } from "./shared-answers.ts";
import { acceptWebSockets } from "./websocket.ts";

export interface Server {
  /** @returns the address without a path, such as http://127.0.0.1:4000. */
  listen(): Promise<{ url: string }>;
  /** Whether requests are being answered now. */
  isBusy(): boolean;
  /** Takes no more connections, lets running requests finish for up to `stopTimeoutMs`, then breaks them off. */
  close(): Promise<void>;
}

const limits = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  connectionsCheckingInterval: 2_000,
  // Off: an upload may take hours. Bodies have limits of their own: a total one, or for silence.
  requestTimeout: 0,
  // Longer than the 60 s of common proxies, so that they never reuse a connection we are closing.
  keepAliveTimeout: 65_000,
};

const requestIdForm = /^[\w.:-]{1,64}$/;

/** A proxy's id for the request, where it has one that is fit for a log line and a header; else our own. */
function requestIdOf({ headers }: IncomingMessage): string {
  const given = headers["x-request-id"];
  return typeof given === "string" && requestIdForm.test(given) ? given : randomUUID();
}

function setCommonHeaders(res: ServerResponse, requestId: string) {
  res.setHeader("x-request-id", requestId);
  res.setHeader("x-content-type-options", "nosniff");
  res.setHeader("referrer-policy", "no-referrer");
  res.setHeader("x-frame-options", "DENY");
}

/** A page of thumbnails would bury what was done under a hundred lines of what was looked at. */
const isRoutine = ({ url = "" }: IncomingMessage, { statusCode }: ServerResponse) =>
  statusCode < 400 && /^\/(files|derivatives)\//.test(url);

/** One line per request. No variables, headers or bodies: they carry what belongs to the library's owner. */
function logRequest(log: Logger, { req, res, requestId, operationName }: Exchange, ms: number) {
  const level = isRoutine(req, res) ? "debug" : "info";
  if (!log.isLevelEnabled(level)) return;
  const line = {
    requestId,
    method: req.method,
    path: req.url?.split("?", 1)[0]?.slice(0, 100),
    operationName: operationName?.slice(0, 100),
    status: res.statusCode,
    ms: Math.round(ms),
  };
  if (res.writableFinished) log[level](line, "request");
  else log[level]({ ...line, isAborted: true }, "request");
}

/**
 * Connections over which nothing was asked yet, as browsers open them in advance: the server counts them as busy, and
 * would wait for them. @returns what ends them.
 */
function watchUnused(server: HttpServer): () => void {
  const open = new Set<Socket>();
  server.on("connection", (socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
  });
  return () => {
    for (const socket of open) if (socket.bytesRead === 0) socket.destroy();
  };
}

async function closeHttp(server: HttpServer, timeoutMs: number) {
  if (!server.listening) return;
  const closed = once(server, "close");
  server.close();
  const timer = setTimeout(() => {
    server.closeAllConnections();
  }, timeoutMs);
  await closed;
  clearTimeout(timer);
}

/** The HTTP server around the GraphQL schema. */
export function createServer(needs: HandlerNeeds): Server {
  const { config, log } = needs;
  const ending = new AbortController();
  const checkHost = createHostCheck(config.host, needs.hosts);
  const answers = new SharedAnswers();
  const handle = createHandler(needs, { checkHost, answers, closing: ending.signal });
  const running = new Set<Promise<void>>();
  let isClosing = false;
  let closing: Promise<void> | undefined;

  const closeIdle = () => {
    server.closeIdleConnections();
  };

  const listener = (req: IncomingMessage, res: ServerResponse) => {
    const startedAt = performance.now();
    const requestId = requestIdOf(req);
    let child: Logger | undefined;
    const gone = new AbortController();
    const exchange: Exchange = {
      ...{ req, res, requestId, signal: gone.signal },
      // Most requests log nothing but their line.
      get log() {
        return (child ??= log.child({ requestId }));
      },
    };
    setCommonHeaders(res, requestId);
    if (isClosing) res.setHeader("connection", "close");
    res.on("close", () => {
      if (!res.writableFinished) gone.abort();
      logRequest(log, exchange, performance.now() - startedAt);
      // A connection that was busy when closing began would otherwise be kept alive for its next request.
      if (isClosing) setImmediate(closeIdle);
    });
    const work = handle(exchange).catch((err: unknown) => {
      exchange.log.error({ err }, "a request could not be answered");
      res.destroy();
    });
    running.add(work);
    void work.finally(() => running.delete(work));
  };

  const server = createHttpServer(limits, listener);
  const endUnused = watchUnused(server);
  const sockets = acceptWebSockets(server, {
    ...{ config, checkHost, answers, schema: needs.schema, context: needs.context },
    requestOf: (req) => {
      const requestId = requestIdOf(req);
      return { requestId, log: log.child({ requestId }) };
    },
  });

  return {
    async listen() {
      server.listen(config.port, config.host);
      await once(server, "listening");
      // A server that listens on a port has an address of this kind.
      const { address, port, family } = server.address() as AddressInfo;
      return { url: `http://${family === "IPv6" ? `[${address}]` : address}:${port}` };
    },

    isBusy: () => running.size > 0,

    close() {
      isClosing = true;
      // Subscriptions would keep it waiting for ever; their clients go on elsewhere, or here after the restart.
      ending.abort();
      sockets.close();
      endUnused();
      closing ??= closeHttp(server, config.stopTimeoutMs)
        // What broken-off uploads left in staging is being removed.
        .then(() => Promise.all(running))
        .then(() => undefined);
      return closing;
    },
  };
}
