import type { Library, State, Version } from "./model.ts";

/** Where something lies, in any map of states by id. */
type States = ReadonlyMap<number, State>;

const statesOf = (library: Library): States =>
  new Map(library.all().map(({ entityId, state }) => [entityId, state]));

/** Whether the entity is the collection or lies in it at any depth. */
export function isWithin(library: Library, id: number, collection: number): boolean {
  for (let at: number | null = id; at != null; at = library.find(at)?.state.parentId ?? null)
    if (at === collection) return true;
  return false;
}

/** The entities and what lies below them, as far as `goesOn` says. */
function collect(
  library: Library,
  ids: readonly number[],
  goesOn: (child: Version, parent: Version) => boolean,
): number[] {
  const all = library.all();
  const found = new Set<number>();
  for (const id of ids) {
    // From each start again: what one way down does not reach, another one may.
    const open = [library.find(id)!];
    const reached = new Set<number>();
    for (let at = open.pop(); at != null; at = open.pop()) {
      const parent = at;
      if (reached.has(parent.entityId)) continue;
      reached.add(parent.entityId);
      open.push(
        ...all.filter(
          ({ state, ...one }) => state.parentId === parent.entityId && goesOn({ state, ...one }, parent),
        ),
      );
    }
    for (const one of reached) found.add(one);
  }
  return [...found].sort((a, b) => a - b);
}

const isLive = ({ state }: Version) => state.trash == null;

export const subtree = (library: Library, ids: readonly number[]) => collect(library, ids, () => true);

export const liveSubtree = (library: Library, ids: readonly number[]) =>
  collect(
    library,
    ids.filter((id) => isLive(library.find(id)!)),
    isLive,
  );

/** What comes back with the ones in the trash among the ids. */
export const deletedTogether = (library: Library, ids: readonly number[]) =>
  collect(
    library,
    ids.filter((id) => !isLive(library.find(id)!)),
    (child, parent) =>
      child.state.trash != null && child.state.trash.transactionId === parent.state.trash?.transactionId,
  );

/** Whether the library would be a tree, with nothing live in the trash, if these states came into it. */
export function isSound(library: Library, changed: States): boolean {
  const states = new Map([...statesOf(library), ...changed]);
  for (const [id, { parentId, trash }] of states) {
    if (parentId != null && trash == null && states.get(parentId)?.trash !== null) return false;
    const path = new Set([id]);
    for (let at = parentId; at != null; at = states.get(at)?.parentId ?? null) {
      if (path.has(at)) return false;
      path.add(at);
    }
  }
  return true;
}
