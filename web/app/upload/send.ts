import type { ApolloClient } from "@apollo/client";
import type { UploadContext } from "../../../apollo/upload-link.ts";
import { graphql } from "../generated/index.ts";
import { isUnreachable } from "../shell/connection.ts";
import { attemptsMax, type Item, type State } from "./queue.ts";
import { refusalOf, type Takes } from "./refusal.ts";

const SEND = graphql(`
  mutation AppSend($file: Upload!, $parentId: ID, $fileModifiedAt: DateTime) {
    uploadEntity(
      input: {
        file: $file
        parentId: $parentId
        fileModifiedAt: $fileModifiedAt
        onDuplicate: RETURN_EXISTING
      }
    ) {
      status
      entity {
        id
        isDeleted
        problems {
          message
        }
      }
    }
  }
`);

interface Sending {
  readonly signal: AbortSignal;
  readonly takes: Takes;
  readonly onProgress: (share: number) => void;
}

/** Browsers let a page read only what was picked, as it was. */
async function isStillThere(file: File): Promise<boolean> {
  try {
    await file.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

/** Sends one file. @returns how it ended; never rejects. */
export async function send(
  client: ApolloClient,
  { file, parentId, attempts }: Item,
  { signal, takes, onProgress }: Sending,
): Promise<State> {
  try {
    const { data } = await client.mutate({
      mutation: SEND,
      variables: { file, parentId, fileModifiedAt: new Date(file.lastModified).toISOString() },
      context: {
        fetchOptions: { signal },
        onProgress: ({ sent, total }) => onProgress(sent / total),
      } satisfies UploadContext,
      // The file would be kept with the answer.
      fetchPolicy: "no-cache",
    });
    if (data?.uploadEntity == null) throw new Error("The server gave no answer");
    const { status, entity } = data.uploadEntity;
    return status === "DUPLICATE"
      ? { kind: "duplicate", id: entity.id, isDeleted: entity.isDeleted }
      : { kind: "done", id: entity.id, problems: entity.problems.map(({ message }) => message) };
  } catch (error) {
    if (signal.aborted) return { kind: "cancelled" };
    if (!isUnreachable(error)) return refusalOf(error, takes);
    if (!(await isStillThere(file)))
      return {
        kind: "failed",
        message: "This file was changed or removed after it was picked; pick it again",
        ...{ code: null, canRetry: false },
      };
    return attempts + 1 < attemptsMax ? { kind: "interrupted" } : refusalOf(error, takes);
  }
}
