import { lstat, open, realpath, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { OriginalsPlace } from "../originals-place.ts";
import { makeDirectory, sync } from "./durable.ts";
import { storageError } from "./disk-full.ts";
import { openStored } from "./stored-file.ts";
import { checkReadable } from "./check-writable.ts";
import { listOriginals } from "./original-files.ts";

/** The file of a media directory that says whose it is; its first line is the library's id. */
export const libraryMarkName = ".library";
const draftName = ".library-new";

const idForm = /^[0-9a-f]{32}$/;
const markBytesMax = 4096;

export const markText = (id: string, kind: "folder" | "bucket" = "folder") =>
  `${id}\nThis ${kind} holds the originals of the CoLAN Media Store library with this id. Its database has the same id,\n` +
  `and the server refuses to start where the two differ. Keep this file with the ${kind}.\n`;

/** @returns undefined where the mark cannot be understood. */
export function markIdOf(mark: Buffer): string | undefined {
  const [id = ""] = mark.subarray(0, markBytesMax).toString().split("\n");
  return idForm.test(id) ? id : undefined;
}

/** There is a mark, and it cannot be understood. */
export class DamagedMarkError extends Error {
  override readonly name = "DamagedMarkError";
}

/**
 * The id of the library whose media directory this is; undefined when the folder has no mark, or is not there.
 * @throws {DamagedMarkError} @throws {UnusableFolderError}
 */
export async function findLibraryMark(mediaDir: string): Promise<string | undefined> {
  const dir = resolve(mediaDir);
  const root = await checkReadable("The media directory", dir, () => realpath(dir));
  if (root == null) return undefined;
  const file = await checkReadable("The media directory", dir, () => openStored(root, libraryMarkName));
  if (file == null) {
    const there = await lstat(join(root, libraryMarkName)).catch(() => undefined);
    if (there == null) return undefined;
    throw new DamagedMarkError(`${join(dir, libraryMarkName)} is no regular file; put the right one back`);
  }
  try {
    const bytes = await file.readBytes({ start: 0, end: Math.min(file.size, markBytesMax) - 1 });
    const id = markIdOf(bytes);
    if (id != null) return id;
  } finally {
    await file.close();
  }
  throw new DamagedMarkError(
    `${join(dir, libraryMarkName)} does not begin with a library's id; put the right one back, or, if this is the ` +
      `folder of this library, remove the file and run: colan adopt-folder`,
  );
}

/** Says durably whose folder it is: a power cut leaves the earlier mark or this one. @throws {StorageFullError} */
export async function writeLibraryMark(mediaDir: string, id: string): Promise<void> {
  const dir = resolve(mediaDir);
  const draft = join(dir, draftName);
  try {
    await makeDirectory(dir);
    await rm(draft, { force: true });
    const file = await open(draft, "wx", 0o644);
    try {
      await file.writeFile(markText(id));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, join(dir, libraryMarkName));
    await sync(dir);
  } catch (error) {
    throw storageError(error);
  }
}

/** Whether files lie in the folder that are named as originals are. */
export async function holdsOriginals(mediaDir: string): Promise<boolean> {
  const found = await listOriginals(resolve(mediaDir), "").next();
  return found.done !== true;
}

/** How many of these files are there with their size. */
export async function countPresent(
  mediaDir: string,
  files: readonly { readonly filePath: string; readonly fileSize: number }[],
): Promise<number> {
  let present = 0;
  for (const { filePath, fileSize } of files) {
    const stat = await lstat(join(resolve(mediaDir), filePath)).catch(() => undefined);
    if (stat?.isFile() === true && stat.size === fileSize) present++;
  }
  return present;
}

export const folderPlace = (mediaDir: string): OriginalsPlace => ({
  ...{ title: `The media directory ${resolve(mediaDir)}`, kind: "folder", setting: "MEDIA_DIR" },
  findMark: () => findLibraryMark(mediaDir),
  writeMark: (id) => writeLibraryMark(mediaDir, id),
  holdsOriginals: () => holdsOriginals(mediaDir),
  countPresent: (files) => countPresent(mediaDir, files),
});
