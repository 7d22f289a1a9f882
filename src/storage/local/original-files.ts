import { close, fstatSync, open, type Dirent, type Stats } from "node:fs";
import { chmod, lstat, readdir, realpath } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { ObjectStat } from "../object-store.ts";
import { codeOf } from "./durable.ts";
import type { Hashes, Hashing } from "./hashing.ts";
import { openFlags, realPathOf } from "./stored-file.ts";

const openFile = promisify(open);
const closeFile = promisify(close);

/** A fault of the object at an original's path. */
export type FileFault =
  "FILE_MISSING" | "FILE_IS_LINK" | "FILE_IS_NO_FILE" | "FILE_UNREADABLE" | "FILE_SHARED" | "FILE_SIZE";

export interface Fault {
  readonly fault: FileFault;
  /** One sentence without full stop. */
  readonly message: string;
}

/** A file found under an original's name, open for reading; the caller closes it. */
export interface OpenOriginal {
  /** Null when it looks as it should; its bytes have not been read. */
  readonly fault: Fault | null;
  /** Reads all bytes. @returns undefined when the hashing was stopped. @throws when they cannot be read to their end */
  hash(hashing: Hashing): Promise<Hashes | undefined>;
  close(): Promise<void>;
}

const kindOf = (stat: Stats): string =>
  stat.isDirectory()
    ? "a folder"
    : stat.isFIFO()
      ? "a FIFO"
      : stat.isSocket()
        ? "a socket"
        : stat.isBlockDevice() || stat.isCharacterDevice()
          ? "a device"
          : "no file";

/** Why it could not be opened. @throws what is no fault of the file, such as a disk's error. */
async function faultOf(path: string, error: unknown): Promise<Fault> {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "EIO" || code === "EMFILE" || code === "ENFILE") throw error;
  const stat = await lstat(path).catch(() => undefined);
  if (stat == null) return { fault: "FILE_MISSING", message: "the file is missing" };
  if (stat.isSymbolicLink()) return { fault: "FILE_IS_LINK", message: "a link is in the place of the file" };
  if (!stat.isFile())
    return { fault: "FILE_IS_NO_FILE", message: `${kindOf(stat)} is in the place of the file` };
  return { fault: "FILE_UNREADABLE", message: `the file cannot be read (${code ?? String(error)})` };
}

/** The faults that fstat(2) shows. */
function faultOfStat(stat: Stats, isThere: boolean, size: number): Fault | null {
  if (!stat.isFile())
    return { fault: "FILE_IS_NO_FILE", message: `${kindOf(stat)} is in the place of the file` };
  if (!isThere)
    return { fault: "FILE_IS_LINK", message: "the file is reached through a link in place of a folder" };
  if (stat.size !== size)
    return { fault: "FILE_SIZE", message: `the file has ${stat.size} bytes and should have ${size}` };
  // Root can read it nevertheless, and the server need not run as root.
  if ((stat.mode & 0o400) === 0)
    return { fault: "FILE_UNREADABLE", message: "the file's owner may not read it" };
  if (stat.nlink !== 1)
    return {
      fault: "FILE_SHARED",
      message: "the file has another name as well (hard link), through which it can be changed",
    };
  return null;
}

/**
 * Originals looked at without trust. Modes, links and second names are a folder's; a bucket has none of these faults.
 */
export interface OriginalFiles {
  /**
   * Never waits for a FIFO, never follows a link.
   * @param size bytes that it should have.
   * @returns a fault alone when there is nothing to read.
   */
  open(filePath: string, size: number): Promise<OpenOriginal | Fault>;
  /** Lets its owner read it. */
  allowReading(filePath: string): Promise<void>;
}

export async function openOriginalFiles(mediaDir: string): Promise<OriginalFiles> {
  const root = await realpath(mediaDir);
  return {
    open: async (filePath, size) => {
      const path = join(root, filePath);
      let fd: number;
      try {
        fd = await openFile(path, openFlags);
      } catch (error) {
        return faultOf(path, error);
      }
      try {
        const isThere = (await realPathOf(fd, path)) === path;
        return {
          fault: faultOfStat(fstatSync(fd), isThere, size),
          hash: (hashing) => hashing.hash(fd),
          close: () => closeFile(fd),
        };
      } catch (error) {
        await closeFile(fd);
        throw error;
      }
    },
    allowReading: (filePath) => chmod(join(root, filePath), 0o644),
  };
}

/** A path that an intent may name: another one in `.staging/` must not lead a removal anywhere. */
export const originalPath = /^\d{4,6}\/\d\d\/\d\d\/[0-9a-f]{32}\.[a-z0-9]+$/;

/** What is in a folder, sorted by name; nothing where it is gone, or no folder. */
export async function listFolder(path: string): Promise<Dirent[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries.sort((one, other) => (one.name < other.name ? -1 : 1));
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(codeOf(error) ?? "")) return [];
    throw error;
  }
}

const folderForms = [/^\d{4,6}$/, /^\d\d$/, /^\d\d$/];

/** Files below `root` that are named as originals are and begin with `prefix`; links are not followed. */
export async function* listOriginals(
  root: string,
  prefix: string,
  above: readonly string[] = [],
): AsyncGenerator<ObjectStat> {
  for (const entry of await listFolder(join(root, ...above))) {
    const names = [...above, entry.name];
    const key = names.join("/");
    if (!key.startsWith(prefix) && !prefix.startsWith(`${key}/`)) continue;
    if (entry.isDirectory() && folderForms[above.length]?.test(entry.name) === true)
      yield* listOriginals(root, prefix, names);
    if (!entry.isFile() || !originalPath.test(key)) continue;
    const stat = await lstat(join(root, key)).catch(() => undefined);
    if (stat?.isFile() === true) yield { key, size: stat.size, modifiedAt: stat.mtimeMs };
  }
}
