import type { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { OperationTypeNode, type ExecutionArgs, type ExecutionResult, type GraphQLSchema } from "graphql";
import { MessageType, type Context as Connection } from "graphql-ws";
import { useServer, type Extra } from "graphql-ws/use/ws";
import type { Logger } from "pino";
import { WebSocketServer, type WebSocket } from "ws";
import type { Viewer } from "../../auth/viewer.ts";
import type { Config } from "../../config/config.ts";
import { AppError, QueryTooComplexError } from "../../errors.ts";
import { toClientError, type FailedRequest } from "../../graphql/errors.ts";
import { endOf, joinSignals } from "../../signals.ts";
import type { Monitor } from "../../observability/monitor.ts";
import type { Admission } from "../admission/admission.ts";
import type { Call } from "./call.ts";
import { badRequest, RequestRefusedError } from "../errors.ts";
import type { Documents } from "./documents.ts";
import { atExpiry } from "../admission/expiry.ts";
import { refuseUpgrade, type Answerer } from "../transport/front.ts";
import { isSubscription, type GraphQLService } from "./service.ts";
import { checkFraming } from "../transport/malformed.ts";
import { paramsFromMessage } from "./params.ts";
import { watchedMessage } from "../transport/request-metrics.ts";
import { SendQueue } from "../transport/send-queue.ts";
import type { CommonHeaders } from "../transport/security-headers.ts";
import { eachResult, type Answers } from "./subscribe.ts";
import { SlowSubscriberError } from "../transport/back-pressure.ts";
import type { Viewers } from "../admission/authentication.ts";

/** Operations that one connection may have under way. */
const operationsMax = 100;

interface Needs {
  readonly config: Config;
  readonly schema: GraphQLSchema;
  readonly graphql: GraphQLService;
  readonly documents: Documents;
  readonly monitor: Monitor;
  readonly admission: Admission;
  readonly viewers: Viewers;
  readonly common: CommonHeaders;
  /** @throws {RequestRefusedError} 503 */
  readonly checkConnection: (req: IncomingMessage) => void;
  readonly requestOf: (req: IncomingMessage) => LoggedRequest;
}

type LoggedRequest = FailedRequest & { readonly log: Logger };
type Connected = Connection<Record<string, unknown>, Extra & Partial<{ request: IncomingMessage }>>;
type Admitted = Connection<Record<string, unknown>, Extra & { request: IncomingMessage }>;

export interface WebSockets {
  readonly upgrade: Answerer["upgrade"];
  /** Ends every connection (1001, going away: RFC 6455 section 7.4.1). */
  close(): void;
}

/** https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md, and RFC 6455's registry of close codes. */
const [unauthorized, tryAgainLater] = [4401, 1013];
/** ASCII characters that fit into a close frame (RFC 6455 section 5.5.1). */
const reasonMax = 120;
interface Cancellable {
  /** Aborted when the client has cancelled. */
  readonly signal: AbortSignal;
  /** Called when there is nothing left to cancel. */
  readonly forget: () => void;
}

function messageOf(text: string): { readonly id?: unknown; readonly type?: unknown } {
  try {
    return (JSON.parse(text) ?? {}) as { id?: unknown; type?: unknown };
  } catch {
    // graphql-ws closes the connection for it.
    return {};
  }
}

/** The state of the connections. */
class Connections {
  readonly #needs: Needs;
  readonly #requests = new WeakMap<IncomingMessage, LoggedRequest>();
  readonly #outlets = new WeakMap<WebSocket, SendQueue>();
  readonly #connected = new WeakMap<WebSocket, Connected>();
  readonly #gone = new WeakMap<WebSocket, AbortSignal>();
  readonly #cancellable = new WeakMap<WebSocket, Map<string, AbortController>>();

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  open(client: WebSocket, socket: Socket, req: IncomingMessage): void {
    const { downloadIdleTimeoutMs } = this.#needs.config;
    const sayWhy = () => {
      const request = this.requestOf(req);
      request.log.info("dropped a subscriber that takes nothing");
      const payload = [toClientError(new SlowSubscriberError(downloadIdleTimeoutMs), request)];
      const { subscriptions = {} } = this.#connected.get(client) ?? {};
      for (const id of Object.keys(subscriptions))
        client.send(JSON.stringify({ id, type: MessageType.Error, payload }));
    };
    this.#outlets.set(client, new SendQueue(client, socket, downloadIdleTimeoutMs, sayWhy));
    const gone = new AbortController();
    this.#gone.set(client, gone.signal);
    client.once("close", () => {
      gone.abort();
    });
    client.on("message", (data: Buffer) => {
      this.#cancel(client, data);
    });
  }

  /** graphql-ws drops the response to a cancelled operation, but does not stop the operation. */
  #cancel(client: WebSocket, data: Buffer): void {
    const text = data.toString();
    if (!text.includes(`"${MessageType.Complete}"`)) return;
    const { id, type } = messageOf(text);
    if (type !== MessageType.Complete || typeof id !== "string") return;
    const operations = this.#cancellable.get(client);
    operations?.get(id)?.abort();
    operations?.delete(id);
  }

  /** Aborted when the client has gone: what it asked for may stop. */
  goneOf({ extra: { socket } }: Connected): AbortSignal {
    const gone = this.#gone.get(socket);
    if (gone == null) throw new Error("a connection that was never opened");
    return gone;
  }

  /** Begins an operation that ends as soon as the client says that it wants no answer. */
  begin(connection: Connected, id: string): Cancellable {
    const { socket } = connection.extra;
    const operations = this.#cancellable.get(socket) ?? new Map<string, AbortController>();
    this.#cancellable.set(socket, operations);
    const own = new AbortController();
    operations.set(id, own);
    const ends = joinSignals([this.goneOf(connection), own.signal]);
    const forget = () => {
      ends.release();
      // After its end the client may have given the id to another one.
      if (operations.get(id) === own) operations.delete(id);
    };
    return { signal: ends.signal, forget };
  }

  /** Authenticates a new connection; it ends when the credentials expire. */
  async admit({ extra: { socket: client, request }, connectionParams }: Admitted): Promise<boolean> {
    try {
      const viewer = await this.#needs.viewers.ofConnection(request, connectionParams);
      const forget = atExpiry(viewer, () => {
        client.close(unauthorized, "The token has expired");
      });
      client.once("close", forget);
      return true;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      client.close(
        error.code === "RATE_LIMITED" ? tryAgainLater : unauthorized,
        error.message.slice(0, reasonMax),
      );
      return false;
    }
  }

  /**
   * Of a connection that was admitted; found out again each time, since a key may have been revoked.
   * @throws {UnauthenticatedError}
   */
  viewerOf({ extra: { request }, connectionParams }: Admitted): Viewer | Promise<Viewer> {
    return this.#needs.viewers.ofConnection(request, connectionParams);
  }

  requestOf(req: IncomingMessage): LoggedRequest {
    const request = this.#requests.get(req) ?? this.#needs.requestOf(req);
    this.#requests.set(req, request);
    return request;
  }

  /** Remembers who has operations under way. */
  outletOf(connection: Connected): SendQueue | undefined {
    this.#connected.set(connection.extra.socket, connection);
    return this.#outlets.get(connection.extra.socket);
  }
}

/** The context of what graphql-ws "executes": the answer is there already. */
interface Answered {
  readonly answer: ExecutionResult | Answers;
  readonly outlet: SendQueue | undefined;
}

// The context is the one that is given to graphql-ws below.
const resultIn = ({ contextValue }: ExecutionArgs) => {
  const { answer, outlet } = contextValue as Answered;
  return isSubscription(answer) ? eachResult(answer, () => outlet?.room() ?? Promise.resolve()) : answer;
};

/** graphql-ws prints an error for each message that a client did not get since it has gone, which is no fault of the server. */
function ignoreLosses(client: WebSocket): void {
  const send = client.send.bind(client);
  // No caller here sends with options.
  client.send = ((data: string, done?: () => void) => {
    send(data, () => done?.());
  }) as WebSocket["send"];
}

/**
 * The graphql-transport-ws protocol at /graphql, for clients that prefer it to server-sent events. What a client
 * does not take is not produced, so a slow one makes nothing grow; one that takes nothing at all is dropped.
 */
export function acceptWebSockets(needs: Needs): WebSockets {
  const { config, admission } = needs;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: config.requestBytesMax });
  const connections = new Connections(needs);

  const answer = async (
    connection: Admitted,
    payload: unknown,
    request: LoggedRequest,
    cancellable: Cancellable,
  ) => {
    if (Object.keys(connection.subscriptions).length > operationsMax)
      throw new QueryTooComplexError(`More than ${operationsMax} operations at once on one connection`);
    const readmit = () => connections.viewerOf(connection);
    const viewer = await readmit();
    const address = admission.addressOf(connection.extra.request);
    const params = paramsFromMessage(payload, config);
    await admission.rate?.count({ actor: viewer.actor, address }, needs.documents.rootFieldsOf(params));
    const outlet = connections.outletOf(connection);
    await outlet?.room();
    // A mutation is carried out to its end, and an event's answer is shared with others.
    const isQuery = needs.documents.typeOf(params) === OperationTypeNode.QUERY;
    const signal = isQuery ? cancellable.signal : connections.goneOf(connection);
    const scope = needs.viewers.scopeOf(viewer, params.query);
    const call: Call = { ...request, params, viewer, address, gone: endOf(signal), scope, readmit };
    const answer = await watchedMessage(needs.monitor, call, () => needs.graphql.answer(call));
    // Nothing was executed: the document is wrong, or asks for too much.
    if (!isSubscription(answer) && call.operation == null) return answer.errors ?? [];
    const { query = "", operationName } = params;
    const contextValue: Answered = { answer, outlet };
    return { schema: needs.schema, document: needs.documents.parse(query), operationName, contextValue };
  };

  const ending = useServer<Record<string, unknown>, { request: IncomingMessage }>(
    {
      onConnect: (connection) => connections.admit(connection),
      onSubscribe: async (connection, id, payload) => {
        const request = connections.requestOf(connection.extra.request);
        const cancellable = connections.begin(connection, id);
        try {
          return await answer(connection, payload, request, cancellable);
        } catch (error) {
          return [toClientError(error, request)];
        } finally {
          cancellable.forget();
        }
      },
      execute: resultIn,
      subscribe: resultIn,
    },
    sockets,
    // Outlets do that.
    0,
  );

  let isClosing = false;
  /** @throws {RequestRefusedError} */
  const admit = (req: IncomingMessage) => {
    needs.checkConnection(req);
    checkFraming(req);
    admission.checkHost(req);
    admission.checkOrigin(req);
    if (req.url?.split("?", 1)[0] !== "/graphql") throw badRequest("WebSockets are at /graphql");
    if (isClosing || sockets.clients.size >= config.webSocketsMax)
      throw new RequestRefusedError(
        "RATE_LIMITED",
        isClosing ? "The server is stopping" : "Too many WebSockets are open; try again later",
        { status: 503, headers: { "retry-after": "1" } },
      );
  };

  return {
    upgrade(req, socket, head) {
      try {
        admit(req);
      } catch (error) {
        refuse(socket, error, needs);
        return;
      }
      sockets.handleUpgrade(req, socket, head, (client) => {
        // Node's server has no others.
        if (!(socket instanceof Socket)) throw new Error("an upgrade that is no network connection");
        ignoreLosses(client);
        connections.open(client, socket, req);
        sockets.emit("connection", client, req);
      });
    },
    close() {
      isClosing = true;
      for (const client of sockets.clients) client.close(1001, "the server is stopping");
      void ending.dispose();
    },
  };
}

function refuse(socket: Duplex, error: unknown, { common }: Pick<Needs, "common">): void {
  if (error instanceof RequestRefusedError)
    refuseUpgrade(socket, error.status, error.message, { ...common, ...error.headers });
  else refuseUpgrade(socket, 500, "Unexpected error.", common);
}
