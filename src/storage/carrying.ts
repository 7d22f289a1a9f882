import type { OriginalsPlace } from "./originals-place.ts";

/** Bytes that can be read to be put elsewhere. */
export interface Bytes {
  /** For messages. */
  readonly name: string;
  /** Where they are a file of this machine. */
  readonly path?: string;
  /** All of them. Nothing is trusted: they may be missing or others. @throws {DamagedCopyError} when there are none. */
  read(): AsyncIterable<Buffer>;
}

/** An original as its row, or a manifest, knows it. */
export interface CarriedFile {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** Lower-case hex, of all bytes. */
  readonly sha256: string;
}

/** Says durably that a place is being filled, and by which library. */
export type FillingNote = ".moving" | ".restoring";

/** A place of originals from which, or into which, a whole library is carried while no server works on it. */
export interface CarryingPlace extends OriginalsPlace {
  /** Opens nothing yet. */
  bytesOf(key: string): Bytes;
  /** @returns undefined where there is nothing under the key. */
  sizeOf(key: string): Promise<number | undefined>;
  /**
   * Puts an original there, unless these very bytes are there; its name is durable after `settle`. What is there afterwards
   * has been hashed, as it was written to a folder, or read back from a store.
   * @returns whether bytes were copied.
   * @throws {DamagedCopyError} when the bytes read are not those expected; nothing is left then
   * @throws {HashCollisionError} when the key has other bytes in a store, which stay
   * @throws {StorageFullError} @throws {UnavailableError}
   */
  add(file: CarriedFile, from: Bytes): Promise<boolean>;
  /** Makes all names durable. */
  settle(): Promise<void>;
  /** Removing an original that is gone succeeds. */
  remove(key: string): Promise<void>;
  /** Keys of what is named as originals are. */
  list(): AsyncIterable<string>;
  /** The name of something that a place without a library would not have. Writes nothing. */
  findOccupant(): Promise<string | undefined>;
  readNote(name: FillingNote): Promise<string | undefined>;
  /** Durable on return; makes the place where it is a folder that is not there. */
  writeNote(name: FillingNote, text: string): Promise<void>;
  removeNote(name: FillingNote): Promise<void>;
  removeMark(): Promise<void>;
}
