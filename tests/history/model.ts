import type { ChangeOperation } from "../generated/graphql.ts";
import type { PeoplesWords, Said } from "./said.ts";

/** An uploaded file as an entity shows it; `path` says on which day its bytes arrived. */
export interface FileState {
  readonly md5: string;
  readonly sha256: string;
  readonly size: number;
  readonly width: number;
  readonly height: number;
  readonly name: string;
  readonly path: string;
  /** What its tags say. */
  readonly says: Said;
}

/** Members in their order; those that were destroyed since do not count. */
export interface AlbumState {
  readonly members: readonly number[];
  /** The transaction that changed them last. */
  readonly changedIn: number | null;
}

/** What an entity says of itself; times are UTC milliseconds. */
export interface State {
  readonly isCollection: boolean;
  /** Null for a folder, and for a file. */
  readonly album: AlbumState | null;
  readonly label: string | null;
  readonly description: string | null;
  readonly parentId: number | null;
  /** When and with what it went to the trash; null while it is live. */
  readonly trash: { readonly at: number; readonly transactionId: number } | null;
  readonly addedAt: number;
  /** Null for a collection. */
  readonly file: FileState | null;
  /** What people say where the file has something to say, too. */
  readonly words: PeoplesWords;
}

export interface Version {
  readonly entityId: number;
  readonly version: number;
  readonly operation: ChangeOperation;
  readonly transactionId: number;
  /** The transaction that wrote the next one; null while it is current. */
  readonly until: number | null;
  readonly updatedAt: number;
  readonly state: State;
  /** The version whose state an undo brought back; its own number for anything else. */
  readonly origin: number;
}

export interface Transaction {
  readonly id: number;
  readonly at: number;
  readonly operation: string;
  readonly entityCount: number;
  readonly undoOf: number | null;
}

/** What stays of a destroyed entity. */
export interface Tombstone {
  readonly entityId: number;
  readonly version: number;
  readonly transactionId: number;
  readonly md5: string | null;
}

/** What a transaction makes of one entity. */
export interface Written {
  readonly id: number;
  readonly state: State;
  readonly operation: ChangeOperation;
  /** As in `Version`. */
  readonly origin?: number;
}

/** What a mutation did; the transaction is null when nothing had to change. */
export interface Done {
  readonly transactionId: number | null;
  /** The entities that changed, or were destroyed. */
  readonly ids: readonly number[];
  /** Of files that went from the disk. */
  readonly freedBytes?: number;
  /** What became of each file of a batch: `CREATED`, or the code of its refusal. */
  readonly results?: readonly string[];
}

const byId = (one: { entityId: number }, other: { entityId: number }) => one.entityId - other.entityId;

/** The whole history of a library in plain lists, without any of the program's code. */
export class Library {
  /** Every version of every entity that was not destroyed, the first one first. */
  readonly versions = new Map<number, Version[]>();
  readonly transactions: Transaction[] = [];
  readonly tombstones: Tombstone[] = [];
  #lastId = 0;

  get lastTransactionId(): number {
    return this.transactions.length;
  }

  nextId(): number {
    return this.#lastId + 1;
  }

  find(id: number): Version | undefined {
    return this.versions.get(id)?.at(-1);
  }

  /** The current version of every entity, live or in the trash, by id. */
  all(): Version[] {
    return [...this.versions.values()].map((list) => list.at(-1)!).sort(byId);
  }

  /** Every version there is, by entity and number. */
  every(): Version[] {
    return [...this.versions.values()].flat().sort((a, b) => byId(a, b) || a.version - b.version);
  }

  /** The library just after a transaction, by id; what was destroyed since is missing. */
  asOf(transactionId: number): Map<number, Version> {
    const held = this.every().filter(
      (one) => one.transactionId <= transactionId && (one.until == null || one.until > transactionId),
    );
    return new Map(held.map((one) => [one.entityId, one]));
  }

  /** The last transaction written at or before an instant; 0 before the first. */
  momentOf(time: number): number {
    return this.transactions.findLast(({ at }) => at <= time)?.id ?? 0;
  }

  undoneBy(id: number): number | null {
    return this.transactions.findLast(({ undoOf }) => undoOf === id)?.id ?? null;
  }

  /** Path and size of every file that some version refers to. */
  files(): Map<string, number> {
    const files = this.every().flatMap(({ state: { file } }) => (file == null ? [] : [file]));
    return new Map(files.map(({ path, size }) => [path, size]));
  }

  /** The time of a transaction beginning now: never before an earlier one's. */
  stamp(now: number): { id: number; at: number } {
    return { id: this.lastTransactionId + 1, at: Math.max(now, this.transactions.at(-1)?.at ?? 0) };
  }

  /** Writes one transaction; the list may be empty only where `destroyed` is given. */
  write(
    now: number,
    operation: string,
    list: readonly Written[],
    { undoOf = null, destroyed = [] }: { undoOf?: number | null; destroyed?: readonly number[] } = {},
  ): Done {
    const { id: transactionId, at } = this.stamp(now);
    this.transactions.push({
      ...{ id: transactionId, at, operation, undoOf },
      entityCount: list.length + destroyed.length,
    });
    for (const { id, state, operation: made, origin } of list) {
      const known = this.versions.get(id) ?? [];
      const last = known.at(-1);
      const version = (last?.version ?? 0) + 1;
      if (last != null) known[known.length - 1] = { ...last, until: transactionId };
      known.push({
        ...{ entityId: id, version, operation: made, transactionId, until: null, updatedAt: at, state },
        origin: origin ?? version,
      });
      this.versions.set(id, known);
      this.#lastId = Math.max(this.#lastId, id);
    }
    const before = this.files();
    for (const id of destroyed) this.#destroy(id, transactionId);
    const after = this.files();
    const gone = [...before].filter(([path]) => !after.has(path));
    const freedBytes = gone.reduce((sum, [, size]) => sum + size, 0);
    return { transactionId, ids: [...list.map(({ id }) => id), ...destroyed], freedBytes };
  }

  #destroy(id: number, transactionId: number): void {
    const last = this.find(id)!;
    this.versions.delete(id);
    const md5 = last.state.file?.md5 ?? null;
    this.tombstones.push({ entityId: id, version: last.version + 1, transactionId, md5 });
  }
}
