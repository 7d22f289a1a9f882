import type { FieldPolicy, FieldReadFunction, TypePolicies } from "@apollo/client/cache";
import { connectionPolicy } from "./connection-policy.ts";
import { pagePolicy } from "./page-policy.ts";

/** The arguments that make a list of entities another one. */
export const listKeyArgs = ["filter", "search", "orderBy", "trash"];

/** A file in the arguments must not be part of the cache's key, where it would be written out as a string. */
const files: FieldPolicy = { keyArgs: false };

/** An entity that is in the cache already, from any field, need not be fetched again. */
const entity: FieldReadFunction = (existing, { args, toReference, canRead }) => {
  if (existing !== undefined) return existing as unknown;
  const reference = toReference({ __typename: "Entity", id: String(args?.["id"]) });
  return canRead(reference) ? reference : undefined;
};

/** The same for anything with an id, whose form shows the type: `42`, `42@3`, `T17`. */
const node: FieldReadFunction = (existing, { args, toReference, canRead }) => {
  if (existing !== undefined) return existing as unknown;
  const id = String(args?.["id"]);
  const type = id.startsWith("T") ? "Transaction" : id.includes("@") ? "EntityVersion" : "Entity";
  const reference = toReference({ __typename: type, id });
  return canRead(reference) ? reference : undefined;
};

/** Has no id, and belongs to one field of one object: what two queries ask of it is one. */
const part = { merge: true } as const;

/** For `new InMemoryCache({ typePolicies, possibleTypes })`. */
export const typePolicies: TypePolicies = {
  Query: {
    fields: {
      entities: pagePolicy(listKeyArgs),
      entitiesConnection: connectionPolicy(listKeyArgs),
      entity,
      node,
      nodes: { merge: false },
      search: pagePolicy(["text", "filter", "trash"], "entity"),
      transactions: pagePolicy(["actor", "entityId"]),
      timeline: { merge: false },
      knownHashes: { merge: false },
    },
  },
  Mutation: { fields: { uploadEntity: files, uploadEntities: files, replaceFile: files } },
  Entity: {
    fields: {
      children: pagePolicy(["filter", "orderBy", "trash"]),
      versions: pagePolicy([]),
      ancestors: { merge: false },
      problems: { merge: false },
    },
  },
  Snapshot: { merge: true, fields: { entities: pagePolicy(listKeyArgs) } },
  Transaction: { fields: { changes: pagePolicy([]) } },
  LibraryStats: part,
  Camera: part,
  CaptureTime: part,
  GeoPoint: part,
  Image: part,
};
