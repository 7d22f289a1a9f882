import type { ObjectReader, StoredFile } from "./object-store.ts";

/** Which derivative of which original; lower-case hex, and a name of `[a-z0-9][a-z0-9.-]*`. */
export interface DerivativeKey {
  readonly md5: string;
  readonly sha256: string;
  readonly name: string;
}

/** A derivative being made, in a temporary file of this machine. */
export interface DerivativeDraft {
  /** For tools that write and read by path. At first nothing is there: a tool writes the derivative. */
  withLocalFile<T>(use: (path: string) => Promise<T>): Promise<T>;
  /**
   * Gives the whole file its name, replacing an older one; those who read that one read it to its end.
   * @returns false when there is no room for it; then it is still a draft.
   * @throws {StorageFullError}
   */
  publish(key: DerivativeKey): Promise<boolean>;
  /** The written file, before it is published or discarded. */
  open(): Promise<StoredFile | undefined>;
  /** Removes what was written. Safe to call twice, and after publishing. */
  discard(): Promise<void>;
}

/**
 * Keeps derivatives, which can be made again: unlike an original, one may be replaced, need not survive a power cut,
 * and may go at any moment, also while it is being used. Only whole files have names, after a power cut too.
 *
 * Every member passes `tests/contracts/derivative-store.ts`.
 */
export interface DerivativeStore extends ObjectReader<DerivativeKey> {
  /** @throws {StorageFullError} @throws {UnavailableError} */
  draft(): Promise<DerivativeDraft>;
  /** Bytes of all of them; undefined where they are not counted. */
  readonly usedBytes?: number;
  /** Notes that it was asked for: those that were used least recently give way first. */
  touch(key: DerivativeKey): void;
  /** Whether anything can be published now. */
  hasRoom(): Promise<boolean>;
  /** Removes every derivative of the originals with that MD5; none is no error. @returns their bytes. */
  remove(md5: string): Promise<number>;
  /** Removes drafts that a crash left; before the first draft. */
  recover(): Promise<void>;
}

/** A derivative as the store knows it. */
export interface StoredDerivative extends DerivativeKey {
  readonly bytes: number;
  /** When it was last used, as far as the store knows, or made; UTC milliseconds. */
  readonly usedAt: number;
}

/** A store whose derivatives can be listed, and removed one by one. */
export interface ListedStore extends DerivativeStore {
  /** Bytes of the disk that they are stored on, and those that this process may still write. */
  disk(): Promise<{ readonly bytes: number; readonly freeBytes: number }>;
  /** Every derivative, in no order; those that come and go meanwhile may be among them or not. */
  list(): AsyncIterable<StoredDerivative>;
  /** Removes one; none is no error. */
  evict(key: DerivativeKey): Promise<void>;
  /** Keeps on disk that it was used now. */
  markUsed(key: DerivativeKey): Promise<void>;
}
