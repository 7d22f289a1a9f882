import { ApolloLink, Observable } from "@apollo/client";
import { print } from "graphql";

interface Context {
  /** Ends it; nothing of it is kept. */
  readonly signal?: AbortSignal;
  /** Told how much is sent, 0 to 1. */
  readonly onProgress?: (share: number) => void;
}

/** A GraphQL multipart request: the file is a part of its own, the variable null. */
function formOf({ query, variables }: ApolloLink.Operation, file: Blob): FormData {
  const form = new FormData();
  form.set("operations", JSON.stringify({ query: print(query), variables: { ...variables, file: null } }));
  form.set("map", JSON.stringify({ 0: ["variables.file"] }));
  form.set("0", file);
  return form;
}

/** Whether the link is for an operation. */
export const hasFile = ({ variables }: ApolloLink.Operation): boolean => variables["file"] instanceof Blob;

/**
 * Sends the variable `file`. By XMLHttpRequest: fetch tells nobody how much is sent.
 * @param headers with one that makes browsers ask before a foreign page may send it.
 */
export function createUploadLink(url: URL, headers: Readonly<Record<string, string>>): ApolloLink {
  return new ApolloLink(
    (operation) =>
      new Observable((observer) => {
        // Whoever asks for an upload says so in the context; `hasFile` has seen the file.
        const { signal, onProgress } = operation.getContext() as Context;
        const file = operation.variables["file"] as Blob;
        const request = new XMLHttpRequest();
        request.open("POST", url);
        for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
        request.responseType = "json";
        request.upload.onprogress = ({ loaded, total }) => onProgress?.(loaded / total);
        request.onload = () => {
          // Null unless it is JSON.
          const answer = request.response as ApolloLink.Result | null;
          if (answer == null) observer.error(new Error(`The server answered with ${request.status}`));
          else {
            observer.next(answer);
            observer.complete();
          }
        };
        request.onerror = () => observer.error(new Error("The server cannot be reached"));
        const stop = () => {
          request.abort();
          observer.error(new DOMException("cancelled", "AbortError"));
        };
        signal?.addEventListener("abort", stop);
        request.send(formOf(operation, file));
        return () => {
          signal?.removeEventListener("abort", stop);
          request.abort();
        };
      }),
  );
}
