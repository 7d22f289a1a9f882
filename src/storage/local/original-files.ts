import { close, fstatSync, open, type Stats } from "node:fs";
import { chmod, lstat, realpath } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { openFlags, realPathOf } from "../stored-file.ts";

const openFile = promisify(open);
const closeFile = promisify(close);

/** What is wrong with what lies under an original's name. */
export type FileFault =
  "FILE_MISSING" | "FILE_IS_LINK" | "FILE_IS_NO_FILE" | "FILE_UNREADABLE" | "FILE_SHARED" | "FILE_SIZE";

export interface Fault {
  readonly fault: FileFault;
  /** One sentence without full stop. */
  readonly message: string;
}

/** A file found under an original's name, open for reading; the caller closes it. */
export interface OpenOriginal {
  /** File descriptor, of this process. */
  readonly fd: number;
  /** Null when it looks as it should; its bytes have not been read. */
  readonly fault: Fault | null;
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
  if (stat.isSymbolicLink()) return { fault: "FILE_IS_LINK", message: "a link lies in place of the file" };
  if (!stat.isFile())
    return { fault: "FILE_IS_NO_FILE", message: `${kindOf(stat)} lies in place of the file` };
  return { fault: "FILE_UNREADABLE", message: `the file cannot be read (${code ?? String(error)})` };
}

/** What fstat(2) tells of it. */
function faultOfStat(stat: Stats, isThere: boolean, size: number): Fault | null {
  if (!stat.isFile())
    return { fault: "FILE_IS_NO_FILE", message: `${kindOf(stat)} lies in place of the file` };
  if (!isThere)
    return { fault: "FILE_IS_LINK", message: "the file is reached through a link in place of a folder" };
  if (stat.size !== size)
    return { fault: "FILE_SIZE", message: `the file has ${stat.size} bytes and should have ${size}` };
  // Who runs as root can read it nevertheless, and the server need not run as root.
  if ((stat.mode & 0o400) === 0)
    return { fault: "FILE_UNREADABLE", message: "the file's owner may not read it" };
  if (stat.nlink !== 1)
    return {
      fault: "FILE_SHARED",
      message: "the file has another name as well (hard link), through which it can be changed",
    };
  return null;
}

/** Originals as they lie on the disk, looked at without trust. */
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
        return { fd, fault: faultOfStat(fstatSync(fd), isThere, size), close: () => closeFile(fd) };
      } catch (error) {
        await closeFile(fd);
        throw error;
      }
    },
    allowReading: (filePath) => chmod(join(root, filePath), 0o644),
  };
}

/** What an intent may name: whatever else lies in `.staging/` must not lead a removal anywhere. */
export const originalPath = /^\d{4,6}\/\d\d\/\d\d\/[0-9a-f]{32}\.[a-z0-9]+$/;
