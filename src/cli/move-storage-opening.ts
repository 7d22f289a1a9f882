import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Closers } from "../app/library.ts";
import { carryingPlaceOf, nameOfOriginals } from "../app/places.ts";
import { NoLibraryError, openLibraryForReading } from "../app/reading-library.ts";
import type { Config } from "../config/config.ts";
import { engineOf } from "../database/engines.ts";
import { sql } from "../database/sql.ts";
import { WrongTargetError, type StorageMove } from "../maintenance/move/storage.ts";
import { makeDirectory } from "../storage/local/durable.ts";
import { checkFolderUnlocked, lockFolder } from "../storage/local/folder-lock.ts";
import { holdRemovals } from "../storage/removal-hold.ts";

/** With a slash at its end, so that a place below another is found to be there. */
const pathOf = (config: Config): string =>
  config.mediaUrl === ""
    ? join(resolve(config.mediaDir), "/")
    : `${nameOfOriginals(config).replace(/\/+$/, "")}/`;

function checkApart(from: Config, to: Config): void {
  const [one, other] = [pathOf(from), pathOf(to)];
  if (one.startsWith(other) || other.startsWith(one))
    throw new WrongTargetError(
      `${nameOfOriginals(to)} is the library's place already, or one is within the other. Nothing was written`,
    );
}

/** The folders that are this process's alone while it moves files. */
const foldersOf = (from: Config, to: Config): string[] => [
  ...new Set([from, to].map(({ mediaDir }) => resolve(mediaDir))),
];

/**
 * Takes library and places for this process; with `isDry`, it only looks, also beside a server.
 * @throws {WrongTargetError} @throws {NoLibraryError} @throws {WrongFolderError} @throws {LockedError}
 */
export async function openStorageMove(
  config: Config,
  target: Config,
  closers: Closers,
  isDry: boolean,
): Promise<StorageMove & { readonly holdRemovals: () => Promise<() => void> }> {
  checkApart(config, target);
  const engine = engineOf(config.databaseUrl);
  const folders = foldersOf(config, target);
  if (!isDry) {
    for (const folder of folders) if (existsSync(folder)) checkFolderUnlocked(folder);
    await engine.checkUnlocked(config.databaseUrl);
  }
  const { reader } = await openLibraryForReading(config, closers);
  if (!isDry) {
    closers.push(await engine.lock(config.databaseUrl));
    for (const folder of folders) {
      await makeDirectory(folder);
      closers.push(lockFolder(folder));
    }
  }
  const library = await reader.get<{ id: string }>(sql`SELECT "id" FROM "Library"`);
  if (library == null)
    throw new NoLibraryError("The database has no library's id yet: start the server once, and stop it");
  return {
    ...{ reader, libraryId: library.id, from: await carryingPlaceOf(config) },
    ...{ to: await carryingPlaceOf(target), holdRemovals: () => holdRemovals(config.mediaDir) },
  };
}
