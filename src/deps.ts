import type { Logger } from "pino";
import type { UrlSignature } from "./auth/url-signature.ts";
import type { KeyedLock } from "./concurrency/keyed-lock.ts";
import type { SharedRuns } from "./concurrency/shared-runs.ts";
import type { Config } from "./config/config.ts";
import type { Db } from "./database/db.ts";
import type { MediaReader } from "./media/facts/media-reader.ts";
import type { PictureMaker } from "./media/decoding/picture-maker.ts";
import type { Monitor } from "./observability/monitor.ts";
import type { DerivativeStore } from "./storage/derivative-store.ts";
import type { HotFiles } from "./storage/hot-files.ts";
import type { ObjectStore, StoredFile } from "./storage/object-store.ts";

/** The time, so that tests can choose it. */
export interface Clock {
  /** UTC milliseconds. */
  now(): number;
}

/** Background work that looks for itself what there is to do. */
export interface Wakeable {
  /** There may be something new; returns at once. */
  wake(): void;
}

/** The request that waits for an answer. */
export interface Asking {
  /** Aborted when the client is gone: long work may stop. */
  readonly signal?: AbortSignal | undefined;
}

/** The parts of the program: built once in `app.ts`, handed to functions that name the ones they need. */
export interface Deps {
  readonly config: Config;
  readonly log: Logger;
  readonly clock: Clock;
  readonly db: Db;
  /** Of originals. */
  readonly storage: ObjectStore;
  readonly media: MediaReader;
  /**
   * By a file's MD5: deciding whether a file is new, publishing it and committing its row belong together, and so do
   * finding it unused and removing it, and finding it still there and publishing what was made from it.
   */
  readonly fileLocks: KeyedLock;
  readonly pictures: PictureMaker;
  readonly derivativeStore: DerivativeStore;
  readonly hotFiles: HotFiles;
  /** Each ends with what there was no room to store, or with undefined. */
  readonly derivativeRuns: SharedRuns<{ open(): Promise<StoredFile | undefined> } | undefined>;
  readonly preparation: Wakeable;
  readonly factsReading: Wakeable;
  /** Null where files need no permission. */
  readonly urlSignature: UrlSignature | null;
  readonly monitor: Monitor;
}
