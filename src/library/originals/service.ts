import type { Tx } from "../../database/db.ts";
import { list } from "../../database/dialect.ts";
import type { Original } from "../../database/generated/client.ts";
import type { EntityId } from "../../database/model/ids.ts";
import { areRemovalsHeld } from "../../storage/removal-hold.ts";
import { sql } from "../../database/sql.ts";
import type { Deps } from "../../deps.ts";

type Needs = Pick<Deps, "config" | "db" | "storage" | "derivativeStore" | "fileLocks">;
type Reading = Pick<Tx, "reader">;

/** The stored facts of an original; `fileSize` in bytes. */
export type OriginalRow = Pick<Original, "id" | "md5" | "sha256" | "filePath"> & {
  readonly fileSize: number;
};

export function findOriginal({ reader }: Reading, md5: string): Promise<OriginalRow | undefined> {
  return reader.get<OriginalRow>(
    sql`SELECT "id", "md5", "sha256", "filePath", "fileSize" FROM "Original" WHERE "md5" = ${md5}`,
  );
}

export const hasOriginalAt = async ({ reader }: Reading, filePath: string): Promise<boolean> =>
  (await reader.get(sql`SELECT 1 AS "is" FROM "Original" WHERE "filePath" = ${filePath}`)) != null;

/** Originals that these entities' versions use and no other entity's does. */
export function listOriginalsOfOnly({ reader }: Reading, ids: readonly EntityId[]): Promise<OriginalRow[]> {
  return reader.all<OriginalRow>(sql`
    SELECT o."id", o."md5", o."sha256", o."filePath", o."fileSize" FROM "Original" o
    WHERE o."id" IN (
        SELECT v."originalId" FROM "EntityVersion" v
        WHERE v."entityId" IN (${list(ids)}) AND v."originalId" IS NOT NULL)
      AND NOT EXISTS (
        SELECT 1 FROM "EntityVersion" w
        WHERE w."originalId" = o."id" AND w."entityId" NOT IN (${list(ids)}))`);
}

/** Those of the originals that no version uses. */
export const listUnusedOriginals = ({ reader }: Reading, ids: readonly number[]): Promise<OriginalRow[]> =>
  reader.all<OriginalRow>(sql`
    SELECT o."id", o."md5", o."sha256", o."filePath", o."fileSize" FROM "Original" o
    WHERE o."id" IN (${list(ids)})
      AND NOT EXISTS (SELECT 1 FROM "EntityVersion" v WHERE v."originalId" = o."id")`);

/**
 * Deletes the rows and notes the files, so that what a crash leaves undone after the commit is done at
 * the next start.
 */
export async function forgetOriginals(
  { prisma, reader }: Tx,
  originals: readonly OriginalRow[],
): Promise<void> {
  if (originals.length === 0) return;
  // The same bytes may have come and gone again before the first removal was done.
  const noted = new Set(
    (await reader.all<{ filePath: string }>(sql`SELECT "filePath" FROM "FileRemoval"`)).map(pathOf),
  );
  const paths = originals.map(pathOf).filter((filePath) => !noted.has(filePath));
  await prisma.fileRemoval.createMany({ data: paths.map((filePath) => ({ filePath })) });
  await prisma.original.deleteMany({ where: { id: { in: originals.map(({ id }) => id) } } });
}

const pathOf = ({ filePath }: { filePath: string }) => filePath;

/** `YYYY/MM/DD/{md5}.{extension}` */
const md5OfPath = (filePath: string) => filePath.slice(filePath.lastIndexOf("/") + 1).split(".")[0] ?? "";

/**
 * Unlinks the files of committed deletions and what was made from them, unless the same bytes have come back in
 * the meantime. While a backup is being made they are left for later.
 * @param signal leaves the rest for the next time, which is the next start at the latest.
 * @throws {AggregateError} with what the disk refused, when all others are gone.
 */
export async function removeForgottenFiles(
  { config, db, storage, derivativeStore, fileLocks }: Needs,
  signal?: AbortSignal,
): Promise<void> {
  const removals = await db.reader.all<{ filePath: string }>(sql`SELECT "filePath" FROM "FileRemoval"`);
  const removeOne = async (filePath: string, md5: string) => {
    if (areRemovalsHeld(config.mediaDir)) return;
    if (await hasOriginalAt(db, filePath)) return forgetNeedlessRemoval(db, filePath);
    await storage.remove(filePath);
    await derivativeStore.remove(md5);
    await db.prisma.fileRemoval.deleteMany({ where: { filePath } });
  };
  const failures: unknown[] = [];
  for (const { filePath } of removals) {
    if (signal?.aborted === true) break;
    const md5 = md5OfPath(filePath);
    // One that the disk refuses keeps none of those behind it.
    await fileLocks
      .hold([md5], () => removeOne(filePath, md5))
      .catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) throw new AggregateError(failures, "files could not be removed");
}

/** In one statement: who destroys the bytes once more after we looked needs the note, which is then theirs. */
async function forgetNeedlessRemoval(db: Needs["db"], filePath: string): Promise<void> {
  await db.write(sql`
    DELETE FROM "FileRemoval" WHERE "filePath" = ${filePath}
      AND EXISTS (SELECT 1 FROM "Original" WHERE "filePath" = ${filePath})`);
}

/** Ends what servers have left that died while they were storing a file. @returns how many objects were removed. */
export const sweepStrays = ({ db, storage }: Pick<Needs, "db" | "storage">): Promise<number> =>
  storage.sweep((filePath) => hasOriginalAt(db, filePath));

/** The same after a commit, which is no less done for what the disk refuses: that is tried again every few seconds. */
export async function removeForgottenFilesOrLater(
  needs: Needs & Pick<Deps, "log">,
  signal?: AbortSignal,
): Promise<void> {
  try {
    await removeForgottenFiles(needs, signal);
  } catch (err) {
    needs.log.error({ err }, "files of destroyed entities could not be removed yet");
  }
}

/** Cleans up after a crash, before the first request. @returns how many files were removed. */
export async function recoverFiles(needs: Needs & Pick<Deps, "log">): Promise<number> {
  const removed = await needs.storage.recover((filePath) => hasOriginalAt(needs.db, filePath));
  await removeForgottenFilesOrLater(needs);
  return removed;
}
