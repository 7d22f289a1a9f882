import { CombinedGraphQLErrors, ServerError } from "@apollo/client/errors";
import { isUnreachable } from "./connection.ts";

/** The API's code of a failure; null when it has none, as without a server. */
export function codeOf(error: unknown): string | null {
  const code = CombinedGraphQLErrors.is(error) ? error.errors[0]?.extensions?.["code"] : undefined;
  return typeof code === "string" ? code : null;
}

/** The version that an entity has meanwhile, of a refused change; null for any other failure. */
export function conflictOf(error: unknown): number | null {
  if (codeOf(error) !== "VERSION_CONFLICT" || !CombinedGraphQLErrors.is(error)) return null;
  const version = error.errors[0]?.extensions?.["currentVersion"];
  return typeof version === "number" ? version : null;
}

/** Messages for people by error code; the API's own are for developers. */
const sentences: Readonly<Record<string, string>> = {
  UNAUTHENTICATED: "Sign in first",
  FORBIDDEN: "You may look at this library, but not do this",
  RATE_LIMITED: "Too much was asked at once; wait a moment and try again",
  STORAGE_FULL: "The server's disk is full",
  INTERNAL_SERVER_ERROR: "The server met an error of its own; trying again may help",
  EMPTY_FILE: "The file is empty",
  UPLOAD_ABORTED: "The file did not arrive as a whole",
  PARENT_CYCLE: "A collection cannot be moved into itself or into one that is inside it",
};

/** A failure in a sentence for people. */
export function explain(error: unknown): string {
  const code = codeOf(error);
  if (code != null) return sentences[code] ?? (error as Error).message;
  if (isUnreachable(error)) return "The server cannot be reached";
  if (ServerError.is(error)) return `The server answered with ${error.statusCode}`;
  return error instanceof Error ? error.message : String(error);
}
