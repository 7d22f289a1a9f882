import { openWorkQueue, type Work, type WorkQueue } from "../concurrency/work-queue.ts";
import { systemReading } from "../database/versioning/recorder.ts";
import type { Deps } from "../deps.ts";
import { AppError, StorageFullError, UnavailableError } from "../errors.ts";
import type { Job, Look } from "../media/decoding/picture-maker.ts";
import { keyOf, type Variant, type Visible } from "./derivative.ts";
import { DerivativeFailedError, DerivativeLateError } from "./errors.ts";
import { attemptsMax, pauseMs } from "./failures.ts";
import { lookAtStill, makeVariant, noteFailure, type MakingNeeds } from "./making.ts";
import { findVisibleById, isUnseen, putPicture, showChange, writeLook } from "./pictures.ts";
import { bringForward, findNext, findNextAt, postpone, type Next } from "./preparation-queue.ts";
import { preview, previewOf } from "./preview.ts";
import { namedSizes } from "./sizes.ts";
import { thumbnail, thumbnailOf } from "./thumbnail.ts";

type Needs = MakingNeeds & Pick<Deps, "media">;

/** The results of a batch are written in one transaction. */
const batch = { tasks: 20, ms: 5_000 };

/** A missing tool is usually installed while the server is stopped, and each start tries everything. */
const toolMissingMs = 3_600_000;

/** One that was prepared, and how it looks where that was found out. */
interface Prepared {
  readonly originalId: number;
  readonly look: Look | null;
}

/**
 * Makes ahead what will be asked for.
 * @param isBusy whether requests are running now.
 */
export function openPreparation(needs: Needs, isBusy: () => boolean): WorkQueue {
  const { derivativeStore, log } = needs;
  const work: Work<Next, Prepared> = {
    batch,
    begin: () => bringForward(needs),
    find: async (inHand) => {
      const next = await findNext(needs, inHand);
      // A derivative that cannot be stored is not made ahead; the next upload, or the next start, tries again.
      return next != null && (await derivativeStore.hasRoom()) ? next : undefined;
    },
    run: (next, { signal }) => prepare(needs, next, { lane: "background", signal }),
    write: (prepared) => settle(needs, prepared),
    findNextAt: () => findNextAt(needs),
    giveUp: (err) => {
      // The database is gone or full: the next upload, or the next start, tries again.
      log.error({ err }, "preparing derivatives was given up for now");
      return null;
    },
  };
  const queue = openWorkQueue(work, needs.clock, isBusy);
  return needs.config.derivativesAhead ? queue : { ...queue, wake: () => undefined };
}

/** Writes what was found out, a version for each that shows something new now. */
async function settle(needs: Needs, batch: readonly Prepared[]): Promise<void> {
  const looks = batch.flatMap(({ originalId, look }) => (look == null ? [] : [{ originalId, look }]));
  if (looks.length > 0)
    await needs.db.transaction(systemReading, async (tx) => {
      for (const { originalId, look } of looks) await writeLook(tx, originalId, look);
    });
  const originalIds = batch.map(({ originalId }) => originalId);
  await needs.db.prisma.preparation.deleteMany({ where: { originalId: { in: originalIds } } });
}

/** @returns undefined when it is to be tried again. */
async function prepare(needs: Needs, next: Next, job: Job): Promise<Prepared | undefined> {
  const { originalId, attempts } = next;
  const isClosing = () => job.signal?.aborted === true;
  try {
    const original = (await findVisibleById(needs.db, originalId)) ?? (await lookAgain(needs, originalId));
    const look = original == null ? null : await prepareVisible(needs, original, job);
    return isClosing() ? undefined : { originalId, look };
  } catch (err) {
    if (isClosing()) return undefined;
    if (err instanceof StorageFullError || err instanceof UnavailableError) throw err;
    // One file that cannot be prepared must not keep the others waiting.
    const isLate = err instanceof DerivativeLateError;
    if (!isLate) needs.log.error({ err, originalId }, "an original's derivatives could not be prepared");
    if (isLate && err.isToolMissing) {
      await postpone(needs, { originalId, attempts: attempts - 1 }, toolMissingMs);
      return undefined;
    }
    if (attempts + 1 >= attemptsMax) return { originalId, look: null };
    await postpone(needs, next, pauseMs(attempts));
    return undefined;
  }
}

/** Looks at originals that an earlier version of this program skipped; the result is a version, which subscribers receive. */
async function lookAgain({ db, storage, media }: Needs, originalId: number): Promise<Visible | undefined> {
  const original = await db.prisma.original.findUnique({ where: { id: originalId } });
  if (original == null) return undefined;
  const read = async (path: string) => ({ facts: await media.readFacts(path, "background") });
  const facts = (await storage.withLocalFile(original.filePath, read))?.facts;
  if (facts?.isUnseen === true) throw new Error("the server is still not able to look at it");
  if (facts?.picture == null) return undefined;
  await db.transaction(systemReading, async (tx) => {
    if (await putPicture(tx, originalId, facts)) await showChange(tx, originalId);
  });
  return await findVisibleById(db, originalId);
}

/**
 * @returns its look, if that was still unknown.
 * @throws {DerivativeLateError} when any of it is to be tried again
 */
async function prepareVisible(needs: Needs, original: Visible, job: Job): Promise<Look | null> {
  const look = (await isUnseen(needs.db, original)) ? await prepareLook(needs, original, job) : null;
  if (look === undefined) return null;
  let late: DerivativeLateError | undefined;
  for (const variant of usualVariants(original)) {
    if ((await needs.derivativeStore.stat(keyOf(original, variant))) != null) continue;
    const unstored = await makeVariant(needs, original, variant, job).catch((error: unknown) => {
      // Permanent failures are noted already.
      if (error instanceof DerivativeLateError) late = error;
      else if (!(error instanceof DerivativeFailedError)) throw error;
      return undefined;
    });
    await unstored?.release();
  }
  // The look is lost with it, and costs little: the still it is taken of is kept.
  if (late != null) throw late;
  return look;
}

function usualVariants(original: Visible): Variant[] {
  const stills = Object.values(namedSizes).map((wanted) => thumbnailOf(original, wanted, "WEBP"));
  return preview.appliesTo(original) ? [...stills, previewOf(original, namedSizes.GRID.width)] : stills;
}

/**
 * Placeholder and colour of an original that is slow to open, such as a video.
 * @returns undefined when it cannot be opened, which is noted.
 * @throws {DerivativeLateError}
 */
async function prepareLook(needs: Needs, original: Visible, job: Job): Promise<Look | undefined> {
  try {
    return await lookAtStill(needs, original, job, (still) => needs.pictures.look(still, job));
  } catch (error) {
    if (error instanceof AppError || job.signal?.aborted === true) throw error;
    const noted = await noteFailure(needs, original, thumbnail, error, job);
    if (noted instanceof DerivativeLateError) throw noted;
    return undefined;
  }
}
