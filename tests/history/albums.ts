import { isDeepStrictEqual } from "node:util";
import type { Done, Library, State, Version } from "./model.ts";
import { getEntity, Refused } from "./semantics.ts";

/** The members of an album that are there, in their order. */
export const membersOf = (has: (id: number) => boolean, { album }: State): number[] =>
  (album?.members ?? []).filter(has);

interface Change {
  readonly id: number;
  readonly ids: readonly number[];
  /** A member; the end for null. */
  readonly before: number | null;
  readonly ifVersion?: number;
}

function getAlbum(library: Library, { id, ifVersion }: Pick<Change, "id" | "ifVersion">): Version {
  const album = getEntity(library, id);
  if (album.state.album == null) throw new Refused("BAD_USER_INPUT");
  if (ifVersion != null && ifVersion !== album.version) throw new Refused("VERSION_CONFLICT");
  return album;
}

function writeMembers(
  library: Library,
  now: number,
  { entityId: id, state }: Version,
  operation: string,
  members: readonly number[],
): Done {
  const has = (one: number) => library.find(one) != null;
  if (isDeepStrictEqual(members, membersOf(has, state))) return { transactionId: null, ids: [] };
  const album = { members, changedIn: library.stamp(now).id };
  return library.write(now, operation, [{ id, state: { ...state, album }, operation: "UPDATE" }]);
}

/** The list with others put in before one of its items, or at the end. */
function placed(list: readonly number[], before: number | null, ids: readonly number[]): number[] {
  const at = before == null ? list.length : list.indexOf(before);
  if (at === -1) throw new Refused("BAD_USER_INPUT");
  return [...list.slice(0, at), ...ids, ...list.slice(at)];
}

const present = (library: Library, { state }: Version) => membersOf((id) => library.find(id) != null, state);

export function add(library: Library, now: number, { ids, before, ...change }: Change): Done {
  const album = getAlbum(library, change);
  const entities = ids.map((id) => getEntity(library, id));
  if (entities.some(({ state }) => state.isCollection || state.trash != null))
    throw new Refused("BAD_USER_INPUT");
  const members = present(library, album);
  const added = ids.filter((id) => !members.includes(id));
  return writeMembers(library, now, album, "addToAlbum", placed(members, before, added));
}

export function remove(library: Library, now: number, { ids, ...change }: Omit<Change, "before">): Done {
  const album = getAlbum(library, change);
  const left = present(library, album).filter((id) => !ids.includes(id));
  return writeMembers(library, now, album, "removeFromAlbum", left);
}

export function move(library: Library, now: number, { ids, before, ...change }: Change): Done {
  const album = getAlbum(library, change);
  const members = present(library, album);
  if (ids.some((id) => !members.includes(id))) throw new Refused("BAD_USER_INPUT");
  const others = members.filter((id) => !ids.includes(id));
  return writeMembers(library, now, album, "moveInAlbum", placed(others, before, ids));
}
