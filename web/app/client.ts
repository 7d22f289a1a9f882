import { ApolloLink, type ApolloClient } from "@apollo/client";
import { OperationTypeNode } from "graphql";
import { createColanClient } from "../../apollo/client.ts";
import { connectionLink } from "./shell/connection.ts";

interface Settings {
  /** A JSON Web Token or API key; null for none. */
  readonly token: string | null;
  /** Called when the server wants to know who is asking, or does not believe it. */
  readonly onRefused: (message: string, isChange: boolean) => void;
}

/** The API as one viewer uses it. */
export function createClient({ token, onRefused }: Settings): ApolloClient {
  const client = createColanClient({
    // Below a proxy's path too.
    url: "graphql",
    token,
    // Not server-sent events: a browser has six connections for all its tabs, and each of them would hold one.
    transport: "websocket",
    onUnauthenticated: (_error, { operationType }) => {
      // The API's own sentences are about headers and settings.
      const message =
        token == null
          ? "Sign in first"
          : "This key is not valid: it was mistyped, or it has been revoked or has expired";
      onRefused(message, operationType === OperationTypeNode.MUTATION);
      return false;
    },
    // The cached state is shown at once, and fetched again: others, or this viewer elsewhere, may have changed it.
    defaultOptions: { watchQuery: { fetchPolicy: "cache-and-network", nextFetchPolicy: "cache-first" } },
  });
  client.setLink(ApolloLink.from([connectionLink(), client.link]));
  return client;
}
