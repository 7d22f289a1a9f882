import { UnavailableError } from "../../errors.ts";
import { libraryMarkName } from "../local/library-mark.ts";
import type { DerivativeTree, MediaTree } from "../local/media-tree.ts";
import type { OriginalFiles } from "../local/original-files.ts";
import type { S3Access } from "./client.ts";
import { openObjects, type Objects } from "./objects.ts";
import { trialPrefix } from "./probe.ts";
import { readBytes } from "./reading.ts";

const quarantine = ".quarantine/";
const derivatives = ".derivatives/";

/** Originals of a bucket looked at without trust: they may be missing, or have other bytes. */
export function openBucketFiles(access: S3Access): OriginalFiles {
  const objects = openObjects(access);
  return {
    open: async (key, size) => {
      const head = await objects.head(key);
      if (head == null) return { fault: "FILE_MISSING", message: "the object is missing" };
      const range = { start: 0, end: head.size - 1 };
      return {
        fault:
          head.size === size
            ? null
            : {
                fault: "FILE_SIZE",
                message: `the object has ${head.size} bytes and should have ${size}`,
              },
        hash: (hashing) => hashing.hashStream(readBytes(objects, key, range)),
        close: () => Promise.resolve(),
      };
    },
    allowReading: () => Promise.resolve(),
  };
}

const isOwn = (key: string): boolean =>
  [libraryMarkName, ".moving", ".restoring"].includes(key) ||
  key.startsWith(trialPrefix) ||
  key.startsWith(quarantine);

async function* walk(objects: Objects) {
  for await (const { key } of objects.list("")) if (!isOwn(key)) yield { path: key, kind: "file" as const };
}

async function freeKey(objects: Objects, key: string): Promise<string> {
  for (let copy = 1; ; copy++) {
    const name = quarantine + key + (copy === 1 ? "" : `.${copy}`);
    if ((await objects.head(name)) == null) return name;
  }
}

/**
 * Everything below the prefix, and the derivatives in the working folder.
 * @param listIntended keys that are being stored at this moment.
 */
export function openBucketTree(
  access: S3Access,
  local: DerivativeTree,
  listIntended: () => Promise<ReadonlySet<string>>,
): MediaTree {
  const objects = openObjects(access);
  return {
    ...{ walk: () => walk(objects), listIntended },
    walkDerivatives: () => local.walkDerivatives(),
    removeDerivatives: (folder) => local.removeDerivatives(folder),
    identify: async (path) => {
      if (path.startsWith(derivatives)) return local.identify(path);
      const head = await objects.head(path);
      return head && { ino: 0, changedAt: head.modifiedAt };
    },
    quarantine: async (key) => {
      const to = await freeKey(objects, key);
      const before = await objects.head(key);
      await objects.copy(key, to);
      if ((await objects.head(to))?.size !== before?.size)
        throw new UnavailableError(`${access.name} did not copy ${key} to ${to}; it stays where it is`);
      await objects.remove(key);
      return to;
    },
  };
}
