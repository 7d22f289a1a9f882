import type { ApolloClient } from "@apollo/client";
import {
  ReplaceFileDocument,
  UploadEntitiesDocument,
  UploadEntityDocument,
  type UploadEntityInput,
} from "./generated/graphql.ts";
import { mutate, type SaidOfOne } from "./mutate.ts";
import type { UploadProgress } from "./transport.ts";
import type { UploadFile } from "./upload-form.ts";
import type { UploadContext } from "./upload-link.ts";

export interface UploadOptions {
  readonly onProgress?: (progress: UploadProgress) => void;
  /** Ends the upload; the server keeps nothing of a file that has not arrived. */
  readonly signal?: AbortSignal;
}

const contextOf = ({ onProgress, signal }: UploadOptions): UploadContext => ({
  ...(onProgress == null ? {} : { onProgress }),
  ...(signal == null ? {} : { fetchOptions: { signal } }),
});

/** The browser's date of a file from a disk, unless the caller has another: the last resort for its time of capture. */
function dated<T extends { readonly file: UploadFile; readonly fileModifiedAt?: unknown }>(input: T): T {
  const { file } = input;
  if (input.fileModifiedAt !== undefined || !(typeof File === "function" && file instanceof File))
    return input;
  return { ...input, fileModifiedAt: new Date(file.lastModified).toISOString() };
}

/** Stores a file. @throws as DUPLICATE_FILE and others, unless `onDuplicate` says otherwise */
export async function uploadEntity(
  client: ApolloClient,
  file: UploadFile,
  { onProgress, signal, ...said }: UploadOptions & Omit<UploadEntityInput, "file"> = {},
) {
  const context = contextOf({ ...(onProgress && { onProgress }), ...(signal && { signal }) });
  return (await mutate(client, UploadEntityDocument, { input: dated({ ...said, file }) }, context))
    .uploadEntity;
}

/** Stores many files in one request; each has its own result, and one that fails does not lose the others. */
export const uploadEntities = async (
  client: ApolloClient,
  inputs: readonly UploadEntityInput[],
  options: UploadOptions = {},
) =>
  (await mutate(client, UploadEntitiesDocument, { inputs: inputs.map(dated) }, contextOf(options)))
    .uploadEntities;

/** Gives an entity another file; the old one stays with its version. */
export async function replaceFile(
  client: ApolloClient,
  id: string,
  file: UploadFile,
  { onProgress, signal, ...said }: UploadOptions & SaidOfOne & Pick<UploadEntityInput, "fileModifiedAt"> = {},
) {
  const options = { ...(onProgress && { onProgress }), ...(signal && { signal }) };
  const variables = dated({ ...said, id, file });
  return (await mutate(client, ReplaceFileDocument, variables, contextOf(options))).replaceFile;
}
