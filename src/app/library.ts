import { dirname, resolve } from "node:path";
import type { Logger } from "pino";
import { KeyedLock } from "../concurrency/keyed-lock.ts";
import type { Config } from "../config/config.ts";
import { openDb } from "../database/open-db.ts";
import { checkUnlocked, lockDatabase, lockFolder } from "../database/sqlite/lock.ts";
import { applyMigrations } from "../database/sqlite/migrations.ts";
import { openDatabase, type Database } from "../database/sqlite/database.ts";
import { refreshIndex } from "../database/sqlite/text-index.ts";
import type { Clock, Deps } from "../deps.ts";
import type { ListedStore } from "../storage/derivative-store.ts";
import { openDerivativeStore } from "../storage/local/derivatives.ts";
import { openLocalStorage } from "../storage/local/local.ts";
import { watchPresence, type CheckPresence } from "../storage/local/presence.ts";
import { checkWritable } from "../storage/local/check-writable.ts";
import { plainMonitor, type Monitor } from "../observability/monitor.ts";
import { watchDatabase, type DatabaseLoad } from "../observability/instrumentation/database.ts";
import { checkPair, type Adopting } from "./pairing.ts";
import { pathOfDatabase } from "./paths.ts";

type Closer = () => void | Promise<void>;

/** Opened resources, to be closed in reverse order. */
export class Closers {
  readonly #closers: Closer[] = [];

  push(closer: Closer): void {
    this.#closers.push(closer);
  }

  /** @throws {AggregateError} for what could not be closed. */
  async close(): Promise<void> {
    const failures: unknown[] = [];
    // One that fails must not keep the others open, least of all the lock.
    for (const closer of this.#closers.splice(0).reverse())
      await Promise.resolve()
        .then(closer)
        .catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw new AggregateError(failures, "could not close everything");
  }
}

/** A new release may split text into words in another way; reindexing a million entities takes a minute, once. */
async function refreshSearch(database: Database, log: Logger): Promise<void> {
  const progress = (entities: number) => {
    if (entities > 0) log.info({ entities }, "the search index is being made again");
  };
  await database.exclusive((writer) => refreshIndex(writer, progress));
}

/** The rows and the files, without a server. */
export type Library = Pick<
  Deps,
  "config" | "log" | "clock" | "db" | "storage" | "derivativeStore" | "fileLocks"
>;

interface LibraryNeeds {
  readonly config: Config;
  readonly log: Logger;
  readonly clock: Clock;
  readonly monitor?: Monitor;
  /** Set when the administrator says that this folder belongs to the library, although its mark says otherwise. */
  readonly adopting?: Adopting;
  /** Called once the library is this process's, before its database is brought up to date, which may take minutes. */
  readonly onLocked?: () => Promise<void>;
}

/**
 * Takes the library for this process alone. Nothing is written before its database and its media directory are known
 * to belong together; of a library that another process has, nothing at all.
 */
async function takeLibrary({ config, adopting, onLocked }: LibraryNeeds, closers: Closers) {
  const [mediaDir, databasePath] = [resolve(config.mediaDir), pathOfDatabase(config.databaseUrl)];
  checkUnlocked(databasePath, mediaDir);
  await checkPair(config, adopting);
  await checkWritable("The database's folder", dirname(databasePath));
  closers.push(lockDatabase(databasePath));
  await checkWritable("The media directory", mediaDir);
  closers.push(lockFolder(mediaDir));
  // Once more: until now, another process may have changed either.
  const pairing = await checkPair(config, adopting);
  await pairing.begin();
  await onLocked?.();
  return pairing;
}

/**
 * Opens the one library of the settings for this process alone, making what is missing and migrating the database.
 * @throws {WrongFolderError} when the media directory is not this library's
 * @throws {UnusableFolderError} when it cannot write where it has to
 * @throws {LockedError} when another process works on the same database or media directory
 * @throws {DatabaseTooNewError} when a newer version of this program has changed the database.
 */
export async function openLibrary(
  needs: LibraryNeeds,
  closers: Closers,
): Promise<Library & { readonly load: () => DatabaseLoad; readonly derivativeStore: ListedStore }> {
  const { config, log, clock, monitor = plainMonitor() } = needs;
  const pairing = await takeLibrary(needs, closers);
  let checkPresence: CheckPresence = () => Promise.resolve();
  // Before the folder is marked: on a disk with little room, what uploads need comes first.
  const storage = await openLocalStorage(config.mediaDir, config.uploadBytesMax, () => checkPresence());
  const database = openDatabase(pathOfDatabase(config.databaseUrl));
  const { queryThreads: connections, queriesWaitingMax: waitingMax, queryTimeoutMs: timeoutMs } = config;
  const { watch, load } = watchDatabase({ log, monitor, db: () => db });
  const db = openDb(database, () => clock.now(), { connections, waitingMax, timeoutMs }, watch);
  closers.push(() => db.close());
  const applied = await applyMigrations(database);
  if (applied.length > 0) log.info({ migrations: applied }, "the database was migrated");
  await pairing.finish(database);
  await refreshSearch(database, log);

  checkPresence = await watchPresence(config.mediaDir);
  const derivativeStore = await openDerivativeStore(config.mediaDir, checkPresence);
  return { config, log, clock, db, storage, derivativeStore, fileLocks: new KeyedLock(), load };
}

/** The rows alone, also beside a server that has the library open: for small writes that touch no file. */
export function openRows(
  { databaseUrl }: Pick<Config, "databaseUrl">,
  clock: Clock,
  closers: Closers,
): Pick<Deps, "db" | "clock"> {
  const db = openDb(openDatabase(pathOfDatabase(databaseUrl)), () => clock.now());
  closers.push(() => db.close());
  return { db, clock };
}
