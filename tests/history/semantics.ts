import { isDeepStrictEqual } from "node:util";
import type { ChangeOperation } from "../generated/graphql.ts";
import type { Done, FileState, Library, State, Version, Written } from "./model.ts";
import { editedWords, saidOf, shifted, type WordsEdit } from "./said.ts";
import { deletedTogether, isSound, isWithin, liveSubtree, subtree } from "./tree.ts";

/** How a mutation is refused. */
export class Refused extends Error {
  readonly code: string;
  /** What an undo names as standing in its way; undefined where the model leaves that to the server. */
  readonly conflicts: readonly number[] | undefined;

  constructor(code: string, conflicts?: readonly number[]) {
    super(code);
    this.code = code;
    this.conflicts = conflicts;
  }
}

const nothing: Done = { transactionId: null, ids: [] };

export function getEntity(library: Library, id: number): Version {
  const found = library.find(id);
  if (found == null) throw new Refused("NOT_FOUND");
  return found;
}

function checkVersion({ version }: Version, ifVersion: number | undefined): void {
  if (ifVersion != null && ifVersion !== version) throw new Refused("VERSION_CONFLICT");
}

function checkParent(library: Library, parentId: number | null | undefined): void {
  if (parentId == null) return;
  const { state } = getEntity(library, parentId);
  if (!state.isCollection) throw new Refused("NOT_A_COLLECTION");
  if (state.album != null || state.trash != null) throw new Refused("BAD_USER_INPUT");
}

const holderOf = (library: Library, md5: string) =>
  library.all().find(({ state }) => state.file?.md5 === md5);

/** Bytes that any version refers to lie where they came first. */
function placed(library: Library, file: Omit<FileState, "path">, now: number): FileState {
  const known = library.every().find(({ state }) => state.file?.md5 === file.md5)?.state.file?.path;
  const day = new Date(now).toISOString().slice(0, 10).replaceAll("-", "/");
  return { ...file, path: known ?? `${day}/${file.md5}.png` };
}

export type Upload = Omit<FileState, "path"> & {
  readonly label: string | null;
  readonly parentId: number | null;
  readonly onDuplicate: "REJECT" | "RETURN_EXISTING" | "RESTORE_IF_TRASHED";
  readonly words: WordsEdit;
};

export function upload(library: Library, now: number, input: Upload): Done & { readonly entityId: number } {
  const { label, parentId, onDuplicate, words, ...file } = input;
  checkParent(library, parentId);
  const holder = holderOf(library, file.md5);
  if (holder == null) {
    const entityId = library.nextId();
    const state = { isCollection: false, album: null, label, description: null, parentId, trash: null };
    const { at } = library.stamp(now);
    const kept = { file: placed(library, file, now), words: {} };
    const created = { ...state, addedAt: at, ...kept, words: editedWords(kept, words) };
    return {
      ...library.write(now, "uploadEntity", [{ id: entityId, state: created, operation: "CREATE" }]),
      entityId,
    };
  }
  const { entityId } = holder;
  if (onDuplicate === "RETURN_EXISTING") return { ...nothing, entityId };
  if (onDuplicate === "REJECT" || holder.state.trash == null) throw new Refused("DUPLICATE_FILE");
  return { ...restore(library, now, [entityId], "uploadEntity"), entityId };
}

/** Each file is taken or refused by itself; all that are taken come in one transaction. */
export function uploadMany(
  library: Library,
  now: number,
  inputs: readonly Omit<Upload, "onDuplicate" | "words">[],
): Done {
  const list: Written[] = [];
  const take = ({ label, parentId, ...file }: Omit<Upload, "onDuplicate" | "words">) => {
    checkParent(library, parentId);
    const isTaken = list.some(({ state }) => state.file?.md5 === file.md5);
    if (isTaken || holderOf(library, file.md5) != null) throw new Refused("DUPLICATE_FILE");
    const state = { isCollection: false, album: null, label, description: null, parentId, trash: null };
    const created = { ...state, addedAt: library.stamp(now).at, file: placed(library, file, now), words: {} };
    list.push({ id: library.nextId() + list.length, state: created, operation: "CREATE" });
  };
  const results = inputs.map((input) => {
    try {
      take(input);
      return "CREATED";
    } catch (error) {
      if (error instanceof Refused) return error.code;
      throw error;
    }
  });
  return { ...(list.length === 0 ? nothing : library.write(now, "uploadEntities", list)), results };
}

export function createCollection(
  library: Library,
  now: number,
  { label, parentId, isAlbum }: { label: string; parentId: number | null; isAlbum: boolean },
): Done {
  checkParent(library, parentId);
  const album = isAlbum ? { members: [], changedIn: null } : null;
  const texts = { isCollection: true, album, label, description: null, parentId, trash: null };
  const state = { ...texts, addedAt: library.stamp(now).at, file: null, words: {} };
  return library.write(now, "createCollection", [{ id: library.nextId(), state, operation: "CREATE" }]);
}

export interface Edit {
  readonly label?: string | null;
  readonly description?: string | null;
  readonly parentId?: number | null;
  readonly words?: WordsEdit;
}

function edited({ entityId: id, state }: Version, { words, ...edit }: Edit): Written[] {
  const next = { ...state, ...edit, words: words == null ? state.words : editedWords(state, words) };
  if (isDeepStrictEqual(next, state)) return [];
  const isMove = isDeepStrictEqual({ ...next, parentId: state.parentId }, state);
  return [{ id, state: next, operation: isMove ? "MOVE" : "UPDATE" }];
}

export function update(
  library: Library,
  now: number,
  {
    ids,
    edit,
    ifVersion,
    operation,
  }: { ids: readonly number[]; edit: Edit; ifVersion?: number; operation: string },
): Done {
  // One looks at the entity first, many at the place first; only the code tells.
  if (operation === "updateEntity") for (const id of ids) checkVersion(getEntity(library, id), ifVersion);
  checkParent(library, edit.parentId);
  const entities = ids.map((id) => getEntity(library, id));
  for (const { entityId, state } of entities)
    if (edit.parentId != null && state.isCollection && isWithin(library, edit.parentId, entityId))
      throw new Refused("PARENT_CYCLE");
  const list = entities.flatMap((entity) => edited(entity, edit));
  return list.length === 0 ? nothing : library.write(now, operation, list);
}

/** What has no time of capture is skipped. */
export function shiftCaptured(
  library: Library,
  now: number,
  { ids, seconds }: { ids: readonly number[]; seconds: number },
): Done {
  const list = ids
    .map((id) => getEntity(library, id))
    .flatMap(({ entityId: id, state }): Written[] => {
      const { captured } = saidOf(state);
      if (captured == null || seconds === 0) return [];
      const words = { ...state.words, captured: shifted(captured, seconds) };
      return [{ id, state: { ...state, words }, operation: "UPDATE" }];
    });
  return list.length === 0 ? nothing : library.write(now, "shiftCaptured", list);
}

const inTrash = (library: Library, now: number, id: number): State => {
  const { id: transactionId, at } = library.stamp(now);
  return { ...library.find(id)!.state, trash: { at, transactionId } };
};

const trashed = (library: Library, now: number, ids: readonly number[]): Written[] =>
  ids.map((id) => ({ id, state: inTrash(library, now, id), operation: "SOFT_DELETE" }));

const untrashed = (library: Library, ids: readonly number[]): Written[] =>
  ids.map((id) => ({ id, state: { ...library.find(id)!.state, trash: null }, operation: "RESTORE" }));

export function softDelete(
  library: Library,
  now: number,
  { ids, ifVersion, operation }: { ids: readonly number[]; ifVersion?: number; operation: string },
): Done {
  for (const id of ids) checkVersion(getEntity(library, id), ifVersion);
  const going = liveSubtree(library, ids);
  return going.length === 0 ? nothing : library.write(now, operation, trashed(library, now, going));
}

export function restore(library: Library, now: number, ids: readonly number[], operation: string): Done {
  const entities = ids.map((id) => getEntity(library, id));
  const coming = deletedTogether(library, ids);
  for (const { state } of entities) {
    const { parentId } = state;
    if (state.trash == null || parentId == null || coming.includes(parentId)) continue;
    if (library.find(parentId)?.state.trash != null) throw new Refused("BAD_USER_INPUT");
  }
  return coming.length === 0 ? nothing : library.write(now, operation, untrashed(library, coming));
}

export function hardDelete(
  library: Library,
  now: number,
  { ids, recursive }: { ids: readonly number[]; recursive: boolean },
): Done {
  for (const id of ids) getEntity(library, id);
  const destroyed = subtree(library, ids);
  if (!recursive && destroyed.length > ids.length) throw new Refused("COLLECTION_NOT_EMPTY");
  return library.write(now, "hardDeleteEntities", [], { destroyed });
}

/** @param before what was deleted earlier; everything for null. */
export function emptyTrash(library: Library, now: number, before: number | null): Done {
  const old = library
    .all()
    .filter(({ state: { trash } }) => trash != null && (before == null || trash.at < before))
    .map(({ entityId }) => entityId);
  if (old.length === 0) return { ...nothing, freedBytes: 0 };
  return library.write(now, "emptyTrash", [], { destroyed: subtree(library, old) });
}

export function replaceFile(
  library: Library,
  now: number,
  { id, file, ifVersion }: { id: number; file: Omit<FileState, "path">; ifVersion?: number },
): Done {
  const entity = getEntity(library, id);
  if (entity.state.isCollection) throw new Refused("BAD_USER_INPUT");
  checkVersion(entity, ifVersion);
  const holder = holderOf(library, file.md5);
  if (holder?.entityId === id) return nothing;
  if (holder != null) throw new Refused("DUPLICATE_FILE");
  const state = { ...entity.state, file: placed(library, file, now) };
  return library.write(now, "replaceFile", [{ id, state, operation: "REPLACE_FILE" }]);
}

/** What two states must share to be the same for somebody who goes back. */
const said = ({ album, label, description, parentId, trash, file, words }: State) => ({
  ...{ changedIn: album?.changedIn, label, description, parentId, file, words },
  isDeleted: trash != null,
});

export function revert(
  library: Library,
  now: number,
  { id, toVersion, ifVersion }: { id: number; toVersion: number; ifVersion?: number },
): Done {
  const entity = getEntity(library, id);
  checkVersion(entity, ifVersion);
  const then = library.versions.get(id)?.find(({ version }) => version === toVersion)?.state;
  if (then == null) throw new Refused("NOT_FOUND");
  if (isDeepStrictEqual(said(then), said(entity.state))) return nothing;
  if (then.parentId != null) {
    const parent = getEntity(library, then.parentId);
    if (parent.state.trash != null && then.trash == null) throw new Refused("BAD_USER_INPUT");
    if (isWithin(library, then.parentId, id)) throw new Refused("PARENT_CYCLE");
  }
  const holder = then.file == null ? undefined : holderOf(library, then.file.md5);
  if (holder != null && holder.entityId !== id) throw new Refused("DUPLICATE_FILE");
  const isGoing = entity.state.trash == null && then.trash != null;
  const isComing = entity.state.trash != null && then.trash == null;
  const below = isGoing ? liveSubtree(library, [id]) : isComing ? deletedTogether(library, [id]) : [];
  const others = below.filter((other) => other !== id);
  const companions = isGoing ? trashed(library, now, others) : untrashed(library, others);
  const trash = then.trash == null ? null : (entity.state.trash ?? inTrash(library, now, id).trash);
  const state = { ...then, trash };
  return library.write(now, "revertEntity", [{ id, state, operation: "REVERT" }, ...companions]);
}

export function undo(library: Library, now: number, id: number): Done {
  const transaction = library.transactions[id - 1];
  if (transaction == null) throw new Refused("NOT_FOUND");
  if (library.tombstones.some(({ transactionId }) => transactionId === id))
    throw new Refused("BAD_USER_INPUT");
  if (transaction.entityCount === 0) throw new Refused("BAD_USER_INPUT");
  const changed = library.every().filter(({ transactionId }) => transactionId === id);
  const since = changed.filter(({ entityId, origin }) => library.find(entityId)!.origin !== origin);
  if (since.length > 0)
    throw new Refused(
      "VERSION_CONFLICT",
      since.map(({ entityId }) => entityId),
    );
  if (changed.length < transaction.entityCount) throw new Refused("VERSION_CONFLICT", []);
  const list = changed.map((one) => before(library, now, one));
  checkObstacles(
    library,
    list.filter(({ origin }) => origin != null),
  );
  if (!isSound(library, new Map(list.map(({ id: one, state }) => [one, state]))))
    throw new Refused("VERSION_CONFLICT");
  return library.write(now, "undoTransaction", list, { undoOf: id });
}

/** What a change is undone to: the version before it, or the trash where there was none. */
function before(library: Library, now: number, { entityId: id, version }: Version): Written {
  const operation: ChangeOperation = "UNDO";
  const last = library.versions.get(id)?.find((one) => one.version === version - 1);
  if (last == null) return { id, operation, state: inTrash(library, now, id) };
  return { id, operation, state: last.state, origin: last.origin };
}

function checkObstacles(library: Library, list: readonly Written[]): void {
  const unique = (ids: readonly (number | null | undefined)[]) =>
    [...new Set(ids.filter((id) => id != null))].sort((a, b) => a - b);
  const gone = unique(list.map(({ state }) => state.parentId)).filter((id) => library.find(id) == null);
  if (gone.length > 0) throw new Refused("VERSION_CONFLICT", gone);
  const wanted = new Set(list.map(({ id }) => id));
  const holders = unique(
    list.map(({ state: { file } }) => (file == null ? null : holderOf(library, file.md5)?.entityId)),
  ).filter((id) => !wanted.has(id));
  if (holders.length > 0) throw new Refused("VERSION_CONFLICT", holders);
}
