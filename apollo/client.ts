import { ApolloClient, ApolloLink, InMemoryCache, type ApolloCache } from "@apollo/client";
import { OperationTypeNode } from "graphql";
import { createFreshLink } from "./fresh-link.ts";
import { possibleTypes } from "./generated/possible-types.ts";
import { createRefillLink } from "./refill-link.ts";
import { createSeenLink } from "./seen-link.ts";
import { createSubscriptionLink, type SubscriptionLinkOptions } from "./subscription-link.ts";
import { createTokenLink, type Token } from "./token.ts";
import { applyMutation } from "./transaction.ts";
import { typePolicies } from "./type-policies.ts";
import { createUnauthenticatedLink, type OnUnauthenticated } from "./unauthenticated.ts";
import { createUploadLink } from "./upload-link.ts";

export interface ColanClientOptions {
  /** Where the API is, such as `https://media.example/graphql`; in browsers it may be relative to the page. */
  readonly url: string;
  readonly token?: Token;
  readonly onUnauthenticated?: OnUnauthenticated;
  /** How subscriptions come. */
  readonly transport?: SubscriptionLinkOptions["transport"];
  /** For Node before 22: `import { WebSocket } from "ws"`. */
  readonly webSocketImpl?: unknown;
  readonly fetch?: typeof fetch;
  readonly credentials?: RequestCredentials;
  /** Instead of `createCache()`. */
  readonly cache?: ApolloCache;
  /** As of `ApolloClient`; a `mutate.update` of one's own is in the place of the kit's. */
  readonly defaultOptions?: ApolloClient.DefaultOptions;
}

/** A cache that knows the API's lists. */
export const createCache = (): InMemoryCache => new InMemoryCache({ typePolicies, possibleTypes });

/**
 * A client of one server: lists as pages, uploads, subscriptions, and a cache that stays true after the mutations
 * whose transaction has the fragment `Changes`.
 */
export function createColanClient(options: ColanClientOptions): ApolloClient {
  const { token, onUnauthenticated, transport, webSocketImpl, fetch, credentials, defaultOptions } = options;
  const url = absolute(options.url);
  const subscriptions = createSubscriptionLink({
    url,
    ...(token == null ? {} : { token }),
    ...(transport == null ? {} : { transport }),
    ...(webSocketImpl == null ? {} : { webSocketImpl }),
  });
  const requests = createFreshLink().concat(
    createRefillLink(),
    createTokenLink(token),
    createSeenLink(),
    createUploadLink({
      url,
      ...(fetch == null ? {} : { fetch }),
      ...(credentials == null ? {} : { credentials }),
    }),
  );
  const link = ApolloLink.split(
    ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
    subscriptions,
    requests,
  );
  return new ApolloClient({
    link: onUnauthenticated == null ? link : createUnauthenticatedLink(onUnauthenticated).concat(link),
    cache: options.cache ?? createCache(),
    defaultOptions: { ...defaultOptions, mutate: { update: applyMutation, ...defaultOptions?.mutate } },
  });
}

const absolute = (url: string): string =>
  typeof document === "undefined" ? new URL(url).href : new URL(url, document.baseURI).href;
