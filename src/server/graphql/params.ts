import type { GraphQLParams } from "graphql-yoga";
import { badRequest, RequestRefusedError } from "../errors.ts";
import { isNestedDeeper } from "./nesting.ts";
import type { Config } from "../../config/config.ts";
import { QueryTooComplexError } from "../../errors.ts";

type Limits = Pick<Config, "queryBytesMax" | "queryDepthMax">;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function checkDocument(query: string, { queryBytesMax, queryDepthMax }: Limits) {
  // graphql-js's `maxTokens` counts no comments, so bytes are bounded, and before it parses them.
  if (query.length > queryBytesMax || Buffer.byteLength(query) > queryBytesMax) {
    throw new QueryTooComplexError(`The GraphQL document is longer than the ${queryBytesMax} bytes allowed`);
  }
  if (isNestedDeeper(query, queryDepthMax)) {
    throw new QueryTooComplexError(
      `The GraphQL document nests brackets deeper than the ${queryDepthMax} levels allowed`,
    );
  }
}

/** Whether a hash or an id stands for the document: Apollo's persisted queries, GraphQL over HTTP's `documentId`. */
const asksByHash = ({ query, extensions, documentId }: Record<string, unknown>) =>
  (query == null || query === "") &&
  (documentId != null || (isObject(extensions) && extensions["persistedQuery"] != null));

/**
 * Apollo's and urql's clients know this message, send the document itself, and stop sending hashes. Apollo's servers
 * answer with 200, and some clients do not read the errors of another status.
 */
const notSupported = () =>
  new RequestRefusedError("PERSISTED_QUERY_NOT_SUPPORTED", "PersistedQueryNotSupported", {
    headers: { "cache-control": "no-store" },
  });

const names = new Set(["query", "variables", "operationName", "extensions"]);

/** @throws {RequestRefusedError} for parameters that GraphQL over HTTP (section 5.1) does not know, or of another type */
function checkParams(params: unknown, limits: Limits): GraphQLParams {
  if (Array.isArray(params))
    throw badRequest("Batches of operations are not supported; send them one by one");
  if (!isObject(params)) throw badRequest("A GraphQL request must be a JSON object");
  const { query, operationName } = params;
  if (asksByHash(params)) throw notSupported();
  if (typeof query !== "string") throw badRequest('"query" must be a string: the GraphQL document');
  if (operationName != null && typeof operationName !== "string") {
    throw badRequest('"operationName" must be a string');
  }
  for (const name of ["variables", "extensions"])
    if (params[name] != null && !isObject(params[name]))
      throw badRequest(
        `"${name}" must be a JSON object, got ${Array.isArray(params[name]) ? "an array" : `a ${typeof params[name]}`}`,
      );
  const unknown = Object.keys(params).find((name) => !names.has(name) && params[name] != null);
  if (unknown != null)
    throw badRequest(
      `"${unknown.slice(0, 100)}" is no parameter of a GraphQL request; there are ${[...names].join(", ")}`,
    );
  checkDocument(query, limits);
  return params;
}

function parseJson(text: string, what: string, { queryDepthMax }: Limits): unknown {
  if (isNestedDeeper(text, queryDepthMax)) {
    throw badRequest(`${what} nests deeper than the ${queryDepthMax} levels allowed`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    // The parser's message quotes the source; variables must not reach a log or another client.
    throw badRequest(`${what} is not valid JSON`, { cause: error });
  }
}

/** @throws {RequestRefusedError} @throws {QueryTooComplexError} */
export function paramsFromJson(text: string, limits: Limits, what = "The request body"): GraphQLParams {
  return checkParams(parseJson(text, what, limits), limits);
}

/** From a WebSocket's message, whose length is bounded already. */
export const paramsFromMessage = (payload: unknown, limits: Limits): GraphQLParams =>
  checkParams(payload, limits);

/** From a GET request's URL or a body of type application/x-www-form-urlencoded. */
export function paramsFromForm(form: URLSearchParams, limits: Limits): GraphQLParams {
  const json = (name: string) => {
    const text = form.get(name);
    return text == null || text === "" ? undefined : parseJson(text, `"${name}"`, limits);
  };
  const params = {
    query: form.get("query") ?? undefined,
    operationName: form.get("operationName") || undefined,
    variables: json("variables"),
    extensions: json("extensions"),
    ...(form.has("documentId") && !form.get("query") && { documentId: form.get("documentId") }),
  };
  return checkParams(params, limits);
}
