import type { ApolloClient } from "@apollo/client";
import { WebSocket } from "ws";
import { createColanClient, type ColanClientOptions } from "../../apollo/index.ts";
import type { TestServer } from "../support/server.ts";

/** Where the API of a test's server is. */
export const apiOf = ({ url }: Pick<TestServer, "url">): string => `${url}/graphql`;

export interface Counted {
  readonly client: ApolloClient;
  /** Requests so far, subscriptions aside. */
  readonly requests: () => number;
}

/** A client as anybody makes one, which counts what it sends. */
export function openClient(
  server: Pick<TestServer, "url">,
  options: Partial<ColanClientOptions> = {},
): Counted {
  let requests = 0;
  const counting: typeof fetch = (input, init) => {
    requests++;
    return fetch(input, init);
  };
  const client = createColanClient({
    url: apiOf(server),
    fetch: counting,
    webSocketImpl: WebSocket,
    ...options,
  });
  return { client, requests: () => requests };
}
