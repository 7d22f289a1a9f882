import { setTimeout as delay } from "node:timers/promises";
import { sql } from "../../database/sql.ts";
import type { Reader } from "../../database/reader.ts";
import type { DerivativeFolder, MediaTree, TreeEntry } from "../../storage/local/media-tree.ts";
import type { Finding } from "./kinds.ts";

interface Needs {
  readonly reader: Reader;
  readonly tree: MediaTree;
  /** Whether the program keeps this file below the media directory on purpose, such as its database. */
  isOurs(path: string): boolean;
}

interface Watching {
  readonly signal: AbortSignal;
  readonly onFinding: (finding: Finding) => void;
}

/** Stored, or noted for removal: one statement, so that no commit comes in between. */
const isKnown = async ({ reader }: Needs, path: string): Promise<boolean> =>
  (await reader.get(sql`
    SELECT 1 AS "is" FROM "Original" WHERE "filePath" = ${path}
    UNION ALL SELECT 1 FROM "FileRemoval" WHERE "filePath" = ${path}`)) != null;

const attemptsMax = 20;
const settleMs = 20;

/**
 * A file without a row may be about to get one, or about to go. It is a stranger when nothing is about to happen to it
 * and nothing has: an upload is announced in `.staging/` until after its commit, a removal is noted until after it.
 * Between the two looks at the file it is the same one, and neither got nor lost a name.
 */
async function isStranger(needs: Needs, path: string): Promise<boolean> {
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const before = await needs.tree.identify(path);
    if (before == null) return false;
    if (!(await needs.tree.listIntended()).has(path)) {
      if (await isKnown(needs, path)) return false;
      const after = await needs.tree.identify(path);
      if (after == null) return false;
      if (after.ino === before.ino && after.changedAt === before.changedAt) return true;
    }
    await delay(settleMs);
  }
  // Still under way: an upload waits for its reading, or a crash left it for the next start.
  return false;
}

const messages: Readonly<Record<TreeEntry["kind"], string>> = {
  file: "nothing in the library refers to this file",
  link: "a link that nothing in the library refers to",
  other: "a FIFO, socket or device that nothing in the library refers to",
};

async function walkTree(needs: Needs, { signal, onFinding }: Watching): Promise<boolean> {
  for await (const { path, kind } of needs.tree.walk()) {
    if (signal.aborted) return false;
    if (needs.isOurs(path) || (await isKnown(needs, path)) || !(await isStranger(needs, path))) continue;
    onFinding({ kind: "STRANGER", path, entityId: null, message: messages[kind] });
  }
  return true;
}

/** A file that is noted for removal is known by its path; a derivative only by the MD5. */
const mayHaveDerivatives = async (
  { reader }: Pick<Needs, "reader">,
  { md5, sha256 }: DerivativeFolder,
): Promise<boolean> =>
  (await reader.get(sql`
    SELECT 1 AS "is" FROM "Original" WHERE "md5" = ${md5} AND "sha256" = ${sha256}
    UNION ALL SELECT 1 FROM "FileRemoval" WHERE "filePath" LIKE '%/' || ${md5} || '.%'`)) != null;

/** Rendering ends with a look whether the original is still there; that takes a moment. */
const makingMs = 2000;

/** Derivatives whose original is gone, or about to be looked for by the renderer. */
export async function* findIdleDerivatives(
  needs: Pick<Needs, "reader" | "tree">,
): AsyncGenerator<DerivativeFolder> {
  for await (const folder of needs.tree.walkDerivatives())
    if (!(await mayHaveDerivatives(needs, folder))) yield folder;
}

async function walkDerivatives(needs: Needs, { signal, onFinding }: Watching): Promise<boolean> {
  const suspects: DerivativeFolder[] = [];
  for await (const folder of findIdleDerivatives(needs)) {
    if (signal.aborted) return false;
    suspects.push(folder);
  }
  if (suspects.length > 0) await delay(makingMs);
  for (const folder of suspects) {
    if ((await needs.tree.identify(folder.path)) == null || (await mayHaveDerivatives(needs, folder)))
      continue;
    const message = "derivatives of an original that is not in the library";
    onFinding({ kind: "DERIVATIVE_OF_NOTHING", path: folder.path, entityId: null, message });
  }
  return true;
}

/**
 * Looks for files below the media directory that belong to nothing, also beside a working server.
 * @returns whether it came to the end.
 */
export const verifyNoOrphans = async (needs: Needs, watching: Watching): Promise<boolean> =>
  (await walkTree(needs, watching)) && (await walkDerivatives(needs, watching));
