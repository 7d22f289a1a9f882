import type { ApolloLink } from "@apollo/client";
import { CombinedGraphQLErrors, ServerError } from "@apollo/client/errors";
import { ErrorLink } from "@apollo/client/link/error";
import { catchError, from, switchMap, throwError } from "rxjs";
import { ConnectionClosedError } from "./subscription-link.ts";

/** The code of a failure as docs/api.md lists them, of the first error; undefined for what is none of the API's. */
export function codeOf(error: unknown): string | undefined {
  if (!CombinedGraphQLErrors.is(error)) return undefined;
  const code = error.errors[0]?.extensions?.["code"];
  return typeof code === "string" ? code : undefined;
}

/** Whether the server requires authentication, or does not accept it, in any of the ways in which it says so. */
export function isUnauthenticated(error: unknown): boolean {
  if (CombinedGraphQLErrors.is(error))
    return error.errors.some(({ extensions }) => extensions?.["code"] === "UNAUTHENTICATED");
  if (ServerError.is(error)) return error.statusCode === 401;
  if (error instanceof ConnectionClosedError) return error.code === 4401;
  // graphql-sse's error has the response.
  const { response } = (error ?? {}) as { response?: { status?: unknown } };
  return response?.status === 401;
}

/**
 * Called when authentication is required and missing, or the token is not accepted.
 * @returns true when there is another token now: the operation is then tried once more.
 */
export type OnUnauthenticated = (
  error: Error,
  operation: ApolloLink.Operation,
) => boolean | undefined | Promise<boolean | undefined>;

const tried = Symbol("tried");

export function createUnauthenticatedLink(onUnauthenticated: OnUnauthenticated): ErrorLink {
  return new ErrorLink(({ error, result, operation, forward }) => {
    if (!isUnauthenticated(error) || tried in operation.getContext()) return undefined;
    operation.setContext({ [tried]: true });
    // The failure stays unless there is something better.
    const failed = () => (result == null ? throwError(() => error) : from([result]));
    return from(Promise.resolve(onUnauthenticated(error, operation))).pipe(
      catchError(() => from([false])),
      switchMap((hasAnother) => (hasAnother === true ? forward(operation) : failed())),
    );
  });
}
