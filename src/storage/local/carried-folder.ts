import { lstat, readdir, readFile, realpath, rm, writeFile, rename } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { Bytes, CarriedFile, CarryingPlace } from "../carrying.ts";
import { copyVerified, fileBytes, measureFile, syncFolders } from "./copying.ts";
import { storageError } from "./disk-full.ts";
import { codeOf, makeDirectory, removeFile, sync } from "./durable.ts";
import { folderPlace, libraryMarkName } from "./library-mark.ts";
import { listOriginals } from "./original-files.ts";

/** What a folder may have that holds no library: locks, and what a server keeps beside a bucket. */
const harmless =
  /^(\.lock[a-z-]*|\.staging|\.copies|\.server|\.derivatives|\.(moving|restoring)-new|lost\+found|README\.md)$/;

const orUndefined = (error: unknown): undefined => {
  if (codeOf(error) !== "ENOENT") throw error;
};

async function isSame(path: string, { size, sha256 }: CarriedFile): Promise<boolean> {
  const stat = await lstat(path).catch(() => undefined);
  if (stat?.isFile() !== true || stat.size !== size) return false;
  return (await measureFile(path)).sha256 === sha256;
}

/** Copies it, durably but for its name, unless it is there. @returns whether it was copied. */
async function addTo(dir: string, file: CarriedFile, from: Bytes): Promise<boolean> {
  const to = join(dir, file.key);
  if (await isSame(to, file)) return false;
  await rm(to, { force: true });
  await copyVerified(from, to, file);
  return true;
}

async function writeDurably(dir: string, name: string, text: string): Promise<void> {
  const draft = join(dir, `${name}-new`);
  try {
    await makeDirectory(dir);
    await writeFile(draft, text);
    await sync(draft);
    await rename(draft, join(dir, name));
    await sync(dir);
  } catch (error) {
    throw storageError(error);
  }
}

/** A media directory that a library is carried from or into. */
export function carriedFolder(mediaDir: string): CarryingPlace {
  const dir = resolve(mediaDir);
  const removeName = async (name: string) => {
    await removeFile(join(dir, name));
    await sync(dir);
  };
  return {
    ...folderPlace(dir),
    bytesOf: (key) => fileBytes(join(dir, key)),
    sizeOf: async (key) => {
      const stat = await lstat(join(dir, key)).catch(() => undefined);
      return stat?.isFile() === true ? stat.size : undefined;
    },
    add: (file, from) => addTo(dir, file, from),
    settle: () => syncFolders(dir),
    remove: async (key) => {
      await removeFile(join(dir, key));
      await sync(dirname(join(dir, key))).catch(orUndefined);
    },
    list: async function* () {
      const root = await realpath(dir).catch(orUndefined);
      if (root != null) for await (const { key } of listOriginals(root, "")) yield key;
    },
    findOccupant: async () => (await readdir(dir).catch(orUndefined))?.find((name) => !harmless.test(name)),
    readNote: (name) => readFile(join(dir, name), "utf8").catch(orUndefined),
    writeNote: (name, text) => writeDurably(dir, name, text),
    removeNote: (name) => removeName(name),
    removeMark: () => removeName(libraryMarkName),
  };
}
