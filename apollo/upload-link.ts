import { ApolloLink, HttpLink, Observable } from "@apollo/client";
import { parseAndCheckHttpResponse } from "@apollo/client/link/http";
import { print } from "graphql";
import { post, type UploadProgress } from "./transport.ts";
import { bytesOf, extractFiles, uploadForm, type Extracted } from "./upload-form.ts";

export interface UploadLinkOptions {
  /** Where the API is. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly credentials?: RequestCredentials;
  /** For all requests; uploads otherwise go by XMLHttpRequest where there is one. */
  readonly fetch?: typeof fetch;
}

/** The options for this link in the `context` of an operation. */
export interface UploadContext {
  readonly headers?: Readonly<Record<string, string>>;
  readonly onProgress?: (progress: UploadProgress) => void;
  /** As for `HttpLink`: `signal` ends the request, and the server keeps nothing of it. */
  readonly fetchOptions?: { readonly signal?: AbortSignal };
}

/** The server asks for it where a page of another site could have sent the same unasked (CSRF). */
const preflight = { "apollo-require-preflight": "1" };

/**
 * Sends operations: those with files anywhere in their variables as GraphQL multipart requests, the others as
 * `HttpLink` does. It ends a chain of links.
 */
export function createUploadLink(options: UploadLinkOptions): ApolloLink {
  const { url, headers, credentials, fetch: fetcher } = options;
  const plain = new HttpLink({
    uri: url,
    headers: { ...preflight, ...headers },
    ...(credentials == null ? {} : { credentials }),
    ...(fetcher == null ? {} : { fetch: fetcher }),
  });
  return new ApolloLink((operation, forward) => {
    const extracted = extractFiles(operation.variables, "variables");
    return extracted.files.size === 0
      ? plain.request(operation, forward)
      : upload(operation, extracted, options);
  });
}

function upload(operation: ApolloLink.Operation, { rest, files }: Extracted, options: UploadLinkOptions) {
  // Uploads give their options in the context.
  const context = operation.getContext() as UploadContext;
  const { query, operationName, extensions } = operation;
  const body = {
    query: print(query),
    ...(operationName == null ? {} : { operationName }),
    variables: rest,
    ...(Object.keys(extensions).length === 0 ? {} : { extensions }),
  };
  return new Observable<ApolloLink.Result>((observer) => {
    const ending = new AbortController();
    const asked = context.fetchOptions?.signal;
    const end = () => {
      ending.abort(asked?.reason);
    };
    asked?.addEventListener("abort", end, { once: true });
    if (asked?.aborted === true) end();
    const request = {
      url: options.url,
      headers: {
        accept: "application/graphql-response+json, application/json;q=0.9",
        ...preflight,
        ...options.headers,
        ...context.headers,
      },
      form: uploadForm(body, files),
      bytes: bytesOf(files),
      signal: ending.signal,
      onProgress: context.onProgress,
      credentials: options.credentials,
    };
    post(request, options.fetch)
      .then(parseAndCheckHttpResponse(operation))
      .then((result: ApolloLink.Result) => {
        observer.next(result);
        observer.complete();
      })
      .catch((error: unknown) => {
        observer.error(error);
      });
    return () => {
      asked?.removeEventListener("abort", end);
      ending.abort();
    };
  });
}
