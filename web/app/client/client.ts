import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from "@apollo/client";
import { CombinedGraphQLErrors, ServerError } from "@apollo/client/errors";
import { ErrorLink } from "@apollo/client/link/error";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { OperationTypeNode } from "graphql";
import { createClient as createSocket } from "graphql-ws";
import { possibleTypes } from "../../../apollo/generated/possible-types.ts";
import { createUploadLink, hasFile } from "./upload-link.ts";

interface Settings {
  /** A JSON Web Token or API key; null for none. */
  readonly token: string | null;
  /** Called when the server wants to know who is asking, or does not believe it. */
  readonly onRefused: (message: string, isChange: boolean) => void;
  /** Called when changes begin to be told, at first and after an interruption: what came before has been missed. */
  readonly onConnected: () => void;
}

/** Below a proxy's path too. */
const url = new URL("graphql", document.baseURI);

const isSubscription = ({ operationType }: ApolloLink.Operation) =>
  operationType === OperationTypeNode.SUBSCRIPTION;

function createRefusalLink(onRefused: Settings["onRefused"]) {
  return new ErrorLink(({ error, operation }) => {
    const isChange = operation.operationType === OperationTypeNode.MUTATION;
    if (CombinedGraphQLErrors.is(error)) {
      const refusal = error.errors.find(({ extensions }) => extensions?.["code"] === "UNAUTHENTICATED");
      if (refusal != null) onRefused(refusal.message, isChange);
    } else if (ServerError.is(error) && error.statusCode === 401)
      onRefused("The token was refused", isChange);
  });
}

/** Not server-sent events: a browser has six connections for all its tabs, and each of them would hold one. */
function createLiveLink(headers: Readonly<Record<string, string>>, onConnected: () => void) {
  const socket = createSocket({
    url: url.href.replace(/^http/, "ws"),
    connectionParams: headers,
    retryAttempts: Infinity,
    shouldRetry: () => true,
    on: { connected: onConnected },
  });
  return new GraphQLWsLink(socket);
}

/** Pages and the past have no ids: what two queries ask of the same is one. */
const typePolicies = {
  EntityPage: { keyFields: false },
  Snapshot: { merge: true },
  Query: { fields: { timeline: { merge: false } } },
} as const;

/** The API as one viewer uses it. */
export function createClient({ token, onRefused, onConnected }: Settings): ApolloClient {
  const own: Record<string, string> = token == null ? {} : { authorization: `Bearer ${token}` };
  // A page of another site cannot send it unasked.
  const headers = { "apollo-require-preflight": "1", ...own };
  const ask = new HttpLink({ uri: url.href, headers });
  const send = ApolloLink.split(hasFile, createUploadLink(url, headers), ask);
  const link = ApolloLink.split(isSubscription, createLiveLink(own, onConnected), send);
  return new ApolloClient({
    link: createRefusalLink(onRefused).concat(link),
    // What was seen before is shown at once, and asked for again: others, or this viewer elsewhere, have changed it.
    defaultOptions: { watchQuery: { fetchPolicy: "cache-and-network", nextFetchPolicy: "cache-first" } },
    cache: new InMemoryCache({ possibleTypes, typePolicies }),
  });
}
