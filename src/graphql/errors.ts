import { GraphQLError } from "graphql";
import type { Logger } from "pino";
import { AppError, httpStatusOf, OutcomeUnknownError, type ErrorCode } from "../errors.ts";
import { InvalidInputError } from "./inputs/errors.ts";

/** Whose error it is, so that the answer and the log line can be matched. */
export interface FailedRequest {
  readonly requestId: string;
  /** Carries the request's id. */
  readonly log: Logger;
  /** Whether a message may not say what the client may have meant, which would tell the schema name by name. */
  readonly hidesSuggestions?: boolean;
}

/** Characters; a message quotes the client's own text, which can be as long as the whole request. */
const messageCharsMax = 500;

/** An `originalError` chain is two or three long; a cycle must not hang the server. */
const chainMax = 10;

// Not `instanceof GraphQLError`: two copies of graphql-js in one process make that false.
const isGraphQLError = (error: unknown): error is GraphQLError =>
  error instanceof Error && error.name === "GraphQLError";

function findAppError(error: unknown): AppError | undefined {
  let cause = error;
  for (let depth = 0; depth < chainMax; depth++) {
    if (cause instanceof AppError) return cause;
    if (!isGraphQLError(cause)) return undefined;
    cause = cause.originalError;
  }
  return undefined;
}

/**
 * Whether the document or its variables are wrong, rather than our code. graphql-js makes such errors:
 * - parsing, validating, and Yoga's checks of the request: without path and original error;
 * - a variable that a scalar refuses: without path, pointing at the variable's definition;
 * - an argument that a scalar refuses: below a field, its original error pointing at the argument.
 * An output value that a scalar cannot serialise looks like the last, but points nowhere: a bug of the server.
 */
function isClientsFault(error: GraphQLError): boolean {
  const { path, nodes, originalError, extensions } = error;
  // Yoga marks what was thrown without being an Error at all.
  if (extensions["unexpected"] === true) return false;
  if (path == null) return originalError == null || nodes != null;
  return isGraphQLError(originalError) && originalError.nodes != null;
}

/** Keeps where the error is, drops what it came from: a stack or a cause must never be serialised. */
function answer(
  message: string,
  located: GraphQLError | undefined,
  code: ErrorCode,
  extensions: Readonly<Record<string, unknown>>,
  retryAfterSeconds?: number,
): GraphQLError {
  const text = message.length > messageCharsMax ? `${message.slice(0, messageCharsMax)}…` : message;
  // `spec`: a client that accepts only application/json gets 200 (GraphQL over HTTP, section 6.4.1), since
  // libraries of that time give up on another status before they look for `errors`.
  const status = httpStatusOf[code];
  const headers = {
    ...(status === 401 ? { "www-authenticate": "Bearer" } : {}),
    ...(retryAfterSeconds == null ? {} : { "retry-after": String(retryAfterSeconds) }),
  };
  const some = Object.keys(headers).length === 0 ? {} : { headers };
  const http = { status, spec: true, ...some, ...httpOf(located) };
  return new GraphQLError(text, {
    nodes: located?.nodes ?? null,
    source: located?.source ?? null,
    positions: located?.positions ?? null,
    path: located?.path ?? null,
    extensions: { ...extensions, code, http },
  });
}

/** Status and headers that Yoga already gave its own error, such as 405 with `Allow`. */
function httpOf(located: GraphQLError | undefined): object {
  if (located == null || located.originalError != null) return {};
  const http = located.extensions["http"];
  // Typed as an object, but anybody may have put anything there.
  return typeof http === "object" ? { ...http } : {};
}

/** graphql-js ends a message with it, where it has a guess. */
const withoutSuggestion = (message: string) => message.replace(/ Did you mean .*\?$/s, "");

/** Shows an expected failure with its code, and hides and logs everything else. Never throws. */
export function toClientError(
  error: unknown,
  { requestId, log, hidesSuggestions = false }: FailedRequest,
): GraphQLError {
  const located = isGraphQLError(error) ? error : undefined;
  const expected = findAppError(error);
  if (expected) {
    const { code, details, retryAfterSeconds } = expected;
    if (expected instanceof OutcomeUnknownError)
      log.error({ err: expected, path: located?.path }, "the outcome of a commit is unknown");
    const message =
      hidesSuggestions && expected instanceof InvalidInputError ? expected.withoutHint : expected.message;
    return answer(message, located, code, details, retryAfterSeconds);
  }
  if (located && isClientsFault(located)) {
    const message = hidesSuggestions ? withoutSuggestion(located.message) : located.message;
    return answer(message, located, "BAD_USER_INPUT", {});
  }

  const cause = located?.originalError ?? error;
  log.error({ err: cause, path: located?.path }, "unexpected error");
  return answer("Unexpected error.", located, "INTERNAL_SERVER_ERROR", { requestId });
}
