import type { Deps } from "../deps.ts";
import { UnmakeableError, type Job } from "../media/picture-maker.ts";
import type { StoredFile } from "../storage/stored-file.ts";
import { keyOf, nameOf, type PictureFile, type Variant, type Visible } from "./derivative.ts";
import { DerivativeFailedError, TooBusyError } from "./errors.ts";
import { checkNotFailed, forgetFailure, recordFailure } from "./failures.ts";
import { findVisibleById } from "./pictures.ts";

export type MakingNeeds = Pick<
  Deps,
  "db" | "storage" | "derivativeStore" | "hotFiles" | "pictures" | "derivativeRuns" | "clock" | "log"
>;

/**
 * Opens a derivative, making it first where it is not there: once, however many ask at the same time.
 * @throws {DerivativeFailedError} @throws {TooBusyError} @throws {StorageFullError}
 */
export async function openVariant(
  needs: MakingNeeds,
  original: Visible,
  variant: Variant,
): Promise<StoredFile | undefined> {
  const key = keyOf(original, variant);
  const name = `${key.md5}/${key.sha256}/${key.name}`;
  const stored = await needs.hotFiles.open(name, () => needs.derivativeStore.open(key));
  if (stored != null) return stored;
  const run = needs.derivativeRuns.join(name, async () => {
    checkNotFailed(needs, original, variant.derivative);
    await makeVariant(needs, original, variant, { lane: "interactive" });
  });
  if (run == null) throw new TooBusyError();
  await run;
  // Absent when the original was destroyed, or the folder emptied, in between.
  return needs.derivativeStore.open(key);
}

/** Makes it whether it is there or not. @throws {DerivativeFailedError} after noting the failure. */
export async function makeVariant(
  needs: MakingNeeds,
  original: Visible,
  variant: Variant,
  job: Job,
): Promise<void> {
  const { derivativeStore, pictures } = needs;
  const { derivative } = variant;
  try {
    await withOriginal(needs, original, (file) =>
      fill(needs, original, nameOf(variant), (target) => {
        const still = (atMs?: number) => stillOf(needs, original, file, job, atMs);
        return variant.make({ pictures, original: file, still, target, job });
      }),
    );
  } catch (error) {
    // Destroyed while it was being read: nobody is owed a picture of it any more.
    if (isDestroyed(needs, original)) return;
    if (!(error instanceof UnmakeableError)) throw error;
    needs.log.warn(
      { originalId: original.originalId, derivative: nameOf(variant), code: error.code },
      error.message,
    );
    await recordFailure(needs, original, derivative, error);
    throw new DerivativeFailedError(derivative.name, error.message, { cause: error });
  }
  await forgetFailure(needs, original, derivative);
  // A hard delete that came in between has found nothing to remove.
  if (isDestroyed(needs, original)) await derivativeStore.remove(original.md5);
}

const isDestroyed = ({ db }: MakingNeeds, { originalId }: Visible) => findVisibleById(db, originalId) == null;

async function fill(
  { derivativeStore }: MakingNeeds,
  { md5, sha256 }: Visible,
  name: string,
  make: (target: string) => Promise<void>,
): Promise<void> {
  const draft = await derivativeStore.draft();
  try {
    await make(draft.path);
    await draft.publish({ md5, sha256, name });
  } finally {
    await draft.discard();
  }
}

/** The original by path, checked to be a file of ours; open meanwhile. */
async function withOriginal<T>(
  { storage }: MakingNeeds,
  { filePath, mimeType }: Visible,
  work: (file: PictureFile) => Promise<T>,
): Promise<T> {
  const stored = await storage.open(filePath);
  if (stored == null)
    throw new UnmakeableError("UNDECODABLE", "the original is missing from the media directory");
  try {
    return await work({ path: stored.path, mimeType });
  } finally {
    await stored.close();
  }
}

/** Raise it when what is extracted changes. */
const stillRevision = 1;

/**
 * What sharp decodes in place of an original it cannot decode: kept, because a film or RAW is slow to open, and
 * each size would open it again. No derivative by itself, as it has no URL.
 */
async function stillOf(
  needs: MakingNeeds,
  original: Visible,
  file: PictureFile,
  job: Job,
  atMs?: number,
): Promise<PictureFile> {
  const { source, width, height, md5, sha256 } = original;
  if (source === "FILE") return file;
  const name = `still.${stillRevision}${atMs == null ? "" : `.t${atMs}`}`;
  const known = await needs.derivativeStore.open({ md5, sha256, name });
  if (known == null) {
    const moment = atMs == null ? {} : { atSeconds: atMs / 1000 };
    const extract = () =>
      fill(needs, original, name, (target) =>
        needs.pictures.extractStill({ ...file, source, width, height, ...moment }, target, job),
      );
    // Several sizes asked for at once need it once. The background's slow run is not worth waiting for.
    const run = job.lane === "interactive" && needs.derivativeRuns.join(`${md5}/${sha256}/${name}`, extract);
    await (run || extract());
  }
  const made = known ?? (await needs.derivativeStore.open({ md5, sha256, name }));
  if (made == null)
    throw new UnmakeableError("UNDECODABLE", "the folder of derivatives was emptied meanwhile");
  await made.close();
  // Its type is told by its bytes; nothing but SVG needs to be told apart by name.
  return { path: made.path, mimeType: "image/jpeg" };
}

/** The still of a film or of what sharp cannot decode, by path. @throws {UnmakeableError} */
export const makeStill = (needs: MakingNeeds, original: Visible, job: Job): Promise<PictureFile> =>
  withOriginal(needs, original, (file) => stillOf(needs, original, file, job));
