import type { Readable } from "node:stream";

/** Bytes, both included, as in HTTP. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Each chunk is a hop to a thread and one to the socket: less than this costs time, more of it only memory. */
export const chunkBytes = 256 * 1024;

/** An object as the store knows it without reading it. */
export interface ObjectStat {
  /** Its name in the store, for messages. */
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** UTC milliseconds. */
  readonly modifiedAt: number;
}

/**
 * An object opened for reading. A small one stays readable when it is removed meanwhile, and in a folder every one does;
 * a store without open files may fail then with {UnavailableError}, and never ends short of the size without an error.
 */
export interface StoredFile extends ObjectStat {
  /**
   * All bytes, or the range; may be asked for once. The object is closed when the stream has ended or is destroyed.
   * In a folder, the stream ends early when the file has been cut meanwhile.
   */
  read(range?: ByteRange): Readable;
  /** The same in memory, for small objects; the object stays open. */
  readBytes(range?: ByteRange): Promise<Buffer>;
  /** Ends a reading under way. Safe to call twice, and after the reading has ended. */
  close(): Promise<void>;
}

/** How originals and derivatives are read. None of it writes. */
export interface ObjectReader<Key> {
  /**
   * Opens an object for reading; the caller closes it.
   * @returns undefined when there is none. Whatever else has the key's name (in a folder: a link, a FIFO, a device, a
   *   file reached through a link) is no object, and is never waited for.
   */
  open(key: Key): Promise<StoredFile | undefined>;
  /** @returns undefined where `open` does. */
  stat(key: Key): Promise<ObjectStat | undefined>;
  /**
   * For tools that read by path. The path leads to the whole object until `use` has ended, or the object is removed,
   * which does not wait for it. `use` never writes there.
   * @returns what `use` returns; undefined, without calling it, where `open` returns undefined. @throws what `use` throws
   */
  withLocalFile<T extends object>(key: Key, use: (path: string) => Promise<T>): Promise<T | undefined>;
}

/** What the store is to say with an object's bytes. */
export interface LinkHeaders {
  /** Content-Type. */
  readonly type: string;
  /** Content-Disposition. */
  readonly disposition: string;
}

/** A store that gives clients bytes itself, at URLs that need no other permission and end after a short while. */
export interface DirectLinks {
  /** Of every URL. */
  readonly origin: string;
  /** The URL is for this method only. Whether there is such an object is not asked. @throws {UnavailableError} */
  sign(key: string, method: "GET" | "HEAD", headers: LinkHeaders): Promise<string>;
}

/** Bytes that have arrived in a temporary file of this machine, and that no row names yet. */
export interface StagedFile {
  /** Names it in the store that staged it. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Lower-case hex, of all bytes. */
  readonly md5: string;
  readonly sha256: string;
  /** For tools that read by path, before the file is published or discarded; `use` never writes there. */
  withLocalFile<T>(use: (path: string) => Promise<T>): Promise<T>;
  /** Removes the staged name; an original published from it stays. Safe to call twice. */
  discard(): Promise<void>;
}

/** An original whose bytes are durable but whose row is not committed yet: settle it one way or the other. */
export interface Publication {
  /** The row is committed: the original stays. */
  keep(): Promise<void>;
  /**
   * There will be no row: removes the original again, but never one that was there before.
   * The bytes are staged as before, to be published once more or discarded.
   */
  withdraw(): Promise<void>;
}

/** How a store is doing, for probes and metrics. */
export interface StoreHealth {
  /** Tries to write where uploads arrive, and leaves nothing. @throws {UnavailableError} @throws what the system throws */
  checkWritable(): Promise<void>;
  /** Bytes that this process may still write. */
  freeBytes(): Promise<number>;
  /** Uploads that are being received, or have no row yet. */
  countStaged(): Promise<number>;
}

/**
 * Keeps the bytes of originals. A key is relative and slash-separated, `YYYY/MM/DD/{md5}.{extension}`; one that leads
 * out of the store is a bug, and refused by an Error.
 *
 * An object is written once, whole, and never changed: its key means the same bytes until it is removed. Rows decide
 * which originals exist, so bytes come before their row and go after it. A crash leaves too many objects, never too
 * few, and `recover` removes them.
 *
 * Where the place itself cannot be reached, reading, listing, staging, publishing and removing throw
 * {UnavailableError}: nothing is written elsewhere, and no object is reported missing.
 *
 * The folder is the first member (`local/local.ts`). Every member passes `tests/storage/contract.ts`.
 */
export interface ObjectStore extends ObjectReader<string>, StoreHealth {
  /** Absent where bytes come through this program only. */
  readonly links?: DirectLinks;

  /**
   * Takes all bytes of the stream, with memory use that does not grow with the file, or destroys the stream. They are
   * not durable yet.
   * @throws {FileTooLargeError} past the limit of bytes, {EmptyFileError} for none,
   *   {UploadAbortedError} when the stream breaks, {StorageFullError}; nothing is left behind then.
   */
  stage(bytes: Readable): Promise<StagedFile>;

  /**
   * Gives the staged bytes their key, atomically: readers find all of them or none. On return bytes and key survive a
   * power cut. The same bytes already there (left by a crash) are adopted, and durable on return as well. When it
   * throws, the bytes are still staged, and it has brought no object.
   * @throws {HashCollisionError} when the key has other bytes; they stay as they are, however many publish at once.
   * @throws {StorageFullError}
   */
  publish(staged: StagedFile, key: string): Promise<Publication>;

  /** Durable on return. Removing an object that is gone succeeds. */
  remove(key: string): Promise<void>;

  /** The originals whose keys begin with `prefix`, in no order; those that come and go meanwhile may be among them. */
  list(prefix: string): AsyncIterable<ObjectStat>;

  /**
   * Ends what a crash interrupted, before anything else is stored: staged files go, and so does each object that
   * was published and has no row. An object that was there before stays. A second run finds nothing.
   * @returns how many files it removed.
   */
  recover(hasRow: (key: string) => Promise<boolean>): Promise<number>;

  /**
   * The same of what others have left that died, and of what was not known to be done, beside work under way. Asked
   * every few seconds; removes nothing before it has stood still for the length of a lease.
   */
  sweep(hasRow: (key: string) => Promise<boolean>): Promise<number>;
}
