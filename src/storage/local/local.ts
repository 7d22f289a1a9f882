import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { link, lstat, readdir, realpath, rename, rm } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { Semaphore } from "../../concurrency/semaphore.ts";
import { makeDirectory, removeFile, sync } from "./durable.ts";
import { HashCollisionError } from "../errors.ts";
import { storageError } from "./disk-full.ts";
import { stageFile } from "./staging.ts";
import type { CheckPresence } from "./presence.ts";
import { openMediaFolder } from "./media-folder.ts";
import { listOriginals, originalPath } from "./original-files.ts";
import type { ObjectStore, Publication, StagedFile } from "../object-store.ts";
import { localReader, openStored } from "./stored-file.ts";

/** Between a staged file's own name and the path it is published under; neither contains it. */
const separator = "~";

/** Where a file of `.staging/` is about to lie, or does already; undefined while that is not decided. */
export function intendedPath(stagedName: string): string | undefined {
  const [, ...parts] = stagedName.split(separator);
  const filePath = parts.join("/");
  return originalPath.test(filePath) ? filePath : undefined;
}

const isTaken = (error: unknown) => (error as NodeJS.ErrnoException).code === "EEXIST";
const isGone = (error: unknown) => (error as NodeJS.ErrnoException).code === "ENOENT";

async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

/**
 * Originals in a folder of this machine, with `.staging/` beside them on the same file system.
 * @param bytesMax largest file that is staged.
 * @param checkPresence asked before anything is written or removed, and before a file is said to be missing.
 */
export async function openLocalStorage(
  dir: string,
  bytesMax: number,
  checkPresence: CheckPresence = () => Promise.resolve(),
): Promise<ObjectStore> {
  const root = resolve(dir);
  const staging = join(root, ".staging");
  await makeDirectory(staging);
  // The media directory itself may well be a link to another disk.
  const realRoot = await realpath(root);

  /** Paths come from the database, but a traversal bug elsewhere must not become a leak. */
  const pathOf = (filePath: string) => {
    const path = resolve(root, filePath);
    if (!path.startsWith(root + sep)) throw new Error(`path escapes the media directory: ${filePath}`);
    return path;
  };

  /** One at a time: a caller that finds a folder must not go on before its maker has made its name durable. */
  const makingFolders = new Semaphore(1);

  /** @returns whether the name is ours now; false when the same bytes already had it. */
  const claim = async (intent: string, path: string, staged: StagedFile) => {
    try {
      // `link` fails when the name is taken; `rename` would silently replace it.
      await link(intent, path);
      return true;
    } catch (error) {
      if (!isTaken(error)) throw error;
      const existing = await lstat(path);
      if (existing.isFile() && existing.size === staged.size && (await sha256Of(path)) === staged.sha256) {
        // The process that left them there may not have made them durable.
        await sync(path);
        return false;
      }
      throw new HashCollisionError(staged.md5);
    }
  };

  const publish = async (staged: StagedFile, filePath: string): Promise<Publication> => {
    const path = pathOf(filePath);
    await checkPresence();
    // The staged name says where the file goes: if we die before the row is committed, the next start
    // finds the stray from here, without walking the whole library.
    const stagedPath = join(staging, staged.name);
    const intent = stagedPath + separator + filePath.replaceAll("/", separator);
    await rename(stagedPath, intent).catch((error: unknown) => {
      throw storageError(error);
    });
    let isOurs = false;
    const withdraw = async () => {
      if (isOurs) {
        await rm(path, { force: true });
        await sync(dirname(path));
      }
      await rename(intent, stagedPath);
    };
    try {
      // After a failed fsync the pages may be gone and a second fsync may lie: give up, never retry.
      await sync(intent);
      await makingFolders.run(() => makeDirectory(dirname(path)));
      isOurs = await claim(intent, path, staged);
      await sync(dirname(path));
    } catch (error) {
      await withdraw();
      throw storageError(error);
    }
    return { keep: () => removeFile(intent), withdraw };
  };

  const recoverOne = async (name: string, hasRow: (filePath: string) => Promise<boolean>) => {
    const intent = join(staging, name);
    const filePath = intendedPath(name);
    let removed = 0;
    if (filePath != null && !(await hasRow(filePath))) {
      const [ours, published] = await Promise.all([lstat(intent), lstat(pathOf(filePath)).catch(missing)]);
      // Only the very file we linked: another one under that name is not ours to remove.
      if (published?.ino === ours.ino && published.dev === ours.dev) {
        await rm(pathOf(filePath));
        await sync(dirname(pathOf(filePath)));
        removed++;
      }
    }
    await rm(intent, { force: true, recursive: true });
    return removed + 1;
  };

  return {
    stage: async (bytes) => {
      await checkPresence().catch((error: unknown) => {
        bytes.destroy();
        throw error;
      });
      return stageFile(staging, bytes, bytesMax);
    },
    publish,
    ...localReader(async (filePath: string) => {
      const file = await openStored(realRoot, relative(root, pathOf(filePath)));
      if (file == null) await checkPresence();
      return file;
    }),
    list: async function* (prefix) {
      yield* listOriginals(realRoot, prefix);
      await checkPresence();
    },
    ...openMediaFolder(staging, checkPresence),
    remove: async (filePath) => {
      const path = pathOf(filePath);
      await checkPresence();
      await rm(path, { force: true });
      await sync(dirname(path)).catch(missing);
    },
    recover: async (hasRow) => {
      let removed = 0;
      for (const name of await readdir(staging)) removed += await recoverOne(basename(name), hasRow);
      return removed;
    },
    // Its names are its own process's, and `recover` ends what an earlier one has left.
    sweep: () => Promise.resolve(0),
  };
}

function missing(error: unknown): undefined {
  if (!isGone(error)) throw error;
}
