import type { ApolloClient } from "@apollo/client";
import { RevertEntityDocument, UndoTransactionDocument } from "./generated/graphql.ts";
import { mutate, type Said, type SaidOfOne } from "./mutate.ts";

/** Takes back all that a transaction changed; undo what comes back to have it again. */
export const undoTransaction = async (client: ApolloClient, id: string, said: Said = {}) =>
  (await mutate(client, UndoTransactionDocument, { id, ...said })).undoTransaction;

/** An earlier version's state and file, as the next version. */
export const revertEntity = async (
  client: ApolloClient,
  id: string,
  toVersion: number,
  said: SaidOfOne = {},
) => (await mutate(client, RevertEntityDocument, { id, toVersion, ...said })).revertEntity;
