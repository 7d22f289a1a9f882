import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { lstat, lutimes, opendir, realpath, rename, rm, rmdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { makeDirectory, sync } from "./local/durable.ts";
import { storageError } from "./local/disk-full.ts";
import type { CheckPresence } from "./local/presence.ts";
import { openStored, type StoredFile } from "./stored-file.ts";

/** Which derivative of which original; lower-case hex, and a name of `[a-z0-9][a-z0-9.-]*`. */
export interface DerivativeKey {
  readonly md5: string;
  readonly sha256: string;
  readonly name: string;
}

/** A derivative being made. */
export interface DerivativeDraft {
  /** Absolute, and free: the renderer writes the derivative there. */
  readonly path: string;
  /**
   * Gives the whole file its name, replacing an older one; those who read that one read it to its end.
   * @returns false when there is no room for it; then it is still a draft.
   * @throws {StorageFullError}
   */
  publish(key: DerivativeKey): Promise<boolean>;
  /** What was written, before it is published or discarded. */
  open(): Promise<StoredFile | undefined>;
  /** Removes what was written. Safe to call twice, and after publishing. */
  discard(): Promise<void>;
}

/**
 * Where derivatives lie. All of it may be emptied or removed at any moment, also while it is being used.
 *
 * Every backend passes `tests/contracts/derivative-store.ts`.
 */
export interface DerivativeStore {
  /** @returns undefined when there is none, or no regular file below the folder; see {@link Storage.open}. */
  open(key: DerivativeKey): Promise<StoredFile | undefined>;
  /** @throws {StorageFullError} @throws {UnavailableError} */
  draft(): Promise<DerivativeDraft>;
  /** What all of them take; undefined where nobody counts. */
  readonly usedBytes?: number;
  /** Notes that it was asked for: those that were used least recently give way first. */
  touch(key: DerivativeKey): void;
  /** Whether anything can be published now. */
  hasRoom(): Promise<boolean>;
  /** Removes every derivative of the originals with that MD5; none is no error. @returns their bytes. */
  remove(md5: string): Promise<number>;
  /** Removes drafts that a crash left; before the first draft. */
  recover(): Promise<void>;
}

const md5Form = /^[0-9a-f]{32}$/;
const sha256Form = /^[0-9a-f]{64}$/;
const nameForm = /^[a-z0-9][a-z0-9.-]{0,199}$/;

/** Callers check keys, but a traversal bug elsewhere must not become a leak. */
function folderOf(md5: string): string {
  if (!md5Form.test(md5)) throw new Error(`no MD5: ${md5}`);
  return join(md5.slice(0, 2), md5);
}

function pathOf({ md5, sha256, name }: DerivativeKey): string {
  if (!sha256Form.test(sha256) || !nameForm.test(name)) throw new Error(`no derivative: ${sha256}/${name}`);
  return join(folderOf(md5), sha256, name);
}

/** A derivative as the disk knows it. */
export interface StoredDerivative extends DerivativeKey {
  readonly bytes: number;
  /** When it was last used, as far as the disk knows, or made; UTC milliseconds. */
  readonly usedAt: number;
}

/** A store whose derivatives can be listed, and removed one by one. */
export interface ListedStore extends DerivativeStore {
  /** An existing folder of the disk that they are stored on. */
  readonly disk: string;
  /** Every derivative, in no order; those that come and go meanwhile may be among them or not. */
  list(): AsyncIterable<StoredDerivative>;
  /** Removes one; none is no error. */
  evict(key: DerivativeKey): Promise<void>;
  /** Keeps on disk that it was used now. */
  markUsed(key: DerivativeKey): Promise<void>;
}

/** How often folders may vanish between their making and their use before that is an error. */
const attemptsMax = 20;

const isGone = (error: unknown) => (error as NodeJS.ErrnoException).code === "ENOENT";

/** Renames, making the folders of the new name; whoever empties the store may do so in between. */
async function renameInto(from: string, to: string): Promise<void> {
  const folder = dirname(to);
  for (let attempt = 1; ; attempt++) {
    try {
      // Its name need not survive a power cut: the derivative is made again.
      await makeDirectory(folder, { isDurable: false });
      // Through a link it would be written elsewhere, and never be found again.
      if ((await realpath(folder)) !== folder) throw new Error(`a link leads away from ${folder}`);
      await rename(from, to);
      return;
    } catch (error) {
      if (!isGone(error) || attempt === attemptsMax) throw error;
    }
  }
}

/** Names in a folder one after another; none where it is gone, or no folder. */
async function* namesIn(folder: string): AsyncGenerator<string> {
  try {
    for await (const { name } of await opendir(folder)) yield name;
  } catch (error) {
    if (!isGone(error) && (error as NodeJS.ErrnoException).code !== "ENOTDIR") throw error;
  }
}

/** Regular files below the folder of one MD5, by SHA-256 and name. */
async function* filesBelow(folder: string) {
  for await (const sha256 of namesIn(folder))
    for await (const name of namesIn(join(folder, sha256))) {
      const stat = await lstat(join(folder, sha256, name)).catch(() => undefined);
      if (stat?.isFile() === true)
        yield { sha256, name, size: stat.size, usedAt: Math.max(stat.atimeMs, stat.mtimeMs) };
    }
}

async function* listDerivatives(root: string): AsyncGenerator<StoredDerivative> {
  for await (const start of namesIn(root)) {
    if (!/^[0-9a-f]{2}$/.test(start)) continue;
    for await (const md5 of namesIn(join(root, start)))
      if (md5Form.test(md5))
        for await (const { sha256, name, size, usedAt } of filesBelow(join(root, start, md5)))
          if (sha256Form.test(sha256) && nameForm.test(name))
            yield { md5, sha256, name, bytes: size, usedAt };
  }
}

/** With the folders above it that become empty. */
async function removeFile(path: string, root: string): Promise<void> {
  await rm(path, { force: true });
  for (let folder = dirname(path); folder !== root; folder = dirname(folder)) {
    // Not empty, or gone: another is being published there.
    const isEmpty = await rmdir(folder).then(
      () => true,
      () => false,
    );
    if (!isEmpty) return;
  }
}

/** Derivatives in `.derivatives/` of the media directory, which exists: `{md5[0..2]}/{md5}/{sha256}/{name}`. */
export async function openDerivativeStore(
  mediaDir: string,
  checkPresence: CheckPresence = () => Promise.resolve(),
): Promise<ListedStore> {
  const parent = await realpath(mediaDir);
  const dir = join(parent, ".derivatives");
  // An administrator may have put it on another disk with a link; links below it are nobody's intention.
  // Nothing is made before it is needed: a full disk must not keep the server from starting.
  const root = await realpath(dir).catch((error: unknown) => {
    if (!isGone(error)) throw error;
    return dir;
  });
  const drafts = join(root, ".drafts");

  const draft = async (): Promise<DerivativeDraft> => {
    await checkPresence();
    try {
      await makeDirectory(drafts, { isDurable: false });
    } catch (error) {
      throw storageError(error);
    }
    const path = join(drafts, randomUUID());
    return {
      path,
      publish: async (key) => {
        try {
          // Otherwise a power cut could leave the name durable and the bytes not: an empty picture forever.
          await sync(path);
          await renameInto(path, join(root, pathOf(key)));
          return true;
        } catch (error) {
          throw storageError(error);
        }
      },
      open: () => openStored(root, join(".drafts", basename(path))),
      discard: () => rm(path, { force: true, recursive: true }),
    };
  };

  return {
    get disk() {
      // Made with the first derivative.
      return existsSync(root) ? root : parent;
    },
    open: async (key) => openStored(root, pathOf(key)),
    draft,
    touch: () => undefined,
    hasRoom: () => Promise.resolve(true),
    list: () => listDerivatives(root),
    evict: (key) => removeFile(join(root, pathOf(key)), root),
    markUsed: async (key) => {
      const path = join(root, pathOf(key));
      const { mtime } = await lstat(path);
      await lutimes(path, new Date(), mtime);
    },
    remove: async (md5) => {
      // Away with one rename: while names are removed one by one, another could be published among them.
      const condemned = join(drafts, randomUUID());
      const folder = join(root, folderOf(md5));
      try {
        // Mostly nothing was made of it, and a full disk may have no room for a folder.
        await lstat(folder);
        await makeDirectory(drafts, { isDurable: false });
        await rename(folder, condemned);
      } catch (error) {
        if (!isGone(error)) throw error;
        return 0;
      }
      let bytes = 0;
      for await (const file of filesBelow(condemned)) bytes += file.size;
      await rm(condemned, { force: true, recursive: true });
      return bytes;
    },
    recover: () => rm(drafts, { force: true, recursive: true }),
  };
}
