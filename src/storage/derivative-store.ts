import { randomUUID } from "node:crypto";
import { lstat, realpath, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeDirectory, sync } from "./durable.ts";
import { storageError } from "./full.ts";
import type { CheckPresence } from "./presence.ts";
import { openStored, type StoredFile } from "./stored-file.ts";

/** Which derivative of which original; lower-case hex, and a name of `[a-z0-9][a-z0-9.-]*`. */
export interface DerivativeKey {
  readonly md5: string;
  readonly sha256: string;
  readonly name: string;
}

/** A derivative being made. */
export interface DerivativeDraft {
  /** Absolute, and free: whoever makes the derivative writes it there. */
  readonly path: string;
  /**
   * Gives the whole file its name, replacing an older one; those who read that one read it to its end.
   * @throws {StorageFullError}
   */
  publish(key: DerivativeKey): Promise<void>;
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
  /** Removes every derivative of the originals with that MD5; none is no error. */
  remove(md5: string): Promise<void>;
  /** Removes drafts that a crash left; before the first draft. */
  recover(): Promise<void>;
}

const md5Form = /^[0-9a-f]{32}$/;
const sha256Form = /^[0-9a-f]{64}$/;
const nameForm = /^[a-z0-9][a-z0-9.-]{0,199}$/;

/** Keys are checked by whoever makes them, but a traversal bug elsewhere must not become a leak. */
function folderOf(md5: string): string {
  if (!md5Form.test(md5)) throw new Error(`no MD5: ${md5}`);
  return join(md5.slice(0, 2), md5);
}

function pathOf({ md5, sha256, name }: DerivativeKey): string {
  if (!sha256Form.test(sha256) || !nameForm.test(name)) throw new Error(`no derivative: ${sha256}/${name}`);
  return join(folderOf(md5), sha256, name);
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

/** Derivatives in `.derivatives/` of the media directory, which exists: `{md5[0..2]}/{md5}/{sha256}/{name}`. */
export async function openDerivativeStore(
  mediaDir: string,
  checkPresence: CheckPresence = () => Promise.resolve(),
): Promise<DerivativeStore> {
  const dir = join(await realpath(mediaDir), ".derivatives");
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
          // Otherwise a power cut could leave the name durable and the bytes not: an empty picture for ever.
          await sync(path);
          await renameInto(path, join(root, pathOf(key)));
        } catch (error) {
          throw storageError(error);
        }
      },
      discard: () => rm(path, { force: true, recursive: true }),
    };
  };

  return {
    open: async (key) => openStored(root, pathOf(key)),
    draft,
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
        return;
      }
      await rm(condemned, { force: true, recursive: true });
    },
    recover: () => rm(drafts, { force: true, recursive: true }),
  };
}
