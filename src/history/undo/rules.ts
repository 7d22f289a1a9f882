import type { Entity, EntityVersion } from "../../database/generated/client.ts";
import { transactionIdText, type EntityId } from "../../database/model/ids.ts";
import { programColumns, stateColumns, type StateColumn } from "../../database/model/entity-state.ts";

const incidental: ReadonlySet<StateColumn> = new Set(programColumns);

const plain = (value: unknown) => (value instanceof Date ? value.getTime() : value);

/** Whether going back to the version would change nothing that anybody said or sent. */
export const isSameState = (entity: Entity, version: EntityVersion): boolean =>
  stateColumns.every((column) => incidental.has(column) || plain(entity[column]) === plain(version[column]));

/** A change that a transaction made to an entity, and the entity's present state. */
export interface Change {
  readonly id: EntityId;
  /** The first version that it wrote of the entity. */
  readonly version: number;
  /** Whether the entity is as it left it: nothing was changed since, or that was undone again. */
  readonly isInForce: boolean;
  /** Which transaction wrote the version that is current now. */
  readonly currentTransactionId: number;
  /** The current version, when facts of the file that comes back were read after the transaction; null otherwise. */
  readonly factsVersion: number | null;
}

/** The reason why an undo is impossible. */
export interface Obstacle {
  readonly conflicts: readonly EntityId[];
  /** The end of a sentence. */
  readonly why: string;
}

/**
 * Entities that were changed since must not be overwritten.
 * @param entityCount how many entities the transaction changed when it was written.
 * @param undoneBy the newest transaction that took it back.
 */
export function findChangedSince(
  changes: readonly Change[],
  entityCount: number,
  undoneBy: number | undefined,
): Obstacle | undefined {
  const changed = changes.filter(({ isInForce }) => !isInForce);
  const conflicts = changed.map(({ id }) => id);
  if (changed.length > 0) {
    const isUndone =
      undoneBy != null && changed.every(({ currentTransactionId }) => currentTransactionId === undoneBy);
    const why = isUndone
      ? `transaction ${transactionIdText(undoneBy)} has undone it already; undo that one to have it back`
      : `${named("entity", conflicts)} changed since`;
    return { conflicts, why };
  }
  const gone = entityCount - changes.length;
  if (gone === 0) return undefined;
  return { conflicts, why: `of ${gone} of the ${entityCount} it changed, entity or version is kept no more` };
}

const listedMax = 5;
const plurals = { entity: "entities", collection: "collections" } as const;

/** Such as `entities 3, 5 and 12 more`. */
export function named(kind: keyof typeof plurals, ids: readonly EntityId[]): string {
  const listed = ids.slice(0, listedMax).join(", ");
  const more = ids.length > listedMax ? ` and ${ids.length - listedMax} more` : "";
  return `${ids.length === 1 ? kind : plurals[kind]} ${listed}${more}`;
}

/** @param parents each entity's parent; @returns the entities that contain themselves, directly or not. */
export function listCycles(parents: ReadonlyMap<EntityId, EntityId>): EntityId[] {
  const done = new Set<EntityId>();
  const cycles: EntityId[] = [];
  for (const start of parents.keys()) {
    const path: EntityId[] = [];
    const onPath = new Set<EntityId>();
    let at: EntityId | undefined = start;
    while (at != null && !done.has(at) && !onPath.has(at)) {
      path.push(at);
      onPath.add(at);
      at = parents.get(at);
    }
    if (at != null && onPath.has(at)) cycles.push(...path.slice(path.indexOf(at)));
    for (const id of path) done.add(id);
  }
  return cycles;
}
