import type { ApolloClient } from "@apollo/client";
import {
  CreateCollectionDocument,
  UpdateEntitiesDocument,
  UpdateEntityDocument,
  type CreateCollectionInput,
  type UpdateEntityInput,
} from "./generated/graphql.ts";
import { mutate, type Said, type SaidOfOne } from "./mutate.ts";

export const createCollection = async (client: ApolloClient, input: CreateCollectionInput, said: Said = {}) =>
  (await mutate(client, CreateCollectionDocument, { input, ...said })).createCollection;

/** Changes label, description or place; what is left out stays. */
export const updateEntity = async (
  client: ApolloClient,
  id: string,
  input: UpdateEntityInput,
  said: SaidOfOne = {},
) => (await mutate(client, UpdateEntityDocument, { id, input, ...said })).updateEntity;

/** The same change to many, all of them or none. */
export const updateEntities = async (
  client: ApolloClient,
  ids: readonly string[],
  input: UpdateEntityInput,
  said: Said = {},
) => (await mutate(client, UpdateEntitiesDocument, { ids: [...ids], input, ...said })).updateEntities;

/** @param parentId the collection to move them into; null for the top */
export const moveEntities = (
  client: ApolloClient,
  ids: readonly string[],
  parentId: string | null,
  said: Said = {},
) => updateEntities(client, ids, { parentId }, said);
