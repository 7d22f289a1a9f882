import type { Readable } from "node:stream";
import type { StoredFile } from "./stored-file.ts";

/** Bytes that have arrived and are named by nothing yet. */
export interface StagedFile {
  /** Absolute; for reading only. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Lower-case hex, of all bytes. */
  readonly md5: string;
  readonly sha256: string;
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

/**
 * Where originals lie. Paths are relative, slash-separated, made by us (`YYYY/MM/DD/{md5}.{extension}`).
 *
 * Every backend passes `tests/contracts/storage.ts`. Where the place itself cannot be reached, each method throws
 * {UnavailableError}: nothing is written elsewhere, and no file is said to be missing.
 */
export interface Storage {
  /**
   * Takes all bytes of the stream, whose memory use does not grow with the file, or destroys it.
   * @throws {FileTooLargeError} past the limit of bytes, {EmptyFileError} for none,
   *   {UploadAbortedError} when the stream breaks, {StorageFullError}; nothing is left behind then.
   */
  stage(bytes: Readable): Promise<StagedFile>;

  /**
   * Makes the staged bytes durable under `filePath`; on return they survive a power cut.
   * The same bytes already there (left by a crash) are adopted. When it throws, the bytes are still staged.
   * @throws {HashCollisionError} when other bytes are there; they stay as they are.
   * @throws {StorageFullError}
   */
  publish(staged: StagedFile, filePath: string): Promise<Publication>;

  /**
   * Opens an original for reading; the caller closes it.
   * @returns undefined when there is none, or when what lies there is no regular file below the media directory
   *   (a link, a FIFO, a device, a file in a folder that is a link). Never waits for a FIFO's writer.
   */
  open(filePath: string): Promise<StoredFile | undefined>;

  /** Removing what is already gone succeeds. */
  remove(filePath: string): Promise<void>;

  /**
   * Ends what a crash interrupted, before anything else is stored: staged files go, and so does an
   * original that was published without a row.
   * @returns how many files it removed.
   */
  recover(hasRow: (filePath: string) => Promise<boolean>): Promise<number>;
}
