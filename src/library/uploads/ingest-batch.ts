import type { Tx } from "../../database/db.ts";
import type { Opening } from "../../database/versioning/recorder.ts";
import type { Deps } from "../../deps.ts";
import { AppError, OutcomeUnknownError } from "../../errors.ts";
import type { ReceivedFile } from "../../graphql/upload.ts";
import { hasOriginalAt } from "../originals/service.ts";
import type { Publication } from "../../storage/object-store.ts";
import { ingestFile, type Ingested, type Known } from "./ingest.ts";
import { StaleError } from "./create-or-reuse.ts";

type Needs = Pick<
  Deps,
  "db" | "storage" | "media" | "clock" | "config" | "fileLocks" | "preparation" | "factsReading" | "log"
>;

/** The result of the work on a file inside the transaction. */
export interface Taken<T> {
  readonly result: T;
  /** Whether a row names its bytes now; they are withdrawn otherwise. */
  readonly isUsed: boolean;
}

/** Writes one file's rows, or throws before it has written any. @throws {StaleError} to be called again. */
export type Take<A, T> = (tx: Tx, arrival: A, step: Ingested | Known) => Promise<Taken<T>>;

export interface Intake<T> {
  /** One for each arrival, in their order. */
  readonly results: readonly (T | AppError)[];
  /** Null when nothing was written. */
  readonly transactionId: number | null;
}

/** An expected failure is a result, so that it does not lose the others. */
export const failure = (error: unknown): AppError => {
  if (error instanceof AppError) return error;
  throw error;
};

/** Takes files that have arrived to their rows, all in one transaction; whose arrival failed stays failed. */
export async function ingestFiles<A extends ReceivedFile, T>(
  needs: Needs,
  opening: Opening,
  arrivals: readonly (A | AppError)[],
  take: Take<A, T>,
): Promise<Intake<T>> {
  const staged = arrivals.flatMap((arrival) => (arrival instanceof AppError ? [] : [arrival.staged]));
  try {
    return await needs.fileLocks.hold(
      staged.map(({ md5 }) => md5),
      () => settle(needs, opening, arrivals, take),
    );
  } finally {
    await tidy(
      needs,
      staged.map((file) => file.discard()),
    );
  }
}

/** Removes files that are no longer needed; where that fails the next start does it, and the upload still succeeds. */
async function tidy({ log }: Pick<Needs, "log">, removals: readonly Promise<void>[]): Promise<void> {
  for (const removal of await Promise.allSettled(removals))
    if (removal.status === "rejected")
      log.warn({ err: removal.reason }, "a staged file could not be removed");
}

async function settle<A extends ReceivedFile, T>(
  needs: Needs,
  opening: Opening,
  arrivals: readonly (A | AppError)[],
  take: Take<A, T>,
): Promise<Intake<T>> {
  for (let attempt = 1; ; attempt++) {
    const steps = await ingestAll(needs, arrivals);
    try {
      return await commit(needs, opening, arrivals, steps, take);
    } catch (error) {
      // A hard delete came between looking and writing; with a new look the file is a new one.
      if (!(error instanceof StaleError) || attempt === 3) throw error;
    }
  }
}

type Step = Ingested | Known | AppError;

/** The same bytes twice in one batch are read and published once. */
async function ingestAll(needs: Needs, arrivals: readonly (ReceivedFile | AppError)[]): Promise<Step[]> {
  const running = new Map<string, Promise<Step>>();
  const steps = arrivals.map((arrival): Promise<Step> => {
    if (arrival instanceof AppError) return Promise.resolve(arrival);
    const { staged } = arrival;
    const same = running.get(staged.sha256);
    if (same != null) return same;
    const step: Promise<Step> = ingestFile(needs, staged).catch(failure);
    running.set(staged.sha256, step);
    return step;
  });
  const results = await Promise.allSettled(steps);
  const done = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const broken = results.find((result) => result.status === "rejected");
  if (broken == null) return done;
  await withdraw(needs, done);
  throw broken.reason;
}

interface Published {
  readonly filePath: string;
  readonly publication: Publication;
}

const publishedBy = (steps: Iterable<Step>): Published[] =>
  [...new Set(steps)].flatMap((step) =>
    "kind" in step && step.kind === "new" && step.publication != null
      ? [{ filePath: step.filePath, publication: step.publication }]
      : [],
  );

async function withdraw({ db }: Pick<Needs, "db">, steps: Iterable<Step>): Promise<void> {
  await Promise.all(
    publishedBy(steps).map(async ({ filePath, publication }) =>
      // A commit can be reported as failed and have happened: no row may lose its file.
      (await hasOriginalAt(db, filePath)) ? publication.keep() : publication.withdraw(),
    ),
  );
}

async function commit<A extends ReceivedFile, T>(
  needs: Needs,
  opening: Opening,
  arrivals: readonly (A | AppError)[],
  steps: readonly Step[],
  take: Take<A, T>,
): Promise<Intake<T>> {
  const used = new Set<Step>();
  const takeOne = async (tx: Tx, arrival: A | AppError, step: Step | undefined): Promise<T | AppError> => {
    if (arrival instanceof AppError) return arrival;
    if (step == null) throw new Error("a file was lost between two steps");
    if (step instanceof AppError) return step;
    const { result, isUsed } = await take(tx, arrival, step);
    if (isUsed) used.add(step);
    return result;
  };

  let intake: Intake<T>;
  try {
    intake = await needs.db.transaction(opening, async (tx) => {
      const results: (T | AppError)[] = [];
      for (const [index, arrival] of arrivals.entries())
        results.push(await takeOne(tx, arrival, steps[index]).catch(failure));
      return { results, transactionId: tx.transactionId };
    });
  } catch (error) {
    // Files whose rows may still come stay, with the staged names by which the next start finds them.
    if (!(error instanceof OutcomeUnknownError)) await withdraw(needs, steps);
    throw error;
  }
  await withdraw(
    needs,
    steps.filter((step) => !used.has(step)),
  );
  const kept = publishedBy(used).map(({ publication }) => publication.keep());
  await tidy(needs, kept);
  if (used.size > 0) needs.preparation.wake();
  if ([...used].some((step) => "facts" in step && step.facts.unread.length > 0)) needs.factsReading.wake();
  return intake;
}
