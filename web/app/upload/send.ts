import type { ApolloClient } from "@apollo/client";
import type { UploadContext } from "../../../apollo/upload-link.ts";
import { graphql } from "../generated/index.ts";
import { codeOf, explain } from "../shell/explain.ts";
import type { Item, State } from "./queue.ts";

const SEND = graphql(`
  mutation AppSend($file: Upload!, $parentId: ID) {
    uploadEntity(input: { file: $file, parentId: $parentId, onDuplicate: RETURN_EXISTING }) {
      status
      entity {
        id
        isDeleted
      }
    }
  }
`);

/** Sends one file. @returns how it ended; never rejects. */
export async function send(
  client: ApolloClient,
  { file, parentId }: Item,
  { signal, onProgress }: { readonly signal: AbortSignal; readonly onProgress: (share: number) => void },
): Promise<State> {
  try {
    const { data } = await client.mutate({
      mutation: SEND,
      variables: { file, parentId },
      context: {
        fetchOptions: { signal },
        onProgress: ({ sent, total }) => onProgress(sent / total),
      } satisfies UploadContext,
      // The file would be kept with the answer.
      fetchPolicy: "no-cache",
    });
    if (data?.uploadEntity == null)
      return { kind: "failed", message: "The server gave no answer", code: null };
    const { status, entity } = data.uploadEntity;
    return status === "DUPLICATE"
      ? { kind: "duplicate", id: entity.id, isDeleted: entity.isDeleted }
      : { kind: "done", id: entity.id };
  } catch (error) {
    if (signal.aborted) return { kind: "cancelled" };
    return { kind: "failed", message: explain(error), code: codeOf(error) };
  }
}
