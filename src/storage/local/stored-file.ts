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

/** Bytes, both included, as in HTTP. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** A file opened for reading: the bytes stay readable when the file is removed or replaced meanwhile. */
export interface StoredFile {
  /** Bytes. */
  readonly size: number;
  /** UTC milliseconds. */
  readonly modifiedAt: number;
  /** Absolute, for programs that read by path; another file may lie there by now. */
  readonly path: string;
  /**
   * All bytes, or the range; may be asked for once. The file is closed when the stream has ended or is destroyed.
   * The stream ends early when the file has been cut meanwhile.
   */
  read(range?: ByteRange): Readable;
  /** The same in memory, for what is small; the file stays open. */
  readBytes(range?: ByteRange): Promise<Buffer>;
  /** Ends a reading under way. Safe to call twice, and after the reading has ended. */
  close(): Promise<void>;
}

/**
 * What may have to wait for a disk. What the kernel knows of an open file it tells at once: there a hop to a thread
 * would cost ten times the call. (`fs/promises` with its handles costs half as much again.)
 */
const fs = {
  open: promisify(open),
  read: promisify(read),
  realpath: promisify(realpath.native),
  close: promisify(close),
};

/** Each chunk is a hop to a thread and one to the socket: less than this costs time, more of it only memory. */
export const chunkBytes = 256 * 1024;

/**
 * O_NOFOLLOW: a link under the name itself was not stored by this server. O_NONBLOCK: opening a FIFO that nobody writes to
 * would block a thread forever (open(2)); of regular files it changes nothing.
 */
export const openFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Nothing under that name (or a file where a folder should be), a link, a socket or a device without driver. */
const absent = new Set(["ENOENT", "ENOTDIR", "ELOOP", "EMLINK", "ENXIO", "ENODEV"]);

function orAbsent(error: unknown): undefined {
  if (!absent.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
}

/**
 * Where the file really lies: O_NOFOLLOW says nothing of the folders on the way. Linux tells it of the very file that
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

function storedFile(fd: number, path: string, size: number, modifiedAt: number): StoredFile {
  let stream: Readable | undefined;
  let closed: Promise<void> | undefined;
  // What is written behind the end meanwhile is not part of the file that was opened.
  const whole = { start: 0, end: size - 1 };

  const closeOnce = () => (closed ??= closeFile(fd, size));
  // By then the number may be another file's.
  const requireOpen = () => {
    if (stream != null || closed != null) throw new Error(`${path} has been read or closed already`);
  };
  return {
    ...{ size, modifiedAt, path },
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
 * Opens a regular file below `root`, whatever anybody may have planted there.
 * @param root real path (realpath(3)), absolute.
 * @param filePath relative, normalised, made by us.
 * @returns undefined when there is none, or when it is reached through a link or is no regular file.
 */
export async function openStored(root: string, filePath: string): Promise<StoredFile | undefined> {
  const path = join(root, filePath);
  const fd = await fs.open(path, openFlags).catch(orAbsent);
  if (fd == null) return undefined;
  try {
    const stat = fstatSync(fd);
    if (stat.isFile() && (await realPathOf(fd, path)) === path)
      return storedFile(fd, path, stat.size, stat.mtimeMs);
  } catch (error) {
    await fs.close(fd);
    throw error;
  }
  await fs.close(fd);
  return undefined;
}
