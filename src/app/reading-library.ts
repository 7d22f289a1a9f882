import { existsSync } from "node:fs";
import { relative, resolve } from "node:path";
import type { Config } from "../config/config.ts";
import type { Consistency } from "../database/engine.ts";
import { engineOf } from "../database/engines.ts";
import type { Reader } from "../database/reader.ts";
import type { Closers } from "./library.ts";
import { checkPair } from "./pairing.ts";
import { pathOfDatabase, sessionUrlOf } from "./paths.ts";
import { isInBucket, lookAtOriginals, type OriginalsLook } from "./places.ts";

type Paths = Pick<Config, "databaseUrl" | "mediaDir" | "mediaUrl">;

type OriginalsSettings = Paths & Parameters<typeof lookAtOriginals>[0];

/** There is no such library, or not one of this version. */
export class NoLibraryError extends Error {
  override readonly name = "NoLibraryError";
}

/** A library opened for reading only, while a server may work on it. */
export interface LibraryReading extends OriginalsLook {
  readonly reader: Reader;
  readonly consistency: Consistency;
  isOurs(path: string): boolean;
}

/**
 * A typing error in a path must not be answered with an empty library, or with rows that lose their files.
 * @throws {NoLibraryError}
 */
export function checkPresent({ databaseUrl, mediaDir, mediaUrl }: Paths): void {
  const folder = isInBucket({ mediaUrl }) ? null : resolve(mediaDir);
  for (const path of [pathOfDatabase(databaseUrl), folder])
    if (path != null && !existsSync(path))
      throw new NoLibraryError(
        `There is no ${path}; nothing was done. The first start of the server makes it (colan serve); if it is elsewhere, set DATABASE_URL and MEDIA_DIR`,
      );
}

/** As above, of the media directory alone. @throws {NoLibraryError} */
export function checkFolderPresent({ mediaDir, mediaUrl }: Omit<Paths, "databaseUrl">): void {
  if (!isInBucket({ mediaUrl }) && !existsSync(resolve(mediaDir)))
    throw new NoLibraryError(`There is no ${resolve(mediaDir)}; nothing was done`);
}

/** The originals and what lies beside them, without the database's own files if they are there. */
export async function openMediaFiles(config: OriginalsSettings, reader: Reader) {
  const { databaseUrl, mediaDir } = config;
  const path = isInBucket(config) ? null : pathOfDatabase(databaseUrl);
  const database = path == null ? null : relative(resolve(mediaDir), path);
  return {
    ...(await lookAtOriginals(config, reader)),
    // `-wal`, `-shm`, `-journal`, and what this command keeps beside it.
    isOurs: (path: string) =>
      database != null &&
      (path === database || path.startsWith(`${database}-`) || path.startsWith(`${database}.`)),
  };
}

/** @throws {NoLibraryError} @throws {WrongFolderError} @throws {DatabaseTooNewError} */
export async function openLibraryForReading(config: Config, closers: Closers): Promise<LibraryReading> {
  checkPresent(config);
  await checkPair(config);
  const engine = engineOf(config.databaseUrl);
  const database = await engine.openReading(sessionUrlOf(config));
  closers.push(() => database.close());
  const pending = await database.listPending();
  if (pending.length > 0)
    throw new NoLibraryError(
      `The database is of an earlier version of this program (${pending.join(", ")} not applied); run: colan migrate`,
    );
  return {
    reader: database.reader,
    consistency: engine.consistency,
    ...(await openMediaFiles(config, database.reader)),
  };
}
