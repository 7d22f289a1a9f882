import { systemReading } from "../database/versioning/recorder.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { isMomentary, isToolMissing } from "../media/facts/momentary-error.ts";
import { UnmakeableError, type Job } from "../media/decoding/picture-maker.ts";
import type { DerivativeDraft, DerivativeKey } from "../storage/derivative-store.ts";
import type { StoredFile } from "../storage/object-store.ts";
import { keyOf, type PictureFile, type Variant, type Visible } from "./derivative.ts";
import { DerivativeFailedError, DerivativeLateError, TooBusyError } from "./errors.ts";
import { checkNotFailed, forgetFailure, pauseMs, recordFailure } from "./failures.ts";
import { findVisibleById, isUnseen, writeLook } from "./pictures.ts";

export type MakingNeeds = Pick<
  Deps,
  | ("db" | "storage" | "fileLocks" | "derivativeStore" | "hotFiles" | "pictures" | "derivativeRuns")
  | ("clock" | "config" | "log")
>;

/**
 * Opens a derivative, making it first where it is not there: once, however many ask at the same time.
 * @throws {DerivativeLateError} when it takes longer than anybody waits: it is made all the same
 * @throws {DerivativeFailedError} @throws {TooBusyError} @throws {StorageFullError}
 */
export async function openVariant(
  needs: MakingNeeds,
  original: Visible,
  variant: Variant,
): Promise<StoredFile | undefined> {
  const key = keyOf(original, variant);
  const name = `${key.md5}/${key.sha256}/${key.name}`;
  needs.derivativeStore.touch(key);
  const stored = await needs.hotFiles.open(name, () => needs.derivativeStore.open(key));
  if (stored != null) return stored;
  const run = needs.derivativeRuns.join(name, async () => {
    await checkNotFailed(needs, original, variant.derivative);
    const made = await makeVariant(needs, original, variant, { lane: "interactive" });
    // Without preparation no other code would ever look at originals that are slow to open.
    if (!needs.config.derivativesAhead) await lookWhenShown(needs, original);
    // When all who wait for this run have begun to open it.
    if (made != null) setImmediate(() => void made.release());
    return made;
  });
  if (run == null) throw new TooBusyError();
  const unstored = await inTime(
    run,
    () => new DerivativeLateError(variant.derivative.name, pauseMs(0)),
    needs.config.pictureTimeoutMs,
  );
  if (unstored != null) return needs.hotFiles.open(name, () => unstored.open());
  // Absent when the original was destroyed, or the folder emptied, in between.
  return needs.derivativeStore.open(key);
}

/** How an original looks is found out with its first picture, whose still is there; that it cannot be fails no picture. */
async function lookWhenShown(needs: MakingNeeds, original: Visible): Promise<void> {
  const { originalId } = original;
  if (!(await isUnseen(needs.db, original))) return;
  const job: Job = { lane: "interactive" };
  try {
    const look = await lookAtStill(needs, original, job, (still) => needs.pictures.look(still, job));
    await needs.db.transaction(systemReading, (tx) => writeLook(tx, originalId, look));
  } catch (err) {
    needs.log.warn({ err, originalId }, "an original that was shown could not be looked at");
  }
}

/** A derivative that there was no room to store; its file is removed when its last reader closes it. */
export class Unstored {
  readonly #draft: DerivativeDraft;
  #holders = 1;

  constructor(draft: DerivativeDraft) {
    this.#draft = draft;
  }

  async open(): Promise<StoredFile | undefined> {
    this.#holders++;
    try {
      return await this.#draft.open();
    } finally {
      await this.release();
    }
  }

  async release(): Promise<void> {
    if (--this.#holders === 0) await this.#draft.discard();
  }
}

/** The run's end, unless it comes too late for who waits; the run goes on. */
async function inTime<T>(run: Promise<T>, lateError: () => Error, waitMs: number): Promise<T> {
  run.catch(() => undefined);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(lateError());
    }, waitMs);
  });
  return await Promise.race([run, late]).finally(() => {
    clearTimeout(timer);
  });
}

/** Failures that are temporary without saying so: a process that cannot be started, for example. */
const asUnmakeable = (error: unknown) =>
  error instanceof UnmakeableError
    ? error
    : new UnmakeableError("UNDECODABLE", "It could not be made for the moment", {
        cause: error,
        isMomentary: true,
      });

/** Whether the decoders work, so that they are not to blame for what they could not do in the background. */
const isAtRest = async ({ pictures }: MakingNeeds, job: Job): Promise<boolean> =>
  job.lane === "background" &&
  (await pictures.ping(job).then(
    () => true,
    () => false,
  ));

/**
 * Notes why it could not be made.
 * @returns what to tell who waits.
 */
export async function noteFailure(
  needs: MakingNeeds,
  original: Visible,
  derivative: Variant["derivative"],
  error: unknown,
  job: Job,
): Promise<DerivativeFailedError | DerivativeLateError> {
  const failure = asUnmakeable(error);
  const { originalId } = original;
  needs.log.warn(
    { err: error, originalId, derivative: derivative.name, code: failure.code },
    failure.message,
  );
  const isLate = await recordFailure(
    needs,
    original,
    derivative,
    failure,
    isMomentary(failure) && !isToolMissing(failure) && (await isAtRest(needs, job)),
  );
  return isLate
    ? new DerivativeLateError(derivative.name, pauseMs(0), { cause: error })
    : new DerivativeFailedError(derivative.name, failure.message, { cause: error });
}

/**
 * Makes it whether it is there or not.
 * @returns what there was no room to store, for the caller to release; undefined when it is stored.
 * @throws {DerivativeFailedError} @throws {DerivativeLateError} after noting it.
 */
export async function makeVariant(
  needs: MakingNeeds,
  original: Visible,
  variant: Variant,
  job: Job,
): Promise<Unstored | undefined> {
  const { pictures } = needs;
  const { derivative } = variant;
  let unstored: Unstored | undefined;
  try {
    unstored = await withOriginal(needs, original, (file) =>
      fill(needs, original, keyOf(original, variant), (target) =>
        variant.make({
          ...{ pictures, original: file, target, job },
          withStill: (use, atMs) => withStill(needs, original, { file, job, atMs }, use),
        }),
      ),
    );
  } catch (error) {
    // Destroyed while it was being read: no picture of it may be served.
    if (await isDestroyed(needs, original)) return undefined;
    if (error instanceof AppError || job.signal?.aborted === true) throw error;
    throw await noteFailure(needs, original, derivative, error, job);
  }
  await forgetFailure(needs, original, derivative);
  return unstored;
}

const isDestroyed = async ({ db }: MakingNeeds, { originalId }: Visible) =>
  (await findVisibleById(db, originalId)) == null;

/**
 * Makes a file and stores it, unless its original is destroyed meanwhile.
 * @returns what there was no room for.
 */
async function fill(
  needs: MakingNeeds,
  original: Visible,
  key: DerivativeKey,
  make: (target: string) => Promise<void>,
): Promise<Unstored | undefined> {
  const draft = await needs.derivativeStore.draft();
  let isKept = false;
  try {
    await draft.withLocalFile(make);
    // Looking and publishing belong together: the removal of the original, which a crash only postpones, takes what
    // was published before it along, and waits for this one.
    isKept = await needs.fileLocks.hold(
      [original.md5],
      async () => !(await isDestroyed(needs, original)) && !(await draft.publish(key)),
    );
    return isKept ? new Unstored(draft) : undefined;
  } finally {
    if (!isKept) await draft.discard();
  }
}

/** The original by path. */
async function withOriginal<T>(
  { storage }: MakingNeeds,
  { filePath, mimeType }: Visible,
  work: (file: PictureFile) => Promise<T>,
): Promise<T> {
  const done = await storage.withLocalFile(filePath, async (path) => ({
    of: await work({ path, mimeType }),
  }));
  if (done == null)
    throw new UnmakeableError("UNDECODABLE", "the original is missing from the media directory");
  return done.of;
}

/** Raise it when what is extracted changes. */
const stillRevision = 2;

interface StillNeeds {
  readonly file: PictureFile;
  readonly job: Job;
  readonly atMs?: number | undefined;
}

/**
 * What sharp decodes in place of an original it cannot decode: kept where there is room, because a video or RAW file
 * is slow to open, and each size would open it again. No derivative by itself, as it has no URL.
 */
async function withStill<T>(
  needs: MakingNeeds,
  original: Visible,
  { file, job, atMs }: StillNeeds,
  use: (still: PictureFile) => Promise<T>,
): Promise<T> {
  const { source, width, height, md5, sha256 } = original;
  if (source === "FILE") return use(file);
  const { derivativeStore, derivativeRuns } = needs;
  const key = { md5, sha256, name: `still.${stillRevision}${atMs == null ? "" : `.t${atMs}`}` };
  const moment = atMs == null ? {} : { atSeconds: atMs / 1000 };
  const extract = (target: string) =>
    needs.pictures.extractStill({ ...file, source, width, height, ...moment }, target, job);
  // Its type is told by its bytes; nothing but SVG needs to be told apart by name.
  const useAt = async (path: string) => ({ of: await use({ path, mimeType: "image/jpeg" }) });
  derivativeStore.touch(key);
  let used = await derivativeStore.withLocalFile(key, useAt);
  if (used != null) return used.of;
  if (await derivativeStore.hasRoom()) {
    const store = async () => {
      await (await fill(needs, original, key, extract))?.release();
      return undefined;
    };
    // Several sizes asked for at once need it once. The background's slow run is not worth waiting for.
    const run = job.lane === "interactive" && derivativeRuns.join(`${md5}/${sha256}/${key.name}`, store);
    await (run || store());
  }
  used = await derivativeStore.withLocalFile(key, useAt);
  if (used != null) return used.of;
  const draft = await derivativeStore.draft();
  try {
    await draft.withLocalFile(extract);
    return (await draft.withLocalFile(useAt)).of;
  } finally {
    await draft.discard();
  }
}

/** Looks at the still of a video or of what sharp cannot decode. @throws {UnmakeableError} */
export const lookAtStill = <T>(
  needs: MakingNeeds,
  original: Visible,
  job: Job,
  look: (still: PictureFile) => Promise<T>,
): Promise<T> => withOriginal(needs, original, (file) => withStill(needs, original, { file, job }, look));
