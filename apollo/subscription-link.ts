import { ApolloLink, Observable } from "@apollo/client";
import { CombinedGraphQLErrors, toErrorLike } from "@apollo/client/errors";
import { print, type GraphQLFormattedError } from "graphql";
import type { RequestParams } from "graphql-sse";
import { authorizationOf, type Token } from "./token.ts";

export interface SubscriptionLinkOptions {
  /** Where the API is; absolute, and `http` for WebSockets too. */
  readonly url: string;
  /**
   * WebSockets need the package graphql-ws and share one connection; server-sent events need graphql-sse and get through
   * any proxy, but a browser has six connections of HTTP/1.1 for all its tabs, and each subscription holds one.
   * WebSockets when left out, where there are any.
   */
  readonly transport?: "websocket" | "sse";
  readonly token?: Token;
  /** For Node before 22, which has none: `import { WebSocket } from "ws"`. */
  readonly webSocketImpl?: unknown;
}

/** A WebSocket has ended. */
export class ConnectionClosedError extends Error {
  override readonly name = "ConnectionClosedError";
  /** As in RFC 6455 section 7.4; 4401 when the token has expired or is not believed. */
  readonly code: number;

  constructor(code: number, reason: string) {
    super(`The connection was closed: ${code} ${reason}`.trim());
    this.code = code;
  }
}

/** The common part of both packages' clients. */
interface Source {
  subscribe(
    request: RequestParams,
    sink: {
      next: (result: ApolloLink.Result) => void;
      error: (error: unknown) => void;
      complete: () => void;
    },
  ): () => void;
}

/**
 * Subscriptions. A lost connection ends them with an error and they are not begun again, as that would leave out what
 * happened meanwhile: `followChanges` goes on where it was.
 */
export function createSubscriptionLink(options: SubscriptionLinkOptions): ApolloLink {
  let source: Promise<Source> | undefined;
  return new ApolloLink(
    (operation) =>
      new Observable((observer) => {
        let end: (() => void) | undefined;
        let isOver = false;
        const fail = (error: unknown) => {
          observer.error(errorOf(error));
        };
        source ??= openSource(options).catch((error: unknown) => {
          // A failed load may succeed the next time.
          source = undefined;
          throw error;
        });
        source.then((opened) => {
          if (isOver) return;
          const { query, variables, operationName } = operation;
          end = opened.subscribe(
            { query: print(query), variables, ...(operationName == null ? {} : { operationName }) },
            {
              next: (result) => {
                observer.next(result);
              },
              error: fail,
              complete: () => {
                observer.complete();
              },
            },
          );
        }, fail);
        return () => {
          isOver = true;
          end?.();
        };
      }),
  );
}

/** Loaded when the first one subscribes, so that who has only one of the packages needs not the other. */
function openSource({ url, transport, token, webSocketImpl }: SubscriptionLinkOptions): Promise<Source> {
  const hasSockets = webSocketImpl != null || typeof WebSocket !== "undefined";
  const authorization = () => authorizationOf(token);
  return (transport ?? (hasSockets ? "websocket" : "sse")) === "sse"
    ? openEvents(url, authorization)
    : openSocket(url, authorization, webSocketImpl);
}

type Authorization = () => Promise<{ authorization?: string }>;

async function openEvents(url: string, headers: Authorization): Promise<Source> {
  const { createClient } = await import("graphql-sse");
  const client = createClient({ url, headers, retryAttempts: 0 });
  // Its results are those of GraphQL over HTTP, as Apollo's are.
  return client as unknown as Source;
}

async function openSocket(
  url: string,
  connectionParams: Authorization,
  webSocketImpl: unknown,
): Promise<Source> {
  const { createClient } = await import("graphql-ws");
  const client = createClient({
    url: url.replace(/^http/, "ws"),
    connectionParams,
    retryAttempts: 0,
    ...(webSocketImpl == null ? {} : { webSocketImpl }),
  });
  return client;
}

/** Errors of GraphQL come as a list, the end of a socket as an event with a code and a reason. */
function errorOf(error: unknown): unknown {
  // Only graphql-ws gives lists, and only of these.
  if (Array.isArray(error)) return new CombinedGraphQLErrors({ errors: error as GraphQLFormattedError[] });
  if (error instanceof Error) return error;
  const { code, reason } = (error ?? {}) as { code?: unknown; reason?: unknown };
  return typeof code === "number"
    ? new ConnectionClosedError(code, typeof reason === "string" ? reason : "")
    : toErrorLike(error);
}
