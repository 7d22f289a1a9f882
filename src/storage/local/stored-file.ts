import {
  close,
  closeSync,
  constants,
  createReadStream,
  fstatSync,
  open,
  read,
  readlinkSync,
  realpath,
} from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { promisify } from "node:util";
import { chunkBytes, type ObjectReader, type ObjectStat, type StoredFile } from "../object-store.ts";

/** An object of a folder, open. */
interface LocalFile extends StoredFile {
  /** Absolute; another file may lie there by now. */
  readonly path: string;
}

/**
 * Calls that may have to wait for a disk. Facts of an open file come from the kernel at once: there a hop to a thread
 * would cost ten times the call. (`fs/promises` with its handles costs half as much again.)
 */
const fs = {
  open: promisify(open),
  read: promisify(read),
  realpath: promisify(realpath.native),
  close: promisify(close),
};

/**
 * O_NOFOLLOW: a link under the name itself was not stored by this server. O_NONBLOCK: opening a FIFO without a writer
 * would block a thread forever (open(2)); of regular files it changes nothing.
 */
export const openFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Nothing under that name (or a file where a folder should be), a link, a socket or a device without driver. */
const absent = new Set(["ENOENT", "ENOTDIR", "ELOOP", "EMLINK", "ENXIO", "ENODEV"]);

function orAbsent(error: unknown): undefined {
  if (!absent.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
}

/**
 * The file's real path: O_NOFOLLOW says nothing of the folders on the way. Linux names the very file that
 * was opened (proc(5)), also when another one has its name by now; elsewhere the path is looked up once more.
 */
export async function realPathOf(fd: number, path: string): Promise<string | undefined> {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`).replace(/ \(deleted\)$/, "");
  } catch (error) {
    orAbsent(error);
    return fs.realpath(path).catch(orAbsent);
  }
}

/** The last one to close a file that is deleted frees its blocks, which takes long for a large one. */
async function closeFile(fd: number, size: number): Promise<void> {
  if (size <= chunkBytes) closeSync(fd);
  else await fs.close(fd);
}

function storedFile(fd: number, path: string, stat: ObjectStat): LocalFile {
  const { size } = stat;
  let stream: Readable | undefined;
  let closed: Promise<void> | undefined;
  // Bytes that are appended in the meantime are not part of the file that was opened.
  const whole = { start: 0, end: size - 1 };

  const closeOnce = () => (closed ??= closeFile(fd, size));
  // By then the number may be another file's.
  const requireOpen = () => {
    if (stream != null || closed != null) throw new Error(`${path} has been read or closed already`);
  };
  return {
    ...{ ...stat, path },
    read: ({ start, end } = whole) => {
      requireOpen();
      if (end < start) return (stream = Readable.from([]).on("close", () => void closeOnce()));
      stream = createReadStream("", { fd, start, end, highWaterMark: chunkBytes });
      return stream;
    },
    readBytes: async ({ start, end } = whole) => {
      requireOpen();
      const bytes = Buffer.allocUnsafe(end - start + 1);
      let length = 0;
      while (length < bytes.length) {
        const { bytesRead } = await fs.read(fd, bytes, length, bytes.length - length, start + length);
        if (bytesRead === 0) break;
        length += bytesRead;
      }
      return bytes.subarray(0, length);
    },
    close: async () => {
      const reading = stream;
      if (reading == null) await closeOnce();
      // The stream closes the file itself.
      else if (!reading.closed) await new Promise((resolve) => reading.once("close", resolve).destroy());
    },
  };
}

/**
 * Opens a regular file below `root`, and nothing else that may have been planted there.
 * @param root real path (realpath(3)), absolute.
 * @param filePath relative, normalised, made by this program.
 * @returns undefined when there is none, or when it is reached through a link or is no regular file.
 */
export async function openStored(root: string, filePath: string): Promise<LocalFile | undefined> {
  const path = join(root, filePath);
  const fd = await fs.open(path, openFlags).catch(orAbsent);
  if (fd == null) return undefined;
  try {
    const stat = fstatSync(fd);
    if (stat.isFile() && (await realPathOf(fd, path)) === path)
      return storedFile(fd, path, { key: filePath, size: stat.size, modifiedAt: stat.mtimeMs });
  } catch (error) {
    await fs.close(fd);
    throw error;
  }
  await fs.close(fd);
  return undefined;
}

/** Reads objects that are files of this machine, which tools can open where they are. */
export function localReader<Key>(open: (key: Key) => Promise<LocalFile | undefined>): ObjectReader<Key> {
  return {
    open,
    stat: async (key) => {
      const file = await open(key);
      await file?.close();
      return file && { key: file.key, size: file.size, modifiedAt: file.modifiedAt };
    },
    withLocalFile: async (key, use) => {
      const file = await open(key);
      try {
        return file && (await use(file.path));
      } finally {
        await file?.close();
      }
    },
  };
}
