import { CombinedGraphQLErrors, ServerError } from "@apollo/client/errors";

/** The API's code of a failure; null when it has none, as without a server. */
export function codeOf(error: unknown): string | null {
  const code = CombinedGraphQLErrors.is(error) ? error.errors[0]?.extensions?.["code"] : undefined;
  return typeof code === "string" ? code : null;
}

/** What to tell people of a failure. */
export function explain(error: unknown): string {
  if (CombinedGraphQLErrors.is(error)) {
    const message = error.errors[0]?.message ?? error.message;
    const code = codeOf(error);
    // The API's own sentence is about headers.
    if (code === "UNAUTHENTICATED") return "Sign in first";
    return code === "FORBIDDEN" ? `You may not do this. ${message}` : message;
  }
  if (ServerError.is(error)) return `The server answered with ${error.statusCode}`;
  // Fetch rejects with nothing but this when nobody answers.
  if (error instanceof TypeError) return "The server cannot be reached";
  return error instanceof Error ? error.message : String(error);
}
