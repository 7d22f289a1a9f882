import { setTimeout as delay } from "node:timers/promises";
import { sql } from "../db/sql.ts";
import type { Deps } from "../deps.ts";
import { StorageFullError, UnavailableError } from "../errors.ts";
import { UnmakeableError, type Job } from "../media/picture-maker.ts";
import { keyOf, type Variant, type Visible } from "./derivative.ts";
import { DerivativeFailedError } from "./errors.ts";
import { recordFailure } from "./failures.ts";
import { lookAtStill, makeVariant, type MakingNeeds } from "./making.ts";
import { findVisibleById, insertPicture, isUnseen } from "./pictures.ts";
import { preview, previewOf } from "./preview.ts";
import { namedSizes } from "./sizes.ts";
import { thumbnail, thumbnailOf } from "./thumbnail.ts";

type Needs = MakingNeeds & Pick<Deps, "media" | "config">;

/** Makes ahead what will be asked for; what is left when the program ends is in the table, and goes on at the next start. */
export interface Preparation {
  /** There may be something new. */
  wake(): void;
  /** Breaks off what is under way. */
  close(): Promise<void>;
}

/** Of the time in which requests run, at most a tenth goes into preparing. */
const restFactor = 9;

/**
 * Begins when it is first woken.
 * @param isBusy whether requests are running now.
 */
export function openPreparation(needs: Needs, isBusy: () => boolean): Preparation {
  const closing = new AbortController();
  const job: Job = { lane: "background", signal: closing.signal };
  let running: Promise<void> | undefined;
  let isWoken = false;
  const isClosing = () => closing.signal.aborted;

  const work = async () => {
    while (isWoken && !isClosing()) {
      isWoken = false;
      for (let next = findNext(needs); next != null && !isClosing(); next = findNext(needs)) {
        // What cannot be kept is not made ahead; the next upload, or the next start, tries again.
        if (!(await needs.derivativeStore.hasRoom())) return;
        const startedAt = performance.now();
        await prepare(needs, next, job);
        if (isBusy()) {
          const restMs = (performance.now() - startedAt) * restFactor;
          await delay(restMs, undefined, { signal: closing.signal, ref: false }).catch(() => undefined);
        }
      }
    }
  };

  const wake = () => {
    isWoken = true;
    if (isClosing() || !needs.config.derivativesAhead) return;
    running ??= work()
      .catch((err: unknown) => {
        // The database is gone or full: the next upload, or the next start, tries again.
        if (!isClosing()) needs.log.error({ err }, "preparing derivatives was given up for now");
      })
      .finally(() => {
        running = undefined;
        // Woken after the last look at the table, and before anybody could see that it was the last.
        if (isWoken) wake();
      });
  };

  return {
    wake,
    close: async () => {
      closing.abort();
      await running;
    },
  };
}

/** The newest first: people look at what they have just uploaded. */
const findNext = ({ db }: Needs): number | undefined =>
  db.reader.get<{ originalId: number }>(
    sql`SELECT "originalId" FROM "Preparation" ORDER BY "originalId" DESC LIMIT 1`,
  )?.originalId;

async function prepare(needs: Needs, originalId: number, job: Job): Promise<void> {
  try {
    const original = findVisibleById(needs.db, originalId) ?? (await lookAgain(needs, originalId));
    if (original != null) await prepareVisible(needs, original, job);
  } catch (err) {
    if (job.signal?.aborted === true) return;
    if (err instanceof StorageFullError || err instanceof UnavailableError) throw err;
    // One file that cannot be prepared must not keep the others waiting; it is made on demand.
    needs.log.error({ err, originalId }, "an original's derivatives could not be prepared");
  }
  if (job.signal?.aborted === true) return;
  await needs.db.prisma.preparation.deleteMany({ where: { originalId } });
}

/** What the server was not able to look at when it arrived, or an earlier version of this program did not look at. */
async function lookAgain({ db, storage, media }: Needs, originalId: number): Promise<Visible | undefined> {
  const { filePath } = await db.prisma.original.findUniqueOrThrow({ where: { id: originalId } });
  const stored = await storage.open(filePath);
  if (stored == null) return undefined;
  try {
    const facts = await media.readFacts(stored.path);
    if (facts?.isUnseen === true) throw new Error("the server is still not able to look at it");
    if (facts?.picture == null) return undefined;
    await insertPicture(db, originalId, facts.picture, facts.duration);
  } finally {
    await stored.close();
  }
  return findVisibleById(db, originalId);
}

async function prepareVisible(needs: Needs, original: Visible, job: Job): Promise<void> {
  if (original.source === "FRAME" && !needs.pictures.hasFfmpeg) return;
  if (isUnseen(needs.db, original) && !(await prepareLook(needs, original, job))) return;
  for (const variant of usualVariants(original)) {
    const stored = await needs.derivativeStore.open(keyOf(original, variant));
    await stored?.close();
    if (stored != null) continue;
    const unstored = await makeVariant(needs, original, variant, job).catch(ignoreNoted);
    await unstored?.release();
  }
}

function usualVariants(original: Visible): Variant[] {
  const stills = Object.values(namedSizes).map((wanted) => thumbnailOf(original, wanted, "WEBP"));
  return preview.appliesTo(original) ? [...stills, previewOf(original, namedSizes.GRID.width)] : stills;
}

/** Placeholder and colour of what is slow to open, such as a film. @returns whether it could be opened. */
async function prepareLook(needs: Needs, original: Visible, job: Job): Promise<boolean> {
  try {
    const { placeholder, dominantColour } = await lookAtStill(needs, original, job, (still) =>
      needs.pictures.look(still, job),
    );
    await needs.db.prisma.picture.updateMany({
      where: { originalId: original.originalId },
      data: { placeholder, dominantColour },
    });
    return true;
  } catch (error) {
    if (!(error instanceof UnmakeableError)) throw error;
    await recordFailure(needs, original, thumbnail, error);
    return false;
  }
}

/** What cannot be made is noted already. */
function ignoreNoted(error: unknown): undefined {
  if (!(error instanceof DerivativeFailedError)) throw error;
}
