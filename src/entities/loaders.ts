import DataLoader from "dataloader";
import type { Entity } from "../db/generated/client.ts";
import { perRequest } from "../graphql/context.ts";
import { listAncestors, listEntitiesById, readMetadata, type Metadata } from "./service.ts";

/** One statement for all the ids that a level of the answer asks for, never one a row. */
export const batched = <K, V>(read: (keys: readonly K[]) => ReadonlyMap<K, V>, absent: V) =>
  new DataLoader<K, V>((keys) => {
    const found = read(keys);
    return Promise.resolve(keys.map((key) => found.get(key) ?? absent));
  });

/**
 * The same for keys that are found under a text of their own, and not remembered: a later mutation of the same
 * request may change the answer.
 */
export const batchedBy = <K, V>(
  read: (keys: readonly K[]) => ReadonlyMap<string | number, V>,
  nameOf: (key: K) => string | number,
  absent: V,
) =>
  new DataLoader<K, V>(
    (keys) => {
      const found = read(keys);
      return Promise.resolve(keys.map((key) => found.get(nameOf(key)) ?? absent));
    },
    { cache: false },
  );

export const entityLoader = perRequest((context) =>
  batched<number, Entity | null>((ids) => listEntitiesById(context, ids), null),
);

/** By the id of the lowest one, which comes last. */
export const ancestorLoader = perRequest((context) =>
  batched<number, Entity[]>((ids) => listAncestors(context, ids), []),
);

/** By the id of the original. */
export const metadataLoader = perRequest((context) =>
  batched<number, Metadata>((ids) => readMetadata(context, ids), {}),
);
