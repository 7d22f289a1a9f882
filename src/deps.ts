import type { Logger } from "pino";
import type { Config } from "./config.ts";
import type { Db } from "./db/db.ts";
import type { MediaReader } from "./media/media-reader.ts";
import type { FileLocks } from "./storage/file-locks.ts";
import type { Storage } from "./storage/storage.ts";

/** The time, so that tests can choose it. */
export interface Clock {
  /** UTC milliseconds. */
  now(): number;
}

/** What the program stands on: built once in `app.ts`, handed to functions that name what they need. */
export interface Deps {
  readonly config: Config;
  readonly log: Logger;
  readonly clock: Clock;
  readonly db: Db;
  readonly storage: Storage;
  readonly media: MediaReader;
  readonly fileLocks: FileLocks;
}
