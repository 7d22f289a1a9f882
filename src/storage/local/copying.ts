import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { link, lstat, open, readdir, rm, type FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Bytes } from "../carrying.ts";
import { makeDirectory, sync } from "./durable.ts";
import { storageError } from "./disk-full.ts";

/** A copy is not what it should be: damaged, cut short, or missing where it was copied from. */
export class DamagedCopyError extends Error {
  override readonly name = "DamagedCopyError";
}

/** The expected size and checksum of bytes. */
export interface Expected {
  /** Bytes. */
  readonly size: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

const chunkBytes = 1024 * 1024;

/** @see openFlags of stored-file.ts */
const sourceFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

async function pump(source: AsyncIterable<Buffer>, target: FileHandle | null): Promise<Expected> {
  const hash = createHash("sha256");
  let size = 0;
  for await (const chunk of source) {
    hash.update(chunk);
    // `writeFile` goes on where write(2) was cut short by a disk that fills up.
    await target?.writeFile(chunk);
    size += chunk.length;
  }
  return { size, sha256: hash.digest("hex") };
}

async function openSource(path: string): Promise<FileHandle> {
  try {
    const file = await open(path, sourceFlags);
    if ((await file.stat()).isFile()) return file;
    await file.close();
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") throw new DamagedCopyError(`${path} is missing`, { cause: error });
    if (!["ELOOP", "ENOTDIR", "EACCES", "ENXIO"].includes(code)) throw error;
  }
  throw new DamagedCopyError(`${path} is no file, or cannot be read`);
}

/** Each chunk is overwritten by the next. */
async function* readFileBytes(path: string): AsyncGenerator<Buffer> {
  const source = await openSource(path);
  try {
    const buffer = Buffer.allocUnsafe(chunkBytes);
    for (let at = 0; ;) {
      const { bytesRead } = await source.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
      at += bytesRead;
    }
  } finally {
    await source.close();
  }
}

/** The bytes of a file of this machine; links are not followed, and nothing is waited for. */
export const fileBytes = (path: string): Bytes => ({ name: path, path, read: () => readFileBytes(path) });

/** Size and SHA-256 of a file. @throws {DamagedCopyError} when there is none. */
export const measureFile = (path: string): Promise<Expected> => pump(readFileBytes(path), null);

const says = ({ size, sha256 }: Expected) => `${size} bytes, sha256 ${sha256}`;

/**
 * Copies bytes into a file, durably but for its name; the target must not exist, its folder is made.
 * @throws {DamagedCopyError} when the bytes read are not those expected; no target is left then
 * @throws {StorageFullError}
 */
export async function copyVerified(from: Bytes, to: string, expected: Expected): Promise<void> {
  try {
    await makeDirectory(dirname(to), { isDurable: false });
    const target = await open(to, "wx");
    try {
      const found = await pump(from.read(), target);
      if (found.size !== expected.size || found.sha256 !== expected.sha256)
        throw new DamagedCopyError(`${from.name} has ${says(found)}, and should have ${says(expected)}`);
      await target.sync();
    } catch (error) {
      await rm(to, { force: true });
      throw error;
    } finally {
      await target.close();
    }
  } catch (error) {
    throw storageError(error);
  }
}

/** Gives a file of another copy a second name here. @returns false when it is not there, not of that size, or on another disk. */
export async function linkCopy(from: string, to: string, size: number): Promise<boolean> {
  const stat = await lstat(from).catch(() => undefined);
  if (stat?.isFile() !== true || stat.size !== size) return false;
  await makeDirectory(dirname(to), { isDurable: false });
  try {
    await link(from, to);
    return true;
  } catch (error) {
    // EMLINK: the file system allows no more names; EXDEV, EPERM: it is another one, or has no links.
    const { code = "" } = error as NodeJS.ErrnoException;
    if (["EMLINK", "EXDEV", "EPERM", "EOPNOTSUPP", "ENOENT"].includes(code)) return false;
    throw error;
  }
}

/** Makes the names of everything below a folder durable, and of the folder's own entries. */
export async function syncFolders(dir: string): Promise<void> {
  for (const entry of await readdir(dir, { withFileTypes: true }))
    if (entry.isDirectory()) await syncFolders(join(dir, entry.name));
  await sync(dir);
}
