import type { TypedDocumentString } from "../generated/graphql.ts";

export interface GraphQLFailure {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: Readonly<Record<string, unknown>> & { readonly code: string };
}

export interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly data: T | null;
  readonly errors: readonly GraphQLFailure[] | undefined;
}

/** A file and where it belongs in the variables, such as `file` or `inputs.0.file`. */
export interface FilePart {
  readonly at: string;
  readonly bytes: Uint8Array;
  readonly name?: string;
}

export interface Client {
  readonly url: string;
  /** The whole answer, errors included. */
  ask<T, V>(
    document: TypedDocumentString<T, V>,
    variables?: V,
    files?: readonly FilePart[],
  ): Promise<Answer<T>>;
  /** The data of an answer without errors. */
  run<T, V>(document: TypedDocumentString<T, V>, variables?: V, files?: readonly FilePart[]): Promise<T>;
  /** The one error of an answer that has one. */
  fail<T, V>(
    document: TypedDocumentString<T, V>,
    variables?: V,
    files?: readonly FilePart[],
  ): Promise<GraphQLFailure>;
}

export function formOf(query: string, variables: unknown, files: readonly FilePart[]): FormData {
  const form = new FormData();
  form.append("operations", JSON.stringify({ query, variables }));
  form.append(
    "map",
    JSON.stringify(Object.fromEntries(files.map(({ at }, index) => [index, [`variables.${at}`]]))),
  );
  // In the order of the list: the server takes them as they come.
  files.forEach(({ bytes, name = "file" }, index) => {
    form.append(String(index), new Blob([new Uint8Array(bytes)]), name);
  });
  return form;
}

/** @param token sent with every request. */
export function clientOf(url: string, token?: string): Client {
  const own = token == null ? {} : { authorization: `Bearer ${token}` };
  const ask = async <T, V>(
    document: TypedDocumentString<T, V>,
    variables?: V,
    files: readonly FilePart[] = [],
  ): Promise<Answer<T>> => {
    const query = String(document);
    const init =
      files.length === 0
        ? {
            headers: { ...own, "content-type": "application/json" },
            body: JSON.stringify({ query, variables }),
          }
        : { headers: { ...own, "apollo-require-preflight": "1" }, body: formOf(query, variables, files) };
    const response = await fetch(`${url}/graphql`, { method: "POST", ...init });
    // The document's own types say what the data are.
    const { data, errors } = (await response.json()) as {
      data?: T | null;
      errors?: readonly GraphQLFailure[];
    };
    return { status: response.status, headers: response.headers, data: data ?? null, errors };
  };
  return {
    url,
    ask,
    run: async (document, variables, files) => {
      const { data, errors } = await ask(document, variables, files);
      if (errors != null || data == null) throw new Error(`unexpected failure: ${JSON.stringify(errors)}`);
      return data;
    },
    fail: async (document, variables, files) => {
      const { errors } = await ask(document, variables, files);
      if (errors?.length !== 1) throw new Error(`expected one error, got ${JSON.stringify(errors)}`);
      return errors[0]!;
    },
  };
}
