import { ApolloLink, type ApolloCache, type Observable } from "@apollo/client";
import { OperationTypeNode } from "graphql";
import { of, switchMap } from "rxjs";
import { forgetAll } from "./changes.ts";
import { heardBy, transactionNumber } from "./heard.ts";

/** How often one operation is asked again while others keep writing. */
const attemptsMax = 4;
/** Milliseconds without a change after which an old answer is made good, and after which that is done in any case. */
const [quietMs, settleMsMax] = [500, 5000];

/**
 * Fetches again where a response is older than a change that the cache has received: written over the newer state, it
 * would stay. Where others write faster than the server answers, the last response is shown, and the cache fetches
 * everything once more as soon as they pause.
 */
export const createFreshLink = (): ApolloLink =>
  new ApolloLink((operation, forward) => {
    if (operation.operationType !== OperationTypeNode.QUERY) return forward(operation);
    const { cache } = operation.client;
    const ask = (attempt: number): Observable<ApolloLink.Result> =>
      forward(operation).pipe(
        switchMap((result) => {
          if (!isOlder(result, cache)) return of(result);
          if (attempt < attemptsMax) return ask(attempt + 1);
          settleLater(cache);
          return of(result);
        }),
      );
    return ask(1);
  });

/** Of which moment an answer is, its extensions say; nothing where the viewer may not read. */
function isOlder({ extensions }: ApolloLink.Result, cache: ApolloCache): boolean {
  const read = transactionNumber(extensions?.["transactionId"]);
  return read != null && read < heardBy(cache);
}

const settling = new WeakSet<ApolloCache>();

function settleLater(cache: ApolloCache): void {
  if (settling.has(cache)) return;
  settling.add(cache);
  const wait = (heard: number, waitedMs: number) =>
    setTimeout(() => {
      const now = heardBy(cache);
      if (now !== heard && waitedMs < settleMsMax) {
        wait(now, waitedMs + quietMs);
        return;
      }
      settling.delete(cache);
      forgetAll(cache);
    }, quietMs);
  wait(heardBy(cache), quietMs);
}
