import { join, resolve } from "node:path";
import type { Logger } from "pino";
import { anonymous } from "./auth/viewer.ts";
import type { Config } from "./config.ts";
import { openDb } from "./db/db.ts";
import { lock } from "./db/lock.ts";
import { applyMigrations } from "./db/migrations.ts";
import { openDatabase } from "./db/sqlite/database.ts";
import type { Clock, Deps } from "./deps.ts";
import type { Context } from "./graphql/context.ts";
import { createServer } from "./http/server.ts";
import { openPreparation } from "./derivatives/preparation.ts";
import { findDerivativeDownload } from "./derivatives/service.ts";
import { openMedia } from "./media/media.ts";
import { SharedRuns } from "./media/shared-runs.ts";
import { findOriginalDownload } from "./originals/download.ts";
import { recoverFiles } from "./originals/service.ts";
import { schema } from "./schema.ts";
import { openDerivativeStore } from "./storage/derivative-store.ts";
import { FileLocks } from "./storage/file-locks.ts";
import { HotFiles } from "./storage/hot-files.ts";
import { openLocalStorage } from "./storage/local.ts";

export interface App {
  /** Where it listens, without a path, such as http://127.0.0.1:4000. */
  readonly url: string;
  readonly deps: Deps;
  /** Lets running requests finish, then closes everything in reverse order. */
  close(): Promise<void>;
}

export interface AppNeeds {
  readonly config: Config;
  readonly log: Logger;
  readonly clock?: Clock;
}

/** `file:` and a path, relative to the working directory. */
const pathOfDatabase = (url: string) => resolve(url.slice("file:".length));

/**
 * Starts the whole program: database, storage, media reader, server; when it returns, it listens.
 * @throws {LockedError} when another server works on the same media directory
 * @throws {DatabaseTooNewError} when a newer version of this program has changed the database.
 */
export async function startApp({ config, log, clock = { now: Date.now } }: AppNeeds): Promise<App> {
  const closers: (() => void | Promise<void>)[] = [];
  const close = async () => {
    const failures: unknown[] = [];
    // One that fails must not keep the others open, least of all the lock.
    for (const closer of closers.splice(0).reverse())
      await Promise.resolve()
        .then(closer)
        .catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw new AggregateError(failures, "could not close everything");
  };
  try {
    const storage = await openLocalStorage(config.mediaDir, config.uploadBytesMax);
    closers.push(
      lock(join(resolve(config.mediaDir), ".lock"), `The media directory ${resolve(config.mediaDir)}`),
    );

    const database = openDatabase(pathOfDatabase(config.databaseUrl));
    const db = openDb(database, () => clock.now());
    closers.push(() => db.close());
    const applied = await applyMigrations(database);
    if (applied.length > 0) log.info({ migrations: applied }, "the database was migrated");

    const media = openMedia({ config, log });
    closers.push(() => media.close());
    const derivativeStore = await openDerivativeStore(config.mediaDir);
    await derivativeStore.recover();

    const tools = {
      ...{ config, log, clock, db, storage, media: media.reader, pictures: media.pictures, derivativeStore },
      fileLocks: new FileLocks(),
      hotFiles: new HotFiles(config.hotFilesBytesMax),
      derivativeRuns: new SharedRuns(config.derivativesWaitingMax),
    };
    const preparation = openPreparation(tools, () => server.isBusy());
    closers.push(() => preparation.close());
    const deps: Deps = { ...tools, preparation };
    const recovered = await recoverFiles(deps);
    if (recovered > 0)
      log.warn({ files: recovered }, "removed what an interrupted upload or deletion had left");

    const server = createServer({
      config,
      log,
      schema,
      context: (request): Context => ({ ...deps, ...request, viewer: anonymous }),
      downloads: {
        files: (path, query) => findOriginalDownload(deps, path, query),
        derivatives: (path) => findDerivativeDownload(deps, path),
      },
      hosts: config.allowedHosts,
      stage: (bytes) => storage.stage(bytes),
    });
    const { url } = await server.listen();
    closers.push(() => server.close());
    preparation.wake();
    return { url, deps, close };
  } catch (error) {
    await close();
    throw error;
  }
}
