import type { Logger } from "pino";
import type { Config } from "./config.ts";
import type { Clock, Deps } from "./deps.ts";
import type { Context } from "./graphql/context.ts";
import { createServer } from "./http/server.ts";
import { openPreparation } from "./derivatives/preparation.ts";
import { findDerivativeDownload } from "./derivatives/service.ts";
import { Closers, openLibrary } from "./library.ts";
import { openMedia } from "./media/media.ts";
import { SharedRuns } from "./media/shared-runs.ts";
import { findOriginalDownload } from "./originals/download.ts";
import { recoverFiles } from "./originals/service.ts";
import { openPruningSchedule } from "./pruning/schedule.ts";
import { schema } from "./schema.ts";
import { HotFiles } from "./storage/hot-files.ts";

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

/**
 * Starts the whole program: database, storage, media reader, server; when it returns, it listens.
 * @throws {LockedError} when another server works on the same media directory
 * @throws {DatabaseTooNewError} when a newer version of this program has changed the database.
 */
export async function startApp({ config, log, clock = { now: Date.now } }: AppNeeds): Promise<App> {
  const closers = new Closers();
  const close = () => closers.close();
  try {
    const library = await openLibrary({ config, log, clock }, closers);
    const { db, storage } = library;

    const media = openMedia({ config, log });
    closers.push(() => media.close());
    await library.derivativeStore.recover();

    const tools = {
      ...{ ...library, media: media.reader, pictures: media.pictures },
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
      context: (request): Context => ({ ...deps, ...request }),
      revision: () => db.revision(),
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
    const pruning = openPruningSchedule(deps);
    closers.push(() => pruning.close());
    return { url, deps, close };
  } catch (error) {
    await close();
    throw error;
  }
}
