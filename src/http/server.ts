import { randomUUID } from "node:crypto";
import { once, setMaxListeners } from "node:events";
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server as HttpServer,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import type { Logger } from "pino";
import { createAdmission } from "./admission.ts";
import { Connections } from "./connections.ts";
import { createHandler, type Exchange, type HandlerNeeds } from "./handler.ts";
import { refuseMalformed } from "./malformed.ts";
import { Pipelining } from "./pipelining.ts";
import { commonHeaders } from "./security-headers.ts";
import { inRequest, isProbe, measureRequest } from "./measures.ts";
import { SharedAnswers } from "./shared-answers.ts";
import { Viewers } from "./viewers.ts";
import { acceptWebSockets } from "./websocket.ts";
import { plainMonitor } from "../monitoring/monitor.ts";
import type { Config } from "../config.ts";

export interface Server {
  /** @returns the address without a path, such as http://127.0.0.1:4000. */
  listen(): Promise<{ url: string }>;
  /** Whether requests are being answered now. */
  isBusy(): boolean;
  /** Takes no more connections, lets running requests finish for up to `stopTimeoutMs`, then breaks them off. */
  close(): Promise<void>;
}

const limits = ({ headersTimeoutMs }: Config) => ({
  maxHeaderSize: 16 * 1024,
  headersTimeout: headersTimeoutMs,
  connectionsCheckingInterval: Math.min(2_000, headersTimeoutMs / 4),
  // Off: an upload may take hours. Bodies have limits of their own: a total one, or for silence.
  requestTimeout: 0,
  // Longer than the 60 s of common proxies, so that they never reuse a connection we are closing.
  keepAliveTimeout: 65_000,
  // Checked where the refusal has a code.
  requireHostHeader: false,
});

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

/** A server that neither listens nor answers yet. */
export const openHttp = (config: Config): HttpServer => createHttpServer(limits(config));

/** Ends one at once that may never have begun to answer. */
export async function endHttp(server: HttpServer): Promise<void> {
  if (!server.listening) return;
  await closeHttp(server, 0);
}

/**
 * The HTTP server around the GraphQL schema.
 * @param server may listen already.
 */
export function createServer(needs: HandlerNeeds, server: HttpServer = openHttp(needs.config)): Server {
  const { config, log, monitor = plainMonitor() } = needs;
  const ending = new AbortController();
  // Every subscription listens.
  setMaxListeners(0, ending.signal);
  const admission = createAdmission(needs);
  const common = commonHeaders(config);
  const viewers = new Viewers({ ...needs, admission });
  const answers = new SharedAnswers();
  const checkConnection = (req: IncomingMessage) => {
    connections.check(req);
  };
  const handle = createHandler(needs, {
    ...{ admission, viewers, checkConnection, answers, monitor },
    closing: ending.signal,
  });
  const pipelining = new Pipelining();
  const hidesSuggestions = !config.introspection;
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
      ...{ req, res, requestId, signal: gone.signal, hidesSuggestions },
      address: admission.addressOf(req),
      // Most requests log nothing but their line.
      get log() {
        return (child ??= log.child({ requestId }));
      },
    };
    const turn = pipelining.turn(req.socket, res);
    res.setHeader("x-request-id", requestId);
    for (const name in common) res.setHeader(name, common[name] ?? "");
    if (isClosing) res.setHeader("connection", "close");
    res.on("close", () => {
      if (!res.writableFinished) gone.abort();
      const ms = performance.now() - startedAt;
      logRequest(log, exchange, ms);
      measureRequest(monitor, exchange, ms);
      // A connection that was busy when closing began would otherwise be kept alive for its next request.
      if (isClosing) setImmediate(closeIdle);
    });
    const answer = async () => {
      if (turn != null) await turn;
      if (!req.socket.destroyed) await inRequest(monitor, exchange, () => handle(exchange));
    };
    const work = answer().catch((err: unknown) => {
      exchange.log.error({ err }, "a request could not be answered");
      res.destroy();
    });
    running.add(work);
    void work.finally(() => running.delete(work));
  };

  server.on("request", listener);
  const connections = new Connections(server, config);
  refuseMalformed(server, common, (socket) => pipelining.lastAnswer(socket));
  server.on("checkExpectation", listener);
  server.on("checkContinue", (req: IncomingMessage, res: ServerResponse) => {
    // Whose request is refused by its header keeps its body (RFC 9110 section 10.1.1).
    req.once("resume", () => {
      if (!res.headersSent) res.writeContinue();
    });
    listener(req, res);
  });
  const sockets = acceptWebSockets(server, {
    ...{ config, admission, viewers, common, answers, monitor, schema: needs.schema, context: needs.context },
    requestOf: (req) => {
      const requestId = requestIdOf(req);
      return { requestId, log: log.child({ requestId }), hidesSuggestions };
    },
  });

  return {
    async listen() {
      if (!server.listening) {
        server.listen(config.port, config.host);
        await once(server, "listening");
      }
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
      connections.endUnused();
      closing ??= closeHttp(server, config.stopTimeoutMs)
        // What broken-off uploads left in staging is being removed.
        .then(() => Promise.all(running))
        .then(() => undefined);
      return closing;
    },
  };
}
