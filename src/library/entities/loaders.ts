import DataLoader from "dataloader";
import type { Entity } from "../../database/generated/client.ts";
import type { EntityId } from "../../database/model/ids.ts";
import { perRevision } from "../../graphql/context.ts";
import {
  listEntitiesById,
  listWithAncestors,
  readMetadata,
  readMetadataBytes,
  type Metadata,
} from "./service.ts";

/** One statement for all the ids that a level of the answer asks for, never one a row. */
export const batched = <K, V>(read: (keys: readonly K[]) => Promise<ReadonlyMap<K, V>>, absent: V) =>
  new DataLoader<K, V>(async (keys) => {
    const found = await read(keys);
    return keys.map((key) => found.get(key) ?? absent);
  });

/**
 * The same for keys that are identified by a string, and without memory: a later mutation of the same
 * request may change the answer.
 */
export const batchedBy = <K, V>(
  read: (keys: readonly K[]) => Promise<ReadonlyMap<string | number, V>>,
  nameOf: (key: K) => string | number,
  absent: V,
) =>
  new DataLoader<K, V>(
    async (keys) => {
      const found = await read(keys);
      return keys.map((key) => found.get(nameOf(key)) ?? absent);
    },
    { cache: false },
  );

export const entityLoader = perRevision((context) =>
  batched<number, Entity | null>((ids) => listEntitiesById(context, ids), null),
);

/**
 * The collections from the top down to one of them, by its id. Chains share what is above them: a deep tree is asked
 * for the ancestors of ancestors, which would otherwise be read, and kept, once for each.
 */
export const ancestorPaths = perRevision((context) => {
  const entities = new Map<EntityId, Entity>();
  const paths = new Map<EntityId, readonly Entity[]>();
  const read = batched<EntityId, boolean>(async (ids) => {
    for (const [id, entity] of await listWithAncestors(context, ids)) entities.set(id, entity);
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

/** Tags that are read and parsed in one turn of the event loop: some milliseconds. */
const metadataBytes = 256 * 1024;

/** Groups originals so that the tags of a group have a limited number of bytes together. */
function partsOf(bytes: ReadonlyMap<number, number>): number[][] {
  const parts: number[][] = [];
  let left = 0;
  for (const [id, size] of bytes) {
    if (left < size || parts.length === 0) {
      parts.push([]);
      left = metadataBytes;
    }
    parts.at(-1)?.push(id);
    left -= size;
  }
  return parts;
}

/**
 * By the id of the original. The tags of a page may have 100 MiB: others have their turn between its parts, and no
 * more is read once the answer is too long.
 */
export const metadataLoader = perRevision((context) => {
  const readParts = async (ids: readonly number[]) => {
    const found = new Map<number, Promise<Metadata>>();
    let turn = Promise.resolve();
    for (const part of partsOf(await readMetadataBytes(context, ids))) {
      const read = turn.then(() => readMetadata(context, part));
      turn = read.then(() => context.budget.giveWay());
      // Every waiting original gets the failure; the promise of a part itself may have no listener.
      turn.catch(() => undefined);
      for (const id of part)
        found.set(
          id,
          read.then((tags) => tags.get(id) ?? {}),
        );
    }
    return found;
  };
  // Caching for a second field of the same original would keep a whole page's tags in memory.
  return new DataLoader<number, Metadata>(
    async (ids) => {
      const found = await readParts(ids);
      return ids.map((id) => found.get(id) ?? {});
    },
    { cache: false },
  );
});
