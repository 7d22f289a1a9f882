import type { Dirent } from "node:fs";
import { lstat, realpath, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { makeDirectory, sync } from "./durable.ts";
import { intendedPath } from "./local.ts";
import { listFolder } from "./original-files.ts";

/** Something below the media directory that is no folder. */
export interface TreeEntry {
  /** Relative to the media directory, slash-separated. */
  readonly path: string;
  readonly kind: "file" | "link" | "other";
}

/** Which file it is and how it last changed: a new name, or one name less, changes it (stat(2), st_ctime). */
export interface Identity {
  readonly ino: number;
  readonly changedAt: number;
}

/** The derivatives of an original, in its folder. */
export interface DerivativeFolder {
  readonly md5: string;
  readonly sha256: string;
  /** Relative to the media directory. */
  readonly path: string;
}

/**
 * Everything in the place of the originals, files and links of other programs included, and the derivatives.
 */
export interface MediaTree {
  /** All entries beside or among the originals, except the program's own. */
  walk(): AsyncGenerator<TreeEntry>;
  walkDerivatives(): AsyncGenerator<DerivativeFolder>;
  /** @returns undefined when there is nothing. */
  identify(path: string): Promise<Identity | undefined>;
  /** Paths of originals that are being stored at this moment. */
  listIntended(): Promise<ReadonlySet<string>>;
  /** Moves it out of the way, below `.quarantine/`, replacing nothing. @returns its new path. */
  quarantine(path: string): Promise<string>;
  removeDerivatives(folder: DerivativeFolder): Promise<void>;
}

/** `.lock` and what SQLite may put beside it; the library's mark; the folders that the program keeps; what belongs to a disk or a checkout. */
const ours =
  /^(\.lock[a-z-]*|\.library|\.library-new|\.restoring|\.moving|\.staging|\.copies|\.server|\.derivatives|\.quarantine|lost\+found|README\.md)$/;

const md5Form = /^[0-9a-f]{32}$/;
const sha256Form = /^[0-9a-f]{64}$/;

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code;
const isGone = (error: unknown) => codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR";

const kindOf = (entry: Dirent): TreeEntry["kind"] =>
  entry.isFile() ? "file" : entry.isSymbolicLink() ? "link" : "other";

async function* walkFolder(root: string, folder: string): AsyncGenerator<TreeEntry> {
  for (const entry of await listFolder(join(root, folder))) {
    if (folder === "" && ours.test(entry.name)) continue;
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) yield* walkFolder(root, path);
    else yield { path, kind: kindOf(entry) };
  }
}

/** `.derivatives/{md5[0..2]}/{md5}/{sha256}`; what is named otherwise is not ours to judge. */
async function* walkDerivatives(root: string): AsyncGenerator<DerivativeFolder> {
  const top = ".derivatives";
  for (const begin of await listFolder(join(root, top)))
    for (const { name: md5 } of await listFolder(join(root, top, begin.name)))
      if (md5Form.test(md5))
        for (const { name: sha256 } of await listFolder(join(root, top, begin.name, md5)))
          if (sha256Form.test(sha256)) yield { md5, sha256, path: `${top}/${begin.name}/${md5}/${sha256}` };
}

/** A free name below the folder of what was put aside. */
async function freeName(root: string, path: string): Promise<string> {
  for (let copy = 1; ; copy++) {
    const name = join(".quarantine", dirname(path), basename(path) + (copy === 1 ? "" : `.${copy}`));
    const there = await lstat(join(root, name)).catch(() => undefined);
    if (there == null) return name;
  }
}

export type DerivativeTree = Pick<MediaTree, "walkDerivatives" | "identify" | "removeDerivatives">;

export async function openMediaTree(mediaDir: string): Promise<MediaTree> {
  const root = await realpath(mediaDir);
  return {
    walk: () => walkFolder(root, ""),
    walkDerivatives: () => walkDerivatives(root),
    identify: async (path) => {
      try {
        const { ino, ctimeMs } = await lstat(join(root, path));
        return { ino, changedAt: ctimeMs };
      } catch (error) {
        if (isGone(error)) return undefined;
        throw error;
      }
    },
    listIntended: async () => {
      const names = await listFolder(join(root, ".staging"));
      return new Set(names.flatMap(({ name }) => intendedPath(name) ?? []));
    },
    quarantine: async (path) => {
      const name = await freeName(root, path);
      await makeDirectory(dirname(join(root, name)));
      await rename(join(root, path), join(root, name));
      await sync(dirname(join(root, name)));
      await sync(dirname(join(root, path)));
      return name;
    },
    removeDerivatives: ({ path }) => rm(join(root, path), { recursive: true, force: true }),
  };
}
