import { dirname, resolve } from "node:path";
import type { Logger } from "pino";
import { KeyedLock } from "../concurrency/keyed-lock.ts";
import type { Config } from "../config/config.ts";
import { engineOf } from "../database/engines.ts";
import type { Clock, Deps } from "../deps.ts";
import type { ListedStore } from "../storage/derivative-store.ts";
import { openDerivativeStore } from "../storage/local/derivatives.ts";
import { openLocalStorage } from "../storage/local/local.ts";
import { watchPresence, type CheckPresence } from "../storage/local/presence.ts";
import { checkWritable } from "../storage/local/check-writable.ts";
import { checkFolderUnlocked, lockFolder } from "../storage/local/folder-lock.ts";
import { plainMonitor, type Monitor } from "../observability/monitor.ts";
import { watchDatabase, type DatabaseLoad } from "../observability/instrumentation/database.ts";
import { checkPair, type Adopting } from "./pairing.ts";
import { sessionUrlOf } from "./paths.ts";
import { isInBucket, openBucket } from "./places.ts";

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
  const [mediaDir, { databaseUrl }] = [resolve(config.mediaDir), config];
  const engine = engineOf(databaseUrl);
  const path = engine.pathOf(databaseUrl);
  checkFolderUnlocked(mediaDir);
  const sessionUrl = sessionUrlOf(config);
  await engine.checkUnlocked(sessionUrl);
  await checkPair(config, adopting);
  if (path != null) await checkWritable("The database's folder", dirname(path));
  closers.push(await engine.lock(sessionUrl));
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
  const folder = isInBucket(config)
    ? null
    : await openLocalStorage(config.mediaDir, config.uploadBytesMax, () => checkPresence());
  const { queryThreads: connections, queriesWaitingMax: waitingMax, queryTimeoutMs: timeoutMs } = config;
  const { watch, load } = watchDatabase({ log, monitor, db: () => db });
  const limits = { connections, waitingMax, timeoutMs };
  const database = await engineOf(config.databaseUrl).open(config.databaseUrl, {
    ...{ now: () => clock.now(), limits, watch, directUrl: config.databaseDirectUrl },
  });
  const { db } = database;
  closers.push(() => db.close());
  const applied = await database.migrate();
  if (applied.length > 0) log.info({ migrations: applied }, "the database was migrated");
  await pairing.finish(database);
  // A new release may read strings in another way; a library of a million takes it a minute, once.
  await database.refreshIndex((entities) => {
    if (entities > 0) log.info({ entities }, "the search index is being made again");
  });

  checkPresence = await watchPresence(config.mediaDir);
  const storage = folder ?? (await openBucket({ config, log, db }));
  const derivativeStore = await openDerivativeStore(config.mediaDir, checkPresence);
  return { config, log, clock, db, storage, derivativeStore, fileLocks: new KeyedLock(), load };
}

/** The rows alone, also beside a server that has the library open: for small writes that touch no file. */
export async function openRows(
  { databaseUrl, databaseDirectUrl: directUrl }: Pick<Config, "databaseUrl" | "databaseDirectUrl">,
  clock: Clock,
  closers: Closers,
): Promise<Pick<Deps, "db" | "clock">> {
  const { db } = await engineOf(databaseUrl).open(databaseUrl, { now: () => clock.now(), directUrl });
  closers.push(() => db.close());
  return { db, clock };
}
