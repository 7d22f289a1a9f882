import type { ApolloClient, OperationVariables, TypedDocumentNode } from "@apollo/client";
import { applyMutation } from "./transaction.ts";
import type { UploadContext } from "./upload-link.ts";

/** The common options of every change. */
export interface Said {
  /** Why; kept with the transaction. */
  readonly reason?: string;
}

/** Of one entity that another client may have changed in the meantime. */
export interface SaidOfOne extends Said {
  /** The version that was seen; refused with VERSION_CONFLICT when it is no longer so. */
  readonly ifVersion?: number;
}

/** A mutation's fields are null only where they fail. */
type Done<Data> = { [Field in keyof Data]: NonNullable<Data[Field]> };

/** @throws {CombinedGraphQLErrors} whose `codeOf` says what kind of failure it is */
export async function mutate<Data, Variables extends OperationVariables>(
  client: ApolloClient,
  mutation: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  context?: UploadContext,
): Promise<Done<Data>> {
  const { data, error } = await client.mutate({
    mutation,
    // Apollo asks for variables or none by the type of each document; here is one of them all.
    variables,
    update: applyMutation,
    ...(context == null ? {} : { context: { ...context } }),
  } as ApolloClient.MutateOptions<Data, Variables>);
  // An app whose `errorPolicy` is not the usual one is answered with the error beside what was carried out.
  // Apollo types it by its form only.
  if (error != null) throw error as Error;
  if (data == null) throw new Error("a mutation without errors has data");
  return data as Done<Data>;
}
