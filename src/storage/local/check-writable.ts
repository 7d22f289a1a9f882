import { randomUUID } from "node:crypto";
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { isDiskFull } from "./disk-full.ts";
import { makeDirectory } from "./durable.ts";

/** A folder that the program cannot work with; the message says what to do. */
export class UnusableFolderError extends Error {
  override readonly name = "UnusableFolderError";
}

/** Problems that an administrator has to solve before a start can succeed. A full disk is none: reading goes on. */
const reasons: Readonly<Record<string, string>> = {
  EACCES: "this user may not read and write there; give it to the user that the server runs as",
  EPERM: "this user may not read and write there; give it to the user that the server runs as",
  EROFS: "its file system is mounted read-only",
  ENOTDIR: "a part of the path is a file",
  EEXIST: "there is something else of this name",
  ELOOP: "its links lead in a circle",
  ENAMETOOLONG: "the path is too long",
  ENOENT: "it is not there, and cannot be made",
};

const unusable = (what: string, dir: string, error: unknown): UnusableFolderError | undefined => {
  const { code = "" } = error as NodeJS.ErrnoException;
  const reason = reasons[code];
  if (reason == null) return undefined;
  return new UnusableFolderError(`${what} ${dir} cannot be used: ${reason} (${code})`, { cause: error });
};

/**
 * Reads something of a folder, and writes nothing.
 * @param what begins the sentence, such as "The media directory".
 * @returns undefined when the folder is not there.
 * @throws {UnusableFolderError}
 */
export async function checkReadable<T>(
  what: string,
  dir: string,
  read: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw unusable(what, dir, error) ?? error;
  }
}

/**
 * Makes the folder when it is absent, and tries to make a file in it.
 * @param what begins the sentence, such as "The media directory".
 * @throws {UnusableFolderError}
 */
export async function checkWritable(what: string, dir: string): Promise<void> {
  const trial = join(dir, `.trial-${randomUUID()}`);
  try {
    await makeDirectory(dir);
    const file = await open(trial, "wx");
    await file.close();
    await rm(trial);
  } catch (error) {
    const known = unusable(what, dir, error);
    if (known != null) throw known;
    if (!isDiskFull(error)) throw error;
  }
}
