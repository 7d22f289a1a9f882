import { ApolloLink, type ApolloCache } from "@apollo/client";
import { tap } from "rxjs";
import { heardBy, transactionNumber } from "./heard.ts";

/** The newest transaction that an answer has shown to a cache. */
const newest = new WeakMap<ApolloCache, number>();

/** Links of the chain before it may have set others. */
interface HeadersContext {
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Tells the server which transaction the client has seen: behind a balancer, the next request may go to a server that has
 * not heard of it yet.
 */
export const createSeenLink = (): ApolloLink =>
  new ApolloLink((operation, forward) => {
    const { cache } = operation.client;
    const seen = Math.max(newest.get(cache) ?? 0, heardBy(cache));
    if (seen > 0)
      operation.setContext(({ headers }: HeadersContext) => ({
        headers: { ...headers, "colan-seen-transaction": `T${seen}` },
      }));
    return forward(operation).pipe(
      tap(({ extensions }) => {
        const read = transactionNumber(extensions?.["transactionId"]);
        if (read != null && read > (newest.get(cache) ?? 0)) newest.set(cache, read);
      }),
    );
  });
