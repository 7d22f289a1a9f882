import { createHash, randomUUID } from "node:crypto";
import { open, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { removeFile } from "./durable.ts";
import { EmptyFileError, FileTooLargeError, UploadAbortedError } from "../errors.ts";
import { storageError } from "./disk-full.ts";
import type { StagedFile } from "../object-store.ts";
import { AppError } from "../../errors.ts";

/** Small writes cost a thread hop each; a stream's 64 KiB chunks are joined up to this many bytes. */
const writeBytes = 1024 * 1024;

interface Received {
  size: number;
  md5: string;
  sha256: string;
}

/**
 * A disk that fills up in the middle of a write is no error: write(2) returns how many bytes it wrote, and only
 * the next write fails. Taken for success, the file would end short of the checksums it is stored under.
 */
async function writeAll(file: FileHandle, chunks: readonly Buffer[], bytes: number): Promise<void> {
  const { bytesWritten } = await file.writev(chunks);
  if (bytesWritten < bytes) await file.writeFile(Buffer.concat(chunks).subarray(bytesWritten));
}

/** Writes the stream to the file, hashing on the way, so that the bytes are read from memory only once. */
async function receive(stream: Readable, file: FileHandle, bytesMax: number): Promise<Received> {
  const md5 = createHash("md5");
  const sha256 = createHash("sha256");
  let size = 0;
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let writing = Promise.resolve();

  /** One write at a time, while the next chunks are hashed. */
  const flush = async () => {
    await writing;
    if (waitingBytes === 0) return;
    writing = writeAll(file, waiting, waitingBytes).catch((error: unknown) => {
      throw storageError(error);
    });
    // Awaited at the next flush; until then a failure would be unhandled.
    writing.catch(() => undefined);
    waiting = [];
    waitingBytes = 0;
  };

  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > bytesMax) throw new FileTooLargeError(bytesMax);
    md5.update(chunk);
    sha256.update(chunk);
    waiting.push(chunk);
    waitingBytes += chunk.length;
    if (waitingBytes >= writeBytes) await flush();
  }
  await flush();
  await writing;
  if (size === 0) throw new EmptyFileError();
  return { size, md5: md5.digest("hex"), sha256: sha256.digest("hex") };
}

/** @see {ObjectStore.stage} for what it throws. */
export async function stageFile(dir: string, bytes: Readable, bytesMax: number): Promise<StagedFile> {
  const name = randomUUID();
  const path = join(dir, name);
  let isDiscarded = false;
  const discard = async () => {
    if (isDiscarded) return;
    isDiscarded = true;
    await removeFile(path);
  };
  let file: FileHandle | undefined;
  try {
    file = await open(path, "wx");
    const received = await receive(bytes, file, bytesMax);
    return { name, ...received, withLocalFile: (use) => use(path), discard };
  } catch (error) {
    bytes.destroy();
    await discard();
    throw asUploadError(error);
  } finally {
    await file?.close();
  }
}

function asUploadError(error: unknown): unknown {
  if (error instanceof AppError) return error;
  const { code, syscall } = error as NodeJS.ErrnoException;
  // With a system call it is our disk's failure; without one it came from the stream, so from the client.
  if (syscall != null && syscall !== "read") return storageError(error);
  return new UploadAbortedError({ cause: error, ...(code == null ? {} : { code }) });
}
