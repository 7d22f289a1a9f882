import type { HistoryStateFragment, HistoryWrittenFragment } from "../generated/graphql.ts";
import type { Answer, Client } from "../support/client.ts";
import * as albums from "./albums.ts";
import { membersOf } from "./albums.ts";
import type { Dice } from "./dice.ts";
import type { Done, FileState, Library } from "./model.ts";
import * as mutations from "./mutations.ts";
import { anyWords } from "./said.ts";
import * as semantics from "./semantics.ts";
import { words } from "./words.ts";

/** A picture of the pool and what is known of it. */
export type Picture = Omit<FileState, "path" | "name"> & { readonly bytes: Uint8Array };

/** What an operation needs: the server, what the model holds for true, the time and the pool. */
export interface Scene {
  readonly client: Client;
  readonly library: Library;
  readonly now: number;
  readonly pictures: readonly Picture[];
}

/** What a mutation answers, whichever it is. */
export interface Payload {
  readonly entity?: HistoryStateFragment & { readonly deletedAt: string | null };
  readonly album?: HistoryStateFragment & { readonly deletedAt: string | null };
  readonly ids?: readonly string[];
  readonly deletedIds?: readonly string[];
  readonly freedBytes?: number;
  readonly results?: readonly { readonly status: string; readonly code: string | null }[];
  readonly transaction: HistoryWrittenFragment | null;
}

export interface Operation {
  readonly text: string;
  /** Changes the model. @throws {semantics.Refused} */
  readonly predict: () => Done;
  readonly ask: () => Promise<Answer<Readonly<Record<string, unknown>>>>;
}

type Make = (scene: Scene, dice: Dice) => Operation;

const text = (dice: Dice) => (dice.chance(20) ? null : dice.some(words, 2).join(" "));

/** Mostly of something that is there; now and then of what is gone or never was. */
function anyId({ library }: Scene, dice: Dice): number {
  if (dice.chance(3)) return 1 + dice.below(library.nextId() + 1);
  return dice.find(library.all())?.entityId ?? 1;
}

const anyIds = (scene: Scene, dice: Dice) => [
  ...new Set(Array.from({ length: 1 + dice.below(7) }, () => anyId(scene, dice))),
];

/** Mostly a live collection; the top, one in the trash, or a file otherwise. */
function anyPlace(scene: Scene, dice: Dice): number | null {
  if (dice.chance(15)) return null;
  if (dice.chance(8)) return anyId(scene, dice);
  const isAny = dice.chance(5);
  const collections = scene.library
    .all()
    .filter(({ state }) => state.isCollection && (isAny || state.album == null));
  const live = dice.chance(90) ? collections.filter(({ state }) => state.trash == null) : collections;
  return dice.find(live)?.entityId ?? null;
}

/** The current version mostly, as a client that looks first. */
function seen({ library }: Scene, dice: Dice, id: number): { ifVersion?: number } {
  const version = library.find(id)?.version;
  if (version == null || dice.chance(60)) return {};
  return { ifVersion: dice.chance(15) ? version - 1 + 2 * dice.below(2) : version };
}

const idOf = (id: number | null) => (id == null ? null : String(id));
const inputOf = ({ parentId, words: said, ...texts }: semantics.Edit) => ({
  ...texts,
  ...said,
  ...(parentId === undefined ? {} : { parentId: idOf(parentId) }),
});

function anyEdit(scene: Scene, dice: Dice): semantics.Edit {
  const kind = dice.below(17);
  if (kind >= 10) return { words: anyWords(dice), ...(kind === 16 ? { label: text(dice) } : {}) };
  if (kind < 5) return { parentId: anyPlace(scene, dice) };
  if (kind < 8) return { label: text(dice) };
  if (kind < 9) return { description: text(dice) };
  return { label: text(dice), description: text(dice), parentId: anyPlace(scene, dice) };
}

const upload: Make = ({ client, library, now, pictures }, dice) => {
  const { bytes, ...facts } = dice.pick(pictures);
  const parentId = anyPlace({ client, library, now, pictures }, dice);
  const onDuplicate = dice.pick(["REJECT", "RETURN_EXISTING", "RESTORE_IF_TRASHED"] as const);
  const own = dice.chance(30) ? anyWords(dice) : {};
  const said = { label: text(dice), parentId, onDuplicate };
  const name = `${dice.pick(words)}.png`;
  return {
    text: `upload ${facts.md5} as ${name} ${JSON.stringify({ ...said, ...own })}`,
    predict: () => semantics.upload(library, now, { ...facts, name, ...said, words: own }),
    ask: () =>
      client.ask(mutations.ADD_FILE, { input: { file: null, ...said, ...own, parentId: idOf(parentId) } }, [
        { at: "input.file", bytes, name },
      ]),
  };
};

const uploadMany: Make = (scene, dice) => {
  const { client, library, now, pictures } = scene;
  const files = Array.from({ length: 2 + dice.below(3) }, () => {
    const { bytes, ...facts } = dice.pick(pictures);
    return {
      bytes,
      facts,
      name: `${dice.pick(words)}.png`,
      label: text(dice),
      parentId: anyPlace(scene, dice),
    };
  });
  const inputs = files.map(({ facts, name, label, parentId }) => ({ ...facts, name, label, parentId }));
  const shown = files.map(({ label, parentId }) => ({ file: null, label, parentId: idOf(parentId) }));
  const parts = files.map(({ bytes, name }, index) => ({ at: `inputs.${index}.file`, bytes, name }));
  return {
    text: `upload ${inputs.map(({ md5, parentId }) => `${md5} into ${parentId ?? "the top"}`).join()}`,
    predict: () => semantics.uploadMany(library, now, inputs),
    ask: () => client.ask(mutations.ADD_FILES, { inputs: shown }, parts),
  };
};

const collection: Make = (scene, dice) => {
  const { client, library, now } = scene;
  const said = { label: dice.pick(words), parentId: anyPlace(scene, dice) };
  // One at least is nearly always there.
  const albumCount = library.all().filter(({ state }) => state.album != null && state.trash == null).length;
  const isAlbum = dice.chance(albumCount === 0 ? 100 : 25);
  const kind = isAlbum ? "ALBUM" : "FOLDER";
  return {
    text: `${kind} ${JSON.stringify(said)}`,
    predict: () => semantics.createCollection(library, now, { ...said, isAlbum }),
    ask: () =>
      client.ask(mutations.ADD_COLLECTION, { input: { ...said, kind, parentId: idOf(said.parentId) } }),
  };
};

const edit: Make = (scene, dice) => {
  const { client, library, now } = scene;
  const wanted = anyEdit(scene, dice);
  // What is below a collection moves with it: the more there is to go wrong.
  const isMove = "parentId" in wanted && dice.chance(50);
  const id = isMove ? (anyPlace(scene, dice) ?? 1) : anyId(scene, dice);
  const look = seen(scene, dice, id);
  return {
    text: `update ${id} ${JSON.stringify({ ...wanted, ...look })}`,
    predict: () =>
      semantics.update(library, now, { ids: [id], edit: wanted, ...look, operation: "updateEntity" }),
    ask: () => client.ask(mutations.EDIT, { id: String(id), input: inputOf(wanted), ...look }),
  };
};

const editMany: Make = (scene, dice) => {
  const { client, library, now } = scene;
  const ids = anyIds(scene, dice);
  const wanted = anyEdit(scene, dice);
  return {
    text: `update ${ids.join()} ${JSON.stringify(wanted)}`,
    predict: () => semantics.update(library, now, { ids, edit: wanted, operation: "updateEntities" }),
    ask: () => client.ask(mutations.EDIT_MANY, { ids: ids.map(String), input: inputOf(wanted) }),
  };
};

const shift: Make = (scene, dice) => {
  const { client, library, now } = scene;
  const ids = anyIds(scene, dice);
  const seconds = dice.pick([3600, -86_400, 0.5, 0, 31_536_000]);
  return {
    text: `shift ${ids.join()} by ${seconds} s`,
    predict: () => semantics.shiftCaptured(library, now, { ids, seconds }),
    ask: () => client.ask(mutations.SHIFT, { ids: ids.map(String), seconds }),
  };
};

const trash: Make = (scene, dice) => {
  const { client, library, now } = scene;
  const id = anyId(scene, dice);
  const look = seen(scene, dice, id);
  return {
    text: `soft delete ${id} ${JSON.stringify(look)}`,
    predict: () => semantics.softDelete(library, now, { ids: [id], ...look, operation: "softDeleteEntity" }),
    ask: () => client.ask(mutations.TRASH, { id: String(id), ...look }),
  };
};

const trashMany: Make = (scene, dice) => {
  const { client, library, now } = scene;
  const ids = anyIds(scene, dice);
  return {
    text: `soft delete ${ids.join()}`,
    predict: () => semantics.softDelete(library, now, { ids, operation: "softDeleteEntities" }),
    ask: () => client.ask(mutations.TRASH_MANY, { ids: ids.map(String) }),
  };
};

/** Rather of what lies in the trash. */
function trashedId(scene: Scene, dice: Dice): number {
  const list = scene.library.all().filter(({ state }) => state.trash != null);
  return dice.chance(85) ? (dice.find(list)?.entityId ?? 1) : anyId(scene, dice);
}

const untrash: Make = (scene, dice) => {
  const { client, library, now } = scene;
  const id = trashedId(scene, dice);
  return {
    text: `restore ${id}`,
    predict: () => semantics.restore(library, now, [id], "restoreEntity"),
    ask: () => client.ask(mutations.UNTRASH, { id: String(id) }),
  };
};

const untrashMany: Make = (scene, dice) => {
  const { client, library, now } = scene;
  const ids = [...new Set(Array.from({ length: 1 + dice.below(6) }, () => trashedId(scene, dice)))];
  return {
    text: `restore ${ids.join()}`,
    predict: () => semantics.restore(library, now, ids, "restoreEntities"),
    ask: () => client.ask(mutations.UNTRASH_MANY, { ids: ids.map(String) }),
  };
};

const destroy: Make = (scene, dice) => {
  const { client, library, now } = scene;
  const ids = dice.chance(70) ? [anyId(scene, dice)] : anyIds(scene, dice).slice(0, 3);
  const recursive = dice.chance(30);
  return {
    text: `hard delete ${ids.join()} ${recursive ? "recursively" : ""}`,
    predict: () => semantics.hardDelete(library, now, { ids, recursive }),
    ask: () => client.ask(mutations.DESTROY, { ids: ids.map(String), recursive }),
  };
};

const emptyTrash: Make = ({ client, library, now }, dice) => {
  const times = library.all().flatMap(({ state }) => (state.trash == null ? [] : [state.trash.at]));
  // Only the oldest of it mostly: what is destroyed takes its history along.
  const oldest = times.toSorted((one, other) => one - other).slice(0, 3);
  const before = dice.chance(5) ? null : (dice.find(oldest) ?? now);
  return {
    text: `empty the trash of what is older than ${before ?? "ever"}`,
    predict: () => semantics.emptyTrash(library, now, before),
    ask: () =>
      client.ask(
        mutations.EMPTY_TRASH,
        before == null ? {} : { deletedBefore: new Date(before).toISOString() },
      ),
  };
};

/** Now and then a file that the entity has had before. */
function otherPicture({ library, pictures }: Scene, dice: Dice, id: number): Picture {
  const had = new Set((library.versions.get(id) ?? []).map(({ state }) => state.file?.md5));
  const old = dice.chance(30) ? dice.find(pictures.filter(({ md5 }) => had.has(md5))) : undefined;
  return old ?? dice.pick(pictures);
}

const replace: Make = (scene, dice) => {
  const { client, library, now } = scene;
  const files = library.all().filter(({ state }) => !state.isCollection);
  // What people have said is to stay: the more of those, the more there is to go wrong.
  const described = files.filter(({ state }) => Object.keys(state.words).length > 0);
  const list = dice.chance(50) && described.length > 0 ? described : files;
  const id = dice.chance(90) ? (dice.find(list)?.entityId ?? 1) : anyId(scene, dice);
  const { bytes, ...facts } = otherPicture(scene, dice, id);
  const look = seen(scene, dice, id);
  const name = `${dice.pick(words)}.png`;
  return {
    text: `replace the file of ${id} by ${facts.md5} as ${name} ${JSON.stringify(look)}`,
    predict: () => semantics.replaceFile(library, now, { id, file: { ...facts, name }, ...look }),
    ask: () =>
      client.ask(mutations.REPLACE, { id: String(id), file: null, ...look }, [{ at: "file", bytes, name }]),
  };
};

const revert: Make = (scene, dice) => {
  const { client, library, now } = scene;
  const isAcross = dice.chance(35);
  const id = isAcross ? (anyPlace(scene, dice) ?? 1) : anyId(scene, dice);
  const side = library.find(id)?.state.trash == null;
  const across = (library.versions.get(id) ?? []).filter(({ state }) => (state.trash == null) !== side);
  const wanted = isAcross ? dice.find(across)?.version : undefined;
  const any = 1 + dice.below((library.find(id)?.version ?? 1) + (dice.chance(5) ? 1 : 0));
  const toVersion = wanted ?? any;
  const look = seen(scene, dice, id);
  return {
    text: `revert ${id} to ${toVersion} ${JSON.stringify(look)}`,
    predict: () => semantics.revert(library, now, { id, toVersion, ...look }),
    ask: () => client.ask(mutations.GO_BACK, { id: String(id), toVersion, ...look }),
  };
};

/** Rather of what was written lately, or not changed since; most of the rest is refused for one reason. */
const undo: Make = ({ client, library, now }, dice) => {
  const last = library.lastTransactionId;
  const current = dice.chance(50) ? dice.find(library.all())?.transactionId : undefined;
  const any = Math.max(1, last - dice.below(dice.chance(75) ? 4 : last + 1)) + (dice.chance(2) ? last : 0);
  const id = current ?? any;
  return {
    text: `undo ${id}`,
    predict: () => semantics.undo(library, now, id),
    ask: () => client.ask(mutations.TAKE_BACK, { id: String(id) }),
  };
};

/** Mostly an album with what can be in it; a member mostly, for what is to come before it. */
function anyAlbumChange(scene: Scene, dice: Dice, of: "members" | "files") {
  const { library } = scene;
  const has = (one: number) => library.find(one) != null;
  const list = library.all().filter(({ state }) => state.album != null);
  // Rather one that has members.
  const full = list.filter(({ state }) => membersOf(has, state).length > 1);
  const chosen = dice.chance(70) ? (dice.find(full) ?? dice.find(list)) : dice.find(list);
  const id = dice.chance(95) ? (chosen?.entityId ?? 1) : anyId(scene, dice);
  const state = library.find(id)?.state;
  const members = state == null ? [] : membersOf(has, state);
  const files = library.all().filter((one) => !one.state.isCollection && one.state.trash == null);
  const among = of === "members" ? members : files.map(({ entityId }) => entityId);
  const some = Array.from({ length: 1 + dice.below(of === "files" ? 6 : 3) }, () =>
    dice.chance(97) ? (dice.find(among) ?? 1) : anyId(scene, dice),
  );
  const others = dice.chance(95) ? members.filter((one) => !some.includes(one)) : members;
  const before = dice.chance(50) ? null : dice.chance(97) ? (dice.find(others) ?? null) : anyId(scene, dice);
  return { id, ids: [...new Set(some)], before, ...seen(scene, dice, id) };
}

const asked = ({ id, ids, before, ...rest }: ReturnType<typeof anyAlbumChange>) => ({
  ...{ id: String(id), ids: ids.map(String), before: idOf(before), ...rest },
});

const addMembers: Make = (scene, dice) => {
  const { client, library, now } = scene;
  const change = anyAlbumChange(scene, dice, "files");
  return {
    text: `add to album ${JSON.stringify(change)}`,
    predict: () => albums.add(library, now, change),
    ask: () => client.ask(mutations.ADD_MEMBERS, asked(change)),
  };
};

const removeMembers: Make = (scene, dice) => {
  const { client, library, now } = scene;
  const { id, ids } = anyAlbumChange(scene, dice, "members");
  const change = { id, ids, ...seen(scene, dice, id) };
  return {
    text: `take out of album ${JSON.stringify(change)}`,
    predict: () => albums.remove(library, now, change),
    ask: () => client.ask(mutations.REMOVE_MEMBERS, { ...change, id: String(id), ids: ids.map(String) }),
  };
};

const moveMembers: Make = (scene, dice) => {
  const { client, library, now } = scene;
  const change = anyAlbumChange(scene, dice, "members");
  return {
    text: `move in album ${JSON.stringify(change)}`,
    predict: () => albums.move(library, now, change),
    ask: () => client.ask(mutations.MOVE_MEMBERS, asked(change)),
  };
};

/** Every kind of operation, and how often it comes among the others. */
export const operations = {
  upload: { make: upload, weight: 11 },
  uploadMany: { make: uploadMany, weight: 4 },
  collection: { make: collection, weight: 9 },
  edit: { make: edit, weight: 18 },
  editMany: { make: editMany, weight: 9 },
  shift: { make: shift, weight: 4 },
  addMembers: { make: addMembers, weight: 12 },
  removeMembers: { make: removeMembers, weight: 4 },
  moveMembers: { make: moveMembers, weight: 5 },
  trash: { make: trash, weight: 8 },
  trashMany: { make: trashMany, weight: 4 },
  untrash: { make: untrash, weight: 8 },
  untrashMany: { make: untrashMany, weight: 3 },
  destroy: { make: destroy, weight: 2 },
  emptyTrash: { make: emptyTrash, weight: 1 },
  replace: { make: replace, weight: 12 },
  revert: { make: revert, weight: 12 },
  undo: { make: undo, weight: 18 },
} satisfies Record<string, { readonly make: Make; readonly weight: number }>;

export type Kind = keyof typeof operations;
