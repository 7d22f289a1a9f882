import DataLoader from "dataloader";
import type { Entity } from "../db/generated/client.ts";
import type { EntityId } from "../db/ids.ts";
import { perRequest } from "../graphql/context.ts";
import { listEntitiesById, listWithAncestors, readMetadata, type Metadata } from "./service.ts";

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

/**
 * The collections from the top down to one of them, by its id. Chains share what is above them: a deep tree is asked
 * for the ancestors of ancestors, which would otherwise be read, and kept, once for each.
 */
export const ancestorPaths = perRequest((context) => {
  const entities = new Map<EntityId, Entity>();
  const paths = new Map<EntityId, readonly Entity[]>();
  const read = batched<EntityId, boolean>((ids) => {
    for (const [id, entity] of listWithAncestors(context, ids)) entities.set(id, entity);
    return new Map();
  }, true);
  const pathTo = (id: EntityId): readonly Entity[] => {
    const known = paths.get(id);
    if (known != null) return known;
    const path: Entity[] = [];
    for (let entity = entities.get(id); entity != null;) {
      path.push(entity);
      entity = entity.parentId == null ? undefined : entities.get(entity.parentId);
    }
    path.reverse();
    paths.set(id, path);
    return path;
  };
  return (id: EntityId): readonly Entity[] | Promise<readonly Entity[]> =>
    entities.has(id) ? pathTo(id) : read.load(id).then(() => pathTo(id));
});

/** By the id of the original. */
export const metadataLoader = perRequest((context) =>
  batched<number, Metadata>((ids) => readMetadata(context, ids), {}),
);
