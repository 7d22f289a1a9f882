import { lstat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { UnavailableError } from "../../errors.ts";
import { codeOf } from "./durable.ts";
import { findLibraryMark, libraryMarkName } from "./library-mark.ts";

/**
 * Whether the media directory is still the one that was opened. Its disk may be unmounted at any moment: what is stored
 * then would be written to the folder below, and what is looked for would seem to be gone.
 * @throws {UnavailableError} when it is not.
 */
export type CheckPresence = () => Promise<void>;

const absent = (cause?: unknown) =>
  new UnavailableError("The media directory is not there: its disk was unmounted, or fails", { cause });

/** @returns a check that costs one system call. A folder without a mark is always there. */
export async function watchPresence(mediaDir: string): Promise<CheckPresence> {
  const path = join(resolve(mediaDir), libraryMarkName);
  const id = await findLibraryMark(mediaDir);
  if (id == null) return () => Promise.resolve();
  let known = await lstat(path);
  return async () => {
    try {
      const { dev, ino } = await lstat(path);
      if (dev === known.dev && ino === known.ino) return;
      if ((await findLibraryMark(mediaDir)) !== id) throw absent();
      known = await lstat(path);
    } catch (error) {
      if (error instanceof UnavailableError) throw error;
      // A resource limit of the process, or a caller's mistake, says nothing of the disk.
      throw ["EMFILE", "ENFILE", "ENOMEM"].includes(codeOf(error) ?? "") ? error : absent(error);
    }
  };
}
