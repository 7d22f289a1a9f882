import type { Fetcher, FetcherOpts, FetcherParams, Observable } from "@graphiql/toolkit";
import {
  GraphQLError,
  Kind,
  OperationTypeNode,
  parse,
  type ExecutionResult,
  type OperationDefinitionNode,
} from "graphql";
import type { Attachments } from "./attachments.ts";
import { readEvents } from "./event-stream.ts";
import { formOf } from "./multipart.ts";
import { isOfOperation } from "./upload-paths.ts";

type Headers = Readonly<Record<string, string>>;
type Result = ExecutionResult<Record<string, unknown>, Record<string, unknown>>;

/** The only one of the three forms that GraphiQL uses. */
interface Observer {
  readonly next: (result: Result) => void;
  readonly error: (reason: unknown) => void;
  readonly complete: () => void;
}

/** A running operation gives results as they come, until it ends or `signal` is aborted. */
type Exchange = (give: (result: Result) => void, signal: AbortSignal) => Promise<void>;

const graphqlTypes = "application/graphql-response+json, application/json";

/** The server asks for one of these names where a page of another site could have sent the same (CSRF). */
const preflight = { "graphql-require-preflight": "1" };

/** Failures are GraphQL's JSON too; what is not comes from something between, such as a proxy. */
function parseAnswer(text: string, status: number): Result {
  try {
    // Only shown.
    return JSON.parse(text) as Result;
  } catch {
    return { errors: [new GraphQLError(`HTTP ${status}: ${text.slice(0, 1000)}`)] };
  }
}

/** The server's message about an upload without a file; it begins with the path of the file. */
const missingFile = /^([\w.]+): expected a file part of a multipart request .*, got null$/s;

/** Advice to attach a file comes before the words about null. */
function withAdvice(result: Result): Result {
  const errors = result.errors?.map((error) => {
    const [, place] = missingFile.exec(error.message) ?? [];
    if (place == null) return error;
    const advice = `Attach a file first, for "${place}": open Files below the editor and choose one.`;
    return Object.assign({}, error, { message: `${advice} (${error.message})` });
  });
  return errors == null ? result : { ...result, errors };
}

function observe(exchange: Exchange): Observable<Result> {
  const subscribe = ({ next, error, complete }: Observer) => {
    const ending = new AbortController();
    exchange(next, ending.signal).then(complete, (reason: unknown) => {
      if (!ending.signal.aborted) error(reason);
    });
    return {
      unsubscribe: () => {
        ending.abort();
      },
    };
  };
  // As said of `Observer`.
  return { subscribe: subscribe as Observable<Result>["subscribe"] };
}

interface Post {
  readonly operation: FetcherParams;
  readonly headers: Headers;
  readonly accept: string;
  readonly signal: AbortSignal;
}

async function post(url: string, { operation, headers, accept, signal }: Post): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: { accept, "content-type": "application/json", ...headers },
    body: JSON.stringify(operation),
    signal,
  });
}

/** By XMLHttpRequest: fetch does not tell how far an upload is. */
function send(
  url: string,
  form: FormData,
  { headers, signal, report }: { headers: Headers; signal: AbortSignal; report: Attachments["report"] },
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    for (const [name, value] of Object.entries({ accept: graphqlTypes, ...preflight, ...headers }))
      request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => {
      report({ sent: loaded, total });
    };
    request.onload = () => {
      resolve(parseAnswer(request.responseText, request.status));
    };
    request.onerror = () => {
      reject(new Error("The connection was lost, or the server refused the upload before it was whole"));
    };
    request.onabort = () => {
      reject(new Error("The upload was stopped"));
    };
    signal.addEventListener("abort", () => {
      request.abort();
    });
    report({ sent: 0, total: 0 });
    request.send(form);
  });
}

/**
 * The operation that is meant. GraphiQL reads the editor a moment after it has changed, so the name and document that it
 * hands over may be those of the tab before; the text is never.
 */
function operationOf({ query, operationName }: FetcherParams): OperationDefinitionNode | undefined {
  try {
    const { definitions } = parse(query);
    const operations = definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION);
    return operations.find(({ name }) => name?.value === operationName) ?? operations[0];
  } catch {
    // The server says what is wrong with it.
    return undefined;
  }
}

/** The content of the headers editor: JSON, whose values need not be strings. */
const headersOf = ({ headers }: FetcherOpts): Headers =>
  Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)]));

/** Queries, uploads with what is attached, and subscriptions as server-sent events; all of them can be stopped. */
export function createFetcher(url: string, attachments: Attachments): Fetcher {
  const follow = (operation: FetcherParams, headers: Headers) =>
    observe(async (give, signal) => {
      const response = await post(url, {
        operation,
        headers,
        accept: `text/event-stream, ${graphqlTypes}`,
        signal,
      });
      const isStream = response.headers.get("content-type")?.startsWith("text/event-stream") ?? false;
      if (!isStream || response.body == null) {
        give(parseAnswer(await response.text(), response.status));
        return;
      }
      for await (const { event, data } of readEvents(response.body)) {
        if (event === "complete") return;
        if (event === "next") give(parseAnswer(data, response.status));
      }
    });

  const upload = (operation: FetcherParams, ast: OperationDefinitionNode, headers: Headers) =>
    observe(async (give, signal) => {
      const files = attachments.get().attached.filter(({ path }) => isOfOperation(path, ast));
      try {
        const report: Attachments["report"] = (progress) => {
          attachments.report(progress);
        };
        give(await send(url, formOf(operation, files), { headers, signal, report }));
      } finally {
        attachments.report(null);
      }
    });

  const ask = (operation: FetcherParams, headers: Headers) =>
    observe(async (give, signal) => {
      const response = await post(url, { operation, headers, accept: graphqlTypes, signal });
      give(withAdvice(parseAnswer(await response.text(), response.status)));
    });

  return (params, options = {}) => {
    const headers = headersOf(options);
    const ast = operationOf(params);
    const operation = { ...params, operationName: ast?.name?.value ?? params.operationName ?? null };
    if (ast?.operation === OperationTypeNode.SUBSCRIPTION) return follow(operation, headers);
    const hasFiles = attachments.get().attached.some(({ path }) => isOfOperation(path, ast));
    return ast != null && hasFiles ? upload(operation, ast, headers) : ask(operation, headers);
  };
}
