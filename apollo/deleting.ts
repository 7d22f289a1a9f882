import type { ApolloClient } from "@apollo/client";
import {
  EmptyTrashDocument,
  HardDeleteEntitiesDocument,
  RestoreEntitiesDocument,
  SoftDeleteEntitiesDocument,
} from "./generated/graphql.ts";
import { mutate, type Said } from "./mutate.ts";

/** Into the trash, with everything below. */
export const softDeleteEntities = async (client: ApolloClient, ids: readonly string[], said: Said = {}) =>
  (await mutate(client, SoftDeleteEntitiesDocument, { ids: [...ids], ...said })).softDeleteEntities;

/** Out of the trash, with what was deleted with them. */
export const restoreEntities = async (client: ApolloClient, ids: readonly string[], said: Said = {}) =>
  (await mutate(client, RestoreEntitiesDocument, { ids: [...ids], ...said })).restoreEntities;

/** For good, with versions and files. @param recursive whether the content of collections is destroyed too */
export const hardDeleteEntities = async (
  client: ApolloClient,
  ids: readonly string[],
  { recursive = false }: { readonly recursive?: boolean } = {},
) => (await mutate(client, HardDeleteEntitiesDocument, { ids: [...ids], recursive })).hardDeleteEntities;

/** @param deletedBefore RFC 3339: only what was deleted before */
export const emptyTrash = async (
  client: ApolloClient,
  { deletedBefore }: { readonly deletedBefore?: string } = {},
) => (await mutate(client, EmptyTrashDocument, deletedBefore == null ? {} : { deletedBefore })).emptyTrash;
