import { constants } from "node:fs";
import { open, readlink, realpath, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";

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
  /** Ends a reading under way. Safe to call twice, and after the reading has ended. */
  close(): Promise<void>;
}

/** Each chunk is a hop to a thread and one to the socket; larger ones gain nothing more. */
const chunkBytes = 256 * 1024;

/**
 * O_NOFOLLOW: a link under the name itself is no file of ours. O_NONBLOCK: opening a FIFO that nobody writes to
 * would block a thread for ever (open(2)); of regular files it changes nothing.
 */
const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Nothing under that name (or a file where a folder should be), a link, a socket or a device without driver. */
const absent = new Set(["ENOENT", "ENOTDIR", "ELOOP", "EMLINK", "ENXIO", "ENODEV"]);

function orAbsent(error: unknown): undefined {
  if (!absent.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
}

/**
 * Where the file really lies: O_NOFOLLOW says nothing of the folders on the way. Linux tells it of the very file that
 * was opened (proc(5)), also when another one has its name by now; elsewhere the path is looked up once more.
 */
async function realPathOf({ fd }: FileHandle, path: string): Promise<string | undefined> {
  const opened = await readlink(`/proc/self/fd/${fd}`).catch(orAbsent);
  return opened == null ? realpath(path).catch(orAbsent) : opened.replace(/ \(deleted\)$/, "");
}

function storedFile(handle: FileHandle, path: string, size: number, modifiedAt: number): StoredFile {
  let stream: Readable | undefined;
  const read = ({ start, end }: ByteRange = { start: 0, end: size - 1 }) => {
    if (stream != null) throw new Error(`${path} is being read already`);
    // What is written behind the end meanwhile is not part of the file that was opened.
    if (end >= start) stream = handle.createReadStream({ start, end, highWaterMark: chunkBytes });
    else stream = Readable.from([]).on("close", () => void handle.close());
    return stream;
  };
  const close = async () => {
    // Both close the handle, but only the stream tells when that is done.
    const reading = stream;
    if (reading?.closed === false) await new Promise((resolve) => reading.once("close", resolve).destroy());
    await handle.close();
  };
  return { size, modifiedAt, path, read, close };
}

/**
 * Opens a regular file below `root`, whatever anybody may have planted there.
 * @param root real path (realpath(3)), absolute.
 * @param filePath relative, normalised, made by us.
 * @returns undefined when there is none, or when it is reached through a link or is no regular file.
 */
export async function openStored(root: string, filePath: string): Promise<StoredFile | undefined> {
  const path = join(root, filePath);
  const handle = await open(path, flags).catch(orAbsent);
  if (handle == null) return undefined;
  try {
    const stat = await handle.stat();
    if (stat.isFile() && (await realPathOf(handle, path)) === path)
      return storedFile(handle, path, stat.size, stat.mtimeMs);
  } catch (error) {
    await handle.close();
    throw error;
  }
  await handle.close();
  return undefined;
}
