import type { Viewer } from "../auth/viewer.ts";
import type { Tx } from "../db/db.ts";
import type { Entity } from "../db/generated/client.ts";
import type { Deps } from "../deps.ts";
import { AppError, BadUserInputError } from "../errors.ts";
import { checkLabel, checkText } from "../entities/rules.ts";
import { getEntity } from "../entities/service.ts";
import { getParent } from "../entities/tree.ts";
import type { ReceivedFile, UploadedFile } from "../graphql/upload.ts";
import { hasOriginalAt } from "../originals/service.ts";
import type { Publication } from "../storage/storage.ts";
import { ChecksumMismatchError } from "./errors.ts";
import { ingestFile, type Ingested, type Known } from "./ingest.ts";
import { placeFile, StaleError } from "./place.ts";
import { checkMd5, type DuplicatePolicy } from "./rules.ts";

type Needs = Pick<Deps, "db" | "storage" | "media" | "clock" | "config" | "fileLocks" | "preparation">;

export interface UploadInput {
  file: UploadedFile;
  label?: string | null | undefined;
  description?: string | null | undefined;
  parentId?: string | null | undefined;
  /** The client's own, to find damage on the way. */
  md5?: string | null | undefined;
  onDuplicate: DuplicatePolicy;
}

/** What became of one file; an expected failure is an outcome, so that it does not lose the others. */
export type Outcome =
  | { readonly status: "CREATED" | "DUPLICATE" | "RESTORED"; readonly entity: Entity }
  | { readonly status: "FAILED"; readonly error: AppError };

export interface Uploaded {
  readonly outcomes: readonly Outcome[];
  /** Null when nothing was written. */
  readonly transactionId: number | null;
}

interface Arrival extends ReceivedFile {
  readonly input: UploadInput;
}

const failed = (error: unknown): Outcome => {
  if (error instanceof AppError) return { status: "FAILED", error };
  throw error;
};

const isOutcome = (value: Arrival | Outcome): value is Outcome => "status" in value;

/** Takes every file to its outcome, in the order of the inputs, all rows in one transaction. */
export async function uploadFiles(
  needs: Needs,
  viewer: Viewer,
  operation: "uploadEntity" | "uploadEntities",
  inputs: readonly UploadInput[],
): Promise<Uploaded> {
  const { uploadFilesMax } = needs.config;
  if (inputs.length > uploadFilesMax)
    throw new BadUserInputError("inputs", `expected at most ${uploadFilesMax}, got ${inputs.length}`);
  // All wait at once: the parts come in the order sent, which need not be that of the inputs.
  const arrivals = await Promise.all(inputs.map((input) => receive(needs, input).catch(failed)));
  const staged = arrivals.flatMap((arrival) => (isOutcome(arrival) ? [] : [arrival.staged]));
  try {
    return await needs.fileLocks.hold(
      staged.map(({ md5 }) => md5),
      () => settle(needs, viewer, operation, arrivals),
    );
  } finally {
    await Promise.all(staged.map((file) => file.discard()));
  }
}

/** What can be refused before the bytes come is refused then. */
async function receive({ db }: Needs, input: UploadInput): Promise<Arrival> {
  const { label, description, parentId } = input;
  if (label != null) checkLabel("input.label", label);
  if (description != null) checkText("input.description", description, "description");
  const md5 = input.md5 == null ? null : checkMd5("input.md5", input.md5);
  if (parentId != null) getParent(db, parentId);
  const received = await input.file.receive();
  if (md5 != null && md5 !== received.staged.md5) throw new ChecksumMismatchError(md5, received.staged.md5);
  return { input, ...received };
}

async function settle(
  needs: Needs,
  viewer: Viewer,
  operation: string,
  arrivals: readonly (Arrival | Outcome)[],
): Promise<Uploaded> {
  for (let attempt = 1; ; attempt++) {
    const ingested = await ingestAll(needs, arrivals);
    try {
      return await commit(needs, viewer, operation, arrivals, ingested);
    } catch (error) {
      // A hard delete came between looking and writing; with a new look the file is a new one.
      if (!(error instanceof StaleError) || attempt === 3) throw error;
    }
  }
}

type Step = Ingested | Known | Outcome;

/** The same bytes twice in one batch are read and published once. */
async function ingestAll(needs: Needs, arrivals: readonly (Arrival | Outcome)[]): Promise<Step[]> {
  const running = new Map<string, Promise<Step>>();
  const steps = arrivals.map((arrival): Promise<Step> => {
    if (isOutcome(arrival)) return Promise.resolve(arrival);
    const { staged } = arrival;
    const same = running.get(staged.sha256);
    if (same != null) return same;
    const step: Promise<Step> = ingestFile(needs, staged).catch(failed);
    running.set(staged.sha256, step);
    return step;
  });
  const results = await Promise.allSettled(steps);
  const broken = results.find((result) => result.status === "rejected");
  if (broken == null)
    return results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  await withdraw(
    needs,
    results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : [])),
  );
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
    publishedBy(steps).map(({ filePath, publication }) =>
      // A commit can be reported as failed and have happened: no row may lose its file.
      hasOriginalAt(db, filePath) ? publication.keep() : publication.withdraw(),
    ),
  );
}

async function commit(
  needs: Needs,
  viewer: Viewer,
  operation: string,
  arrivals: readonly (Arrival | Outcome)[],
  steps: readonly Step[],
): Promise<Uploaded> {
  const used = new Set<Step>();
  const place = async (tx: Tx, arrival: Arrival | Outcome, step: Step | undefined): Promise<Outcome> => {
    if (isOutcome(arrival)) return arrival;
    if (step == null || "status" in step)
      return step ?? failed(new Error("a file was lost between two steps"));
    const { status, id } = await placeFile(tx, arrival, step);
    if (status === "CREATED") used.add(step);
    return { status, entity: getEntity(tx, id) };
  };

  let uploaded: Uploaded;
  try {
    uploaded = await needs.db.transaction({ operation, actor: viewer.actor, reason: null }, async (tx) => {
      const outcomes: Outcome[] = [];
      for (const [index, arrival] of arrivals.entries())
        outcomes.push(await place(tx, arrival, steps[index]).catch(failed));
      return { outcomes, transactionId: tx.transactionId };
    });
  } catch (error) {
    await withdraw(needs, steps);
    throw error;
  }
  await withdraw(
    needs,
    steps.filter((step) => !used.has(step)),
  );
  await Promise.all(publishedBy(used).map(({ publication }) => publication.keep()));
  if (used.size > 0) needs.preparation.wake();
  return uploaded;
}
