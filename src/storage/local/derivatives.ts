import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { lstat, lutimes, opendir, realpath, rename, rm, rmdir, statfs } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { makeDirectory, sync } from "./durable.ts";
import { storageError } from "./disk-full.ts";
import type { CheckPresence } from "./presence.ts";
import { localReader, openStored } from "./stored-file.ts";
import type { DerivativeDraft, DerivativeKey, ListedStore, StoredDerivative } from "../derivative-store.ts";

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

/** How often folders may vanish between their making and their use before that is an error. */
const attemptsMax = 20;

const isGone = (error: unknown) => (error as NodeJS.ErrnoException).code === "ENOENT";

/** Renames, and makes the folders of the new name; another process may empty the store in between. */
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
      withLocalFile: (use) => use(path),
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
    ...localReader(async (key) => openStored(root, pathOf(key))),
    disk: async () => {
      // Made with the first derivative.
      const { bavail, blocks, bsize } = await statfs(existsSync(root) ? root : parent);
      return { bytes: blocks * bsize, freeBytes: bavail * bsize };
    },
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
