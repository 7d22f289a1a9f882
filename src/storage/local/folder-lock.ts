import { existsSync } from "node:fs";
import { join } from "node:path";
import { lock } from "../../file-lock.ts";

const pathOf = (mediaDir: string) => join(mediaDir, ".lock");

/** Keeps a second server away from the same originals, whatever its database is. @returns what releases it. @throws {LockedError} */
export const lockFolder = (mediaDir: string): (() => void) =>
  lock(pathOf(mediaDir), `The media directory ${mediaDir}`);

/** Whether `lockFolder` would be granted. Writes nothing. @throws {LockedError} */
export function checkFolderUnlocked(mediaDir: string): void {
  if (existsSync(pathOf(mediaDir))) lockFolder(mediaDir)();
}
