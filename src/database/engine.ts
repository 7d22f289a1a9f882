import type { Db } from "./db.ts";
import type { DbWatch } from "./instrumentation.ts";
import type { Reader } from "./reader.ts";
import type { Contents } from "./transfer.ts";

/** Which library a database is. */
export interface LibraryRow {
  /** 32 lower-case hex digits. */
  readonly id: string;
  /** Whether a media directory has been marked for it. */
  readonly isPaired: boolean;
}

/** An original's file, as its row says. */
export interface SampledFile {
  readonly filePath: string;
  /** Bytes. */
  readonly fileSize: number;
}

/** What can be said of a database before anything is written. */
export interface DatabaseLook {
  /** Undefined for a database that is new, or of a version that gave none. */
  readonly library: LibraryRow | undefined;
  /** Whether it has originals. */
  readonly hasFiles: boolean;
  /** Originals, spread evenly over all of them. */
  readonly sample: (max: number) => Promise<readonly SampledFile[]>;
}

/** The database is one, but not of this program. */
export class ForeignDatabaseError extends Error {
  override readonly name = "ForeignDatabaseError";
}

/** The database cannot be worked with, and no waiting mends it: a wrong password, a missing right, an old server. */
export class UnusableDatabaseError extends Error {
  override readonly name = "UnusableDatabaseError";
}

/** The database has migrations that this program does not know. */
export class DatabaseTooNewError extends Error {
  override readonly name = "DatabaseTooNewError";

  constructor(unknown: readonly string[]) {
    super(
      `The database was changed by a newer version of this program (${unknown.join(", ")}), and an older one could ` +
        `damage it. Start the newer version again, or restore the backup made before the upgrade.`,
    );
  }
}

/** A migration cannot be applied, or is not the one that was applied. Nothing of it is in the database. */
export class MigrationError extends Error {
  override readonly name = "MigrationError";
}

/** What must hold of the rows at every commit, in the order it is looked at. */
export const checks = [
  "DATABASE",
  "REFERENCE",
  "VERSION_WITHOUT_FILE",
  "ORIGINAL_WITHOUT_VERSION",
  "ORIGINAL_MISNAMED",
  "ENTITY_AND_VERSION",
  "VERSION_GAP",
  "ALBUM_MEMBER",
  "TOTAL",
  "TALLY",
  "PLACE_INDEX",
  "KEYWORD_INDEX",
  "SEARCH_INDEX",
] as const;
export type Check = (typeof checks)[number];

/** What a check found wrong with one row. */
export interface Wrong {
  readonly entityId: number | null;
  /** Of the original's file, relative to the media directory. */
  readonly path: string | null;
  /** One sentence without full stop. */
  readonly message: string;
}

/** Whether the rows of a database hold together. */
export interface Consistency {
  /**
   * Walks whole tables in one statement, which sees one commit while others write. Returns at most 1,000 of a kind.
   * @throws {Error} of the engine for what is no database.
   */
  run(reader: Pick<Reader, "all">, check: Check): Promise<readonly Wrong[]>;
  /** Ids of entities whose words in the search index are not as many as their strings have. Reads all of them. */
  findMisindexed(reader: Pick<Reader, "all">): AsyncGenerator<number>;
}

/** What limits the queries that run aside. */
export interface QueryLimits {
  /** Queries at the same time. */
  readonly connections: number;
  /** Queries that may wait for their turn. */
  readonly waitingMax: number;
  /** Milliseconds that a query may take. */
  readonly timeoutMs: number;
}

export interface OpenOptions {
  /** UTC milliseconds, for the times of transactions. */
  readonly now: () => number;
  readonly limits?: QueryLimits;
  readonly watch?: DbWatch;
  /** Of the same database without a pooler between, for what needs one session: migrations, and hearing of commits. */
  readonly directUrl?: string | null;
}

/** A database opened for reading and writing. */
export interface OpenDatabase {
  /** Its `close` closes the database. */
  readonly db: Db;
  /**
   * Brings it to this program's schema, safe when several programs start at once.
   * @returns the names of the migrations applied now.
   * @throws {DatabaseTooNewError} @throws {MigrationError}
   */
  migrate(): Promise<readonly string[]>;
  /** Makes the search index again where an earlier version of this program made it. @param progress entities done so far. */
  refreshIndex(progress: (done: number) => void): Promise<void>;
  /** Writes a whole library into it, while it is empty and no other server has it: all of it, or nothing. */
  fill(contents: Contents): Promise<void>;
  /** In a transaction of its own. */
  writeLibraryRow(row: LibraryRow): Promise<void>;
}

/** A database opened for reading only, while others may write to it. */
export interface ReadingDatabase {
  readonly reader: Reader;
  /** Names of the migrations that it lacks. @throws {DatabaseTooNewError} @throws {MigrationError} */
  listPending(): Promise<readonly string[]>;
  /** The highest id ever given out, by table: ids are not used again. */
  readLastIds(): Promise<Readonly<Record<string, number>>>;
  close(): Promise<void>;
}

/**
 * A kind of database that a library can be in. Everything above `database/` asks its questions in the SQL that all
 * engines share, with the functions of `dialect.ts` for the rest. tests/database/engine/ runs over every engine.
 */
export interface Engine {
  /** Absolute path of the database's file; null where there is none on this machine. */
  pathOf(url: string): string | null;
  /** The database as messages name it: without a password. */
  nameOf(url: string): string;
  /**
   * Looks at a database without changing a byte of it; one that is not there is new.
   * @throws {ForeignDatabaseError} for another program's.
   */
  look<T>(url: string, look: (found: DatabaseLook) => Promise<T>): Promise<T>;
  /** Keeps other servers away. @returns what releases it. @throws {LockedError} */
  lock(url: string): Promise<() => Promise<void>>;
  /** Whether `lock` would be granted. Writes nothing. @throws {LockedError} */
  checkUnlocked(url: string): Promise<void>;
  /** Makes the database when it is not there. */
  open(url: string, options: OpenOptions): Promise<OpenDatabase>;
  openReading(url: string): Promise<ReadingDatabase>;
  readonly consistency: Consistency;
}
