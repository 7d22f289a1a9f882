import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { execute, getOperationAST, GraphQLError, parse, validate, type GraphQLSchema } from "graphql";
import type { Context as Connection } from "graphql-ws";
import { useServer } from "graphql-ws/use/ws";
import type { Logger } from "pino";
import { WebSocketServer } from "ws";
import { anonymous } from "../auth/viewer.ts";
import type { Config } from "../config.ts";
import { AppError, QueryTooComplexError } from "../errors.ts";
import { toClientError, type FailedRequest } from "../graphql/errors.ts";
import { checkOrigin } from "./guard.ts";
import type { HandlerNeeds } from "./handler.ts";
import { paramsFromMessage } from "./params.ts";
import { shown, subscribe } from "./subscribe.ts";

/** Operations that one connection may have under way. */
const operationsMax = 100;

interface Needs {
  readonly config: Config;
  readonly schema: GraphQLSchema;
  readonly context: HandlerNeeds["context"];
  readonly checkHost: (req: IncomingMessage) => void;
  readonly requestOf: (req: IncomingMessage) => FailedRequest & { readonly log: Logger };
}

export interface WebSockets {
  /** Ends every connection (1001, going away: RFC 6455 section 7.4.1). */
  close(): void;
}

/**
 * The graphql-transport-ws protocol at /graphql, for clients that prefer it to server-sent events. The next event
 * of a subscription is only read when the one before is on its way, so a slow client makes nothing grow.
 */
export function acceptWebSockets(server: Server, needs: Needs): WebSockets {
  const { config, schema, requestOf } = needs;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: config.requestBytesMax });
  const requests = new WeakMap<IncomingMessage, FailedRequest & { readonly log: Logger }>();
  const requestFor = ({ extra }: Connection<never, { request: IncomingMessage }>) => {
    const request = requests.get(extra.request) ?? requestOf(extra.request);
    requests.set(extra.request, request);
    return request;
  };

  const ending = useServer<never, { request: IncomingMessage }>(
    {
      onSubscribe: (connection, _id, payload) => {
        const request = requestFor(connection);
        try {
          if (Object.keys(connection.subscriptions).length > operationsMax)
            throw new QueryTooComplexError(`More than ${operationsMax} operations at once on one connection`);
          const { query, operationName, variables } = paramsFromMessage(payload, config);
          const document = parse(query);
          const errors = validate(schema, document);
          if (errors.length > 0) return errors.map((error) => toClientError(error, request));
          if (getOperationAST(document, operationName) == null)
            return [toClientError(new GraphQLError("There is no such operation in the document"), request)];
          const contextValue = needs.context({ ...request, viewer: anonymous });
          return { schema, document, operationName, variableValues: variables, contextValue };
        } catch (error) {
          return [toClientError(error, request)];
        }
      },
      execute: async (args) => {
        // The context is the one made above.
        return shown(await execute(args), args.contextValue as FailedRequest);
      },
      subscribe: async (args) => {
        const request = args.contextValue as FailedRequest;
        const result = await subscribe(args, request);
        return "next" in result ? result : shown(result, request);
      },
    },
    sockets,
  );

  server.on("upgrade", (req: IncomingMessage, socket: Duplex, head: Buffer) => {
    // A socket without this listener ends the process when its client does.
    socket.on("error", () => socket.destroy());
    try {
      if (req.url?.split("?", 1)[0] !== "/graphql") throw new GraphQLError("WebSockets are at /graphql");
      needs.checkHost(req);
      checkOrigin(req);
      if (sockets.clients.size >= config.webSocketsMax) throw new GraphQLError("Too many connections");
    } catch (error) {
      const status = error instanceof AppError ? "403 Forbidden" : "400 Bad Request";
      const reason = error instanceof Error ? error.message.replace(/[^ -~]/g, "?") : "";
      socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: text/plain\r\n\r\n${reason}\n`);
      return;
    }
    sockets.handleUpgrade(req, socket, head, (client) => sockets.emit("connection", client, req));
  });

  return {
    close() {
      for (const client of sockets.clients) client.close(1001, "the server is stopping");
      void ending.dispose();
    },
  };
}
