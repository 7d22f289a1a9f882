import type { StagedFile } from "../storage/object-store.ts";

export type { StagedFile };

export interface ReceivedFile {
  /** As the client sent it, decoded but unchecked: up to 16 KiB of anything; "" when it sent none. */
  readonly originalName: string;
  /** Discarded when the request has been answered; what is to stay must be published before. */
  readonly staged: StagedFile;
}

/** A resolver's value of a variable of type Upload. */
export interface UploadedFile {
  /**
   * Waits for this file's part and streams it to staging; every caller gets the same promise.
   * The first call of a request starts the reading of all its files, in the order sent.
   * @throws {AppError} what `ObjectStore.stage` throws, {UploadAbortedError} when the client went away or
   *   fell silent, {RequestRefusedError} (BAD_USER_INPUT) when the part never came or the form is broken.
   */
  receive(): Promise<ReceivedFile>;
}

// A JSON body can bring an object of any shape, but it cannot bring one that is in this set.
const known = new WeakSet();

export function uploadedFile(receive: () => Promise<ReceivedFile>): UploadedFile {
  const file: UploadedFile = Object.freeze({ receive });
  known.add(file);
  return file;
}

export function isUploadedFile(value: unknown): value is UploadedFile {
  return typeof value === "object" && value !== null && known.has(value);
}
